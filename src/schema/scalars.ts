import { GraphQLScalarType, GraphQLString } from 'graphql';
import { GraphQLDateTimeISO, GraphQLEmailAddress, GraphQLJSON } from 'graphql-scalars';
import { builder } from './builder.ts';

builder.addScalarType(
  'DateTime',
  new GraphQLScalarType({
    ...GraphQLDateTimeISO.toConfig(),
    name: 'DateTime',
    description: 'A moment in time, as ISO 8601 with time zone: 2026-11-25T08:30:00.000Z.',
  }),
);

/** Strict about what clients send, tolerant of what Webex holds: one odd value must not cost a whole list. */
function tolerant<Input>(strict: GraphQLScalarType<Input, unknown>, name: string, description: string) {
  const { coerceInputLiteral, coerceInputValue, specifiedByURL } = strict.toConfig();
  return new GraphQLScalarType<Input, string>({
    name,
    description,
    specifiedByURL,
    coerceInputValue,
    ...(coerceInputLiteral === undefined ? {} : { coerceInputLiteral }),
    coerceOutputValue: String,
  });
}

builder.addScalarType('EmailAddress', tolerant(GraphQLEmailAddress, 'EmailAddress', 'An e-mail address.'));
// What is acceptable differs from field to field, and has to name the field: so any text passes here.
builder.addScalarType('URL', tolerant(GraphQLString, 'URL', 'An absolute address on the web.'));
builder.addScalarType(
  'JSON',
  new GraphQLScalarType({
    ...GraphQLJSON.toConfig(),
    name: 'JSON',
    description: 'Any value: a text, a number, true or false, null, a list or an object.',
  }),
);
