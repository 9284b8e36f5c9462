import { Refusal } from './errors.ts';
import type { Call } from './exchange.ts';

/** A query's `true` or `false`, in any case: Python's clients send `True`. Anything else is a 400. */
export function readFlag(query: URLSearchParams, name: string): boolean {
  const text = query.get(name)?.toLowerCase();
  if (text === undefined || text === 'false') return false;
  if (text === 'true') return true;
  throw new Refusal(400, `The parameter ${name} must be true or false.`);
}

/**
 * The size of a page. Asking for more than the ceiling is no error: the systems silently give the ceiling.
 * A text that is no positive whole number is a 400, `null` included.
 */
export function readPageSize(
  query: URLSearchParams,
  name: string,
  standard: number,
  ceiling: number,
): number {
  const text = query.get(name);
  if (text === null || text === '') return Math.min(standard, ceiling);
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new Refusal(400, `The parameter ${name} must be a positive number.`);
  return Math.min(Number(text), ceiling);
}

/** The one-based index that a page starts at. SCIM takes anything below 1 for 1. */
export function readStartIndex(query: URLSearchParams): number {
  const text = query.get('startIndex');
  if (text === null || text === '') return 1;
  if (!/^-?\d{1,9}$/.test(text)) throw new Refusal(400, 'The parameter startIndex must be a number.');
  return Math.max(1, Number(text));
}

/** A comma-separated list; undefined when the parameter is absent or empty. */
export function readList(query: URLSearchParams, name: string): string[] | undefined {
  const text = query.get(name);
  return text === null || text === '' ? undefined : text.split(',');
}

/** A cursor that only the sandbox understands. */
export function encodeCursor(position: number): string {
  return Buffer.from(`after:${position}`, 'utf8').toString('base64url');
}

/** The position in a cursor, -1 when there is no cursor; a 400 when it was not made here. */
export function decodeCursor(cursor: string | null): number {
  if (cursor === null || cursor === '') return -1;
  const [, position] = /^after:(\d+)$/.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  if (position === undefined) throw new Refusal(400, 'The paging cursor is not valid.');
  return Number(position);
}

/** The address of a page by start index. */
export function indexLink(call: Call, startIndex: number, count: number): string {
  const query = new URLSearchParams(call.query);
  query.set('startIndex', String(startIndex));
  query.set('count', String(count));
  return `${call.origin}${call.path}?${query}`;
}
