import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type GraphQLNamedType,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
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

  it('answers every mutation with a payload that has an error of a code, a message and whether to try again', () => {
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      const payload = field.type;
      expect([field.name, isObjectType(payload)]).toEqual([field.name, true]);
      if (isObjectType(payload)) expect(String(payload.getFields().error?.type)).toBe('Error');
      expect(field.extensions.directives?.semanticNonNull).toEqual({});
      expect(field.args.map((arg) => arg.name)).toEqual(['input']);
    }
    const error = schema.getType('Error');
    const fields = isInterfaceType(error) ? error.getFields() : {};
    const types = ['code', 'message', 'retryable', 'retryAfter'].map((name) => String(fields[name]?.type));
    expect(types).toEqual(['ErrorCode!', 'String!', 'Boolean!', 'Int']);
  });

  it('has errors that stay whole if what belongs to them cannot be read', () => {
    const objects = types
      .filter(isObjectType)
      .flatMap((type) =>
        type.getInterfaces().some(({ name }) => name === 'Error')
          ? Object.values(type.getFields()).map(
              (field) => [`${type.name}.${field.name}`, field.type] as const,
            )
          : [],
      );
    const readLater = objects.filter(([, type]) => {
      const named = getNamedType(type);
      return isCompositeType(named) && named.name !== 'FieldProblem';
    });
    expect(readLater.map(([name]) => name)).toEqual([
      'Ambiguous.candidates',
      'Conflict.current',
      'NoSeatsLeft.license',
      'NotConnected.connector',
    ]);
    expect(readLater.filter(([, type]) => isNonNullType(type))).toEqual([]);
  });

  it('has no union of more than ten types', () => {
    const large = types.filter((type) => isUnionType(type) && type.getTypes().length > 10);
    expect(large).toEqual([]);
  });

  it('has no field of Query that takes others with it when it fails, but for the caller', () => {
    const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
    expect(fields.filter(({ type }) => isNonNullType(type)).map(({ name }) => name)).toEqual(['viewer']);
  });
});
