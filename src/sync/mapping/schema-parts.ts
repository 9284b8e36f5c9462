import { z } from 'zod';
import { didYouMean } from './nearest.ts';

/** Parts of the schema of mappings, with messages that follow a path: `user.emails: is required.` */

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object, with keys and values',
};

/** What to say about a value; undefined leaves it to the schema itself. */
function messageOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is required.';
      return `must be ${EXPECTED[issue.expected] ?? issue.expected}.`;
    case 'invalid_value': {
      const values = issue.values.map(String);
      if (issue.input === undefined) return `is required: ${oneOf(values)}.`;
      const near = typeof issue.input === 'string' ? didYouMean(issue.input, values) : '';
      return `must be ${oneOf(values)}.${near}`;
    }
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'must not be empty.'
        : `must be ${issue.minimum} or more.`;
    case 'too_big':
      if (issue.origin === 'string') return `must be ${issue.maximum} characters at most.`;
      if (issue.origin === 'array') return `must have ${issue.maximum} entries at most.`;
      return `must be ${issue.maximum} or less.`;
    default:
      return undefined;
  }
}

/** For `parse`: messages of this language. */
export const inOurWords = { error: messageOf };

function oneOf(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}

/** So many unknown keys of one object are explained. */
const MOST_UNKNOWN_KEYS = 100;

/** An object without other keys. The message about unknown keys has one line for each of them. */
export function keysOf<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return messageOf(issue);
      return issue.keys
        .slice(0, MOST_UNKNOWN_KEYS)
        .map((key) => unknownKey(key, known))
        .join('\n');
    },
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = didYouMean(key, known);
  return `is not a known key.${near === '' ? ` Known keys: ${known.join(', ')}.` : near}`;
}

/** A text with something in it. @param most in UTF-16 code units */
export const text = (most: number) => z.string().min(1).max(most);

/** The name of a column or of an attribute. */
export const attribute = text(256);

/** A name as people write it, of a license, a group, a role or a domain. */
export const name = text(256);
