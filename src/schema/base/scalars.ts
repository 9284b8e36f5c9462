import { GraphQLScalarType, GraphQLString } from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSON } from 'graphql-scalars';
import { builder } from './builder.ts';
import { type Moment, parseMoment } from './moments.ts';

const { coerceOutputValue, specifiedByURL } = GraphQLDateTimeISO.toConfig();

builder.addScalarType(
  'DateTime',
  new GraphQLScalarType<Moment, unknown>({
    name: 'DateTime',
    specifiedByURL,
    description: 'A moment in time, as ISO 8601 with time zone: 2026-11-25T08:30:00.000Z.',
    ...(coerceOutputValue === undefined ? {} : { coerceOutputValue }),
    coerceInputValue: parseMoment,
    coerceInputLiteral: (node) => parseMoment('value' in node ? node.value : undefined),
  }),
);

/**
 * A text of a known meaning. What is valid is decided where it is used, so that the error names the field, and costs no
 * other item of its list. In answers any text passes: Webex may hold odd ones.
 */
function textScalar(name: string, description: string) {
  const { coerceInputLiteral, coerceInputValue } = GraphQLString.toConfig();
  return new GraphQLScalarType<string, string>({
    name,
    description,
    coerceInputValue,
    ...(coerceInputLiteral === undefined ? {} : { coerceInputLiteral }),
    coerceOutputValue: String,
  });
}

builder.addScalarType(
  'EmailAddress',
  textScalar('EmailAddress', 'An email address, such as ann@example.com.'),
);
builder.addScalarType('URL', textScalar('URL', 'An absolute address on the web.'));
builder.addScalarType(
  'JSON',
  new GraphQLScalarType({
    ...GraphQLJSON.toConfig(),
    name: 'JSON',
    description: 'Any value: a text, a number, true or false, null, a list or an object.',
  }),
);
