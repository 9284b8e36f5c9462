import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  validateSchema,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.ts';
import { printSdl } from '../../src/schema/sdl.ts';

const ROOT = resolve(import.meta.dirname, '../..');

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
    expect(committed).toBe(printSdl(schema, 'marked'));
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
