import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  buildSchema,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
  validateSchema,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const SKETCH = resolve(ROOT, '../shared/schema-sketch.graphql');

const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);

/** Every part of a type that a client sees: itself, its fields and their arguments, its values. */
function partsOf(type: GraphQLNamedType): (readonly [string, string | null | undefined])[] {
  const parts: (readonly [string, string | null | undefined])[] = [[type.name, type.description]];
  if (isEnumType(type)) {
    parts.push(
      ...type.getValues().map((value) => [`${type.name}.${value.name}`, value.description] as const),
    );
  }
  if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) {
      parts.push([`${type.name}.${field.name}`, field.description]);
      if ('args' in field) {
        parts.push(
          ...field.args.map(
            (arg: { name: string; description: string | null | undefined }) =>
              [`${type.name}.${field.name}(${arg.name}:)`, arg.description] as const,
          ),
        );
      }
    }
  }
  return parts;
}

describe('the schema', () => {
  it('is valid', () => {
    expect(validateSchema(schema)).toEqual([]);
  });

  it('is printed in schema.graphql as it is', () => {
    const committed = readFileSync(resolve(ROOT, 'schema.graphql'), 'utf8');
    expect(committed).toBe(`${printSchema(lexicographicSortSchema(schema))}\n`);
  });

  it('explains every type, field, argument and value', () => {
    const silent = types.flatMap(partsOf).filter(([, description]) => (description ?? '').trim().length < 10);
    expect(silent.map(([name]) => name)).toEqual([]);
  });

  it('answers every mutation with the object or an error that has a code and a message', () => {
    const errorFields = Object.keys(schema.getType('Error')?.toConfig() ?? {});
    expect(errorFields).not.toEqual([]);
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      expect(String(field.type)).toBe(`${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}Result!`);
      expect(field.args.map((arg) => arg.name)).toEqual(['input']);
    }
  });
});

describe('the names that clients are promised', () => {
  /** Parts of the sketch that are not built yet; this list only ever gets shorter. */
  const LATER = new Set([
    'Query.viewer',
    'Query.apiKeys',
    'Connector.syncRuns',
    'Mutation.connectWithRefreshToken',
    'Mutation.disconnect',
    'Mutation.createApiKey',
    'Mutation.revokeApiKey',
    'Mutation.planSync',
    'Mutation.applySync',
    'Mutation.cancelSync',
  ]);

  it('keep their types, their arguments and their nullability', (context) => {
    if (!existsSync(SKETCH)) {
      context.skip('the sketch of the schema is not beside this checkout');
      return;
    }
    const differences: string[] = [];
    for (const [typeName, fieldName, promised, argumentNames] of promisedFields(
      readFileSync(SKETCH, 'utf8'),
    )) {
      const name = `${typeName}.${fieldName}`;
      if (LATER.has(name)) continue;
      const type = schema.getType(typeName);
      const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName] : undefined;
      if (String(field?.type) !== promised) differences.push(`${name}: ${promised}, but is ${field?.type}`);
      const has = field?.args.map((arg) => arg.name) ?? [];
      for (const argument of argumentNames)
        if (!has.includes(argument)) differences.push(`${name}(${argument}:)`);
    }
    expect(differences).toEqual([]);
  });

  /** The sketch names types that it does not define; those become empty scalars, so that it can be parsed. */
  function promisedFields(text: string): [string, string, string, string[]][] {
    const withoutLater = text.replace(/^type Subscription[\s\S]*?^}/m, '');
    const defined = new Set(
      [...withoutLater.matchAll(/^(?:type|interface|input|enum|scalar) (\w+)/gm)].map((match) => match[1]),
    );
    const mentioned = new Set(
      [...withoutLater.replace(/"[^"]*"|#.*/g, '').matchAll(/: ?\[?(\w+)/g)].map((match) => match[1]),
    );
    const builtIn = new Set(['ID', 'String', 'Int', 'Boolean', 'Float']);
    const missing = [...mentioned].filter((name) => !defined.has(name) && !builtIn.has(name ?? ''));
    const declared = missing.map((name) => `scalar ${name}`);
    const sketch = buildSchema(`${withoutLater}\n${[...declared, 'interface Node { id: ID! }'].join('\n')}`, {
      assumeValid: true,
    });
    return Object.values(sketch.getTypeMap()).flatMap((type) =>
      (isObjectType(type) || isInterfaceType(type)) && !isIntrospectionType(type)
        ? Object.values(type.getFields()).map((field): [string, string, string, string[]] => [
            type.name,
            field.name,
            String(field.type),
            field.args.map((arg) => arg.name),
          ])
        : [],
    );
  }
});
