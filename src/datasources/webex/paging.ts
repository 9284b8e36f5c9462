import { createHash } from 'node:crypto';
import type { UpstreamCall } from '../../errors.ts';
import { InvalidCursor, InvalidInput, UpstreamInvalid } from '../../errors.ts';

export const LARGEST_PAGE = 1_000;
const DEFAULT_PAGE = 100;

/** What a client asks of a list: how many, and behind which cursor. */
export interface PageRequest {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

export interface Page<T> {
  readonly items: readonly { readonly record: T; readonly cursor: string }[];
  readonly hasNextPage: boolean;
  /** Where to read on, even where the last item was taken out of the page since; null on an empty list. */
  readonly endCursor: string | null;
  /** How many the whole list has, where Webex says so for nothing. */
  readonly total: number | undefined;
}

/** One answer of the upstream to a list request. */
export interface Slice<T> {
  readonly records: readonly T[];
  /** Where the next slice begins, in the upstream's own terms; undefined behind the last. */
  readonly next: string | undefined;
  readonly total?: number | undefined;
  readonly call: UpstreamCall;
}

/** Fetches the slice that begins at `from` (undefined: the start), with at most `max` records. */
export type FetchSlice<T> = (from: string | undefined, max: number) => Promise<Slice<T>>;

/** Where a page ended: behind record `id`, the `count`-th of the slice that begins at `from`. */
interface Position {
  readonly from: string | undefined;
  readonly count: number;
  readonly id: string;
}

const START: Position = { from: undefined, count: 0, id: '' };

/**
 * Takes one page of a list for a client, in as few upstream requests as the upstream's own page limits
 * allow: usually one. A short or empty slice is no end as long as there is a link to the next; a record
 * that comes twice is given once; a link that leads back is an error.
 *
 * @param list names the list and its filter; a cursor is good for the list that made it only
 * Throws InvalidInput for `first`, InvalidCursor for `after`, UpstreamInvalid for a loop.
 */
export async function takePage<T extends { readonly id: string }>(
  list: readonly unknown[],
  request: PageRequest,
  fetchSlice: FetchSlice<T>,
): Promise<Page<T>> {
  const first = checkFirst(request.first);
  const key = listKey(list);
  const start = request.after == null ? START : decodeCursor(request.after, key);
  const taken = new Map<string, { record: T; cursor: string }>();
  const visited = new Set<string | undefined>();
  let from = start.from;
  let skip = start;
  for (;;) {
    visited.add(from);
    const wanted = Math.min(first - taken.size + skip.count, LARGEST_PAGE);
    const slice = await fetchSlice(from, wanted);
    const page = (hasNextPage: boolean): Page<T> => {
      const items = [...taken.values()];
      return { items, hasNextPage, endCursor: items.at(-1)?.cursor ?? null, total: slice.total };
    };
    const records = behind(slice.records, skip);
    const skipped = slice.records.length - records.length;
    for (const [index, record] of records.entries()) {
      if (taken.size === first) return page(true);
      const last = skipped + index + 1 === slice.records.length;
      const position =
        last && slice.next !== undefined
          ? { from: slice.next, count: 0, id: '' }
          : { from, count: skipped + index + 1, id: record.id };
      if (!taken.has(record.id)) taken.set(record.id, { record, cursor: encodeCursor(position, key) });
    }
    if (slice.next === undefined) return page(false);
    if (visited.has(slice.next)) {
      throw new UpstreamInvalid("Webex's links to the next page go round in a circle.", slice.call);
    }
    if (taken.size >= first) return page(true);
    from = slice.next;
    skip = START;
  }
}

function checkFirst(first: number | null | undefined): number {
  if (first == null) return DEFAULT_PAGE;
  if (first < 1 || first > LARGEST_PAGE) {
    throw new InvalidInput(
      'first',
      `must be from 1 to ${LARGEST_PAGE}, not ${first}. Page with after to read more.`,
    );
  }
  return first;
}

/**
 * The records behind a position. When the record it names was deleted meanwhile, those before it are
 * skipped by their number: a record may then be seen twice, but none is missed.
 */
function behind<T extends { readonly id: string }>(records: readonly T[], position: Position): readonly T[] {
  if (position.count === 0) return records;
  const found = records.findIndex((record) => record.id === position.id);
  return records.slice(found === -1 ? position.count - 1 : found + 1);
}

function listKey(list: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 12);
}

function encodeCursor(position: Position, key: string): string {
  return Buffer.from(JSON.stringify([key, position.from ?? null, position.count, position.id])).toString(
    'base64url',
  );
}

function decodeCursor(cursor: string, key: string): Position {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw new InvalidCursor();
  }
  if (!Array.isArray(value)) throw new InvalidCursor();
  const [madeBy, from, count, id]: unknown[] = value;
  const wellFormed =
    madeBy === key &&
    (from === null || typeof from === 'string') &&
    typeof count === 'number' &&
    Number.isInteger(count) &&
    count >= 0 &&
    count <= LARGEST_PAGE &&
    typeof id === 'string';
  if (!wellFormed) throw new InvalidCursor();
  return { from: from ?? undefined, count, id };
}
