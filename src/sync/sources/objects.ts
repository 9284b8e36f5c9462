import type { SyncProblem } from '../../store/sync/words.ts';
import type { JsonObject } from '../words.ts';

const MOST_FIELDS = 1_000;
const DEEPEST = 20;

/** A record, or why the value cannot be one. */
export type ReadObject = { readonly value: JsonObject } | { readonly problem: Omit<SyncProblem, 'at'> };

/** Reads a record from JSON. */
export function parseObject(text: string): ReadObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return problem('INVALID_JSON', 'This is not valid JSON.');
  }
  return readObject(value);
}

/** Checks that a value of JSON can be a record: an object of which every text can be stored. */
export function readObject(value: unknown): ReadObject {
  if (!isObject(value)) return problem('NOT_AN_OBJECT', 'A record must be a JSON object.');
  if (Object.keys(value).length > MOST_FIELDS) {
    return problem('TOO_MANY_FIELDS', `A record can have at most ${MOST_FIELDS} fields.`);
  }
  const depth = depthOf(value, 0);
  if (depth > DEEPEST) {
    return problem('TOO_DEEP', `Lists and objects can be nested at most ${DEEPEST} deep.`);
  }
  if (!isStorable(value)) {
    return problem(
      'INVALID_TEXT',
      'A text has a NUL character or half a surrogate pair, which cannot be stored.',
    );
  }
  return { value };
}

function problem(code: string, message: string): ReadObject {
  return { problem: { code, message } };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How deep lists and objects are nested. Looks no deeper than one more than allowed. */
function depthOf(value: unknown, above: number): number {
  if (typeof value !== 'object' || value === null) return above;
  if (above > DEEPEST) return above;
  return Object.values(value).reduce<number>(
    (deepest, part) => Math.max(deepest, depthOf(part, above + 1)),
    above + 1,
  );
}

/** Whether PostgreSQL takes all its texts. To be asked of values that are not nested too deep. */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, part]) => isStorable(name) && isStorable(part));
}
