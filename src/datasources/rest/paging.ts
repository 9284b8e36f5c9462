import { InvalidInput } from '../../errors/request.ts';
import type { Anchors } from './anchors.ts';
import { CursorSearch } from './cursor-search.ts';
import { Cursors, type Position } from './cursors.ts';
import { beginningAgain } from './incomplete-list.ts';
import { type FetchSlice, LARGEST_PAGE, type Slice, Trail } from './slices.ts';

export const DEFAULT_PAGE = 100;

/** What a client asks of a list: how many, and behind which cursor. */
export interface PageRequest {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/** One entry of a page. Its cursor is created on first use, because most are never requested. */
export interface PageItem<T> {
  readonly record: T;
  readonly cursor: string;
}

export interface Page<T> {
  readonly items: readonly PageItem<T>[];
  readonly hasNextPage: boolean;
  /** The last of the page, even if it is removed from the items later: its cursor is where the next page begins. */
  readonly last: PageItem<T> | undefined;
  /** Number of records in the whole list, if the answer contains it. */
  readonly total: number | undefined;
}

const START: Position = { from: undefined, count: 0, anchors: [] };

/**
 * Takes one page of a list for a client, in as few upstream requests as the upstream's own page limits
 * allow: usually one. A short or empty slice is no end as long as there is a link to the next; a record
 * that comes twice is given once; a link that leads back is an error. If records were deleted since the
 * cursor was created, the list is read from further ahead, until the record that was returned last is found.
 *
 * @param list names the list and its filter; a cursor is good for the list that made it only
 * @param cursorKey signs the cursors
 * Throws InvalidInput for `first`, InvalidCursor for `after`, UpstreamInvalid for a list without end, IncompleteList for
 * one that the service stops in the middle.
 */
export async function takePage<T extends { readonly id: string }>(
  list: readonly unknown[],
  request: PageRequest,
  fetchSlice: FetchSlice<T>,
  cursorKey: string,
): Promise<Page<T>> {
  const first = checkFirst(firstOf(request));
  const cursors = new Cursors(list, cursorKey);
  const read = (from: Position) => readBehind(from, first, fetchSlice, cursors);
  let position = request.after == null ? START : cursors.decode(request.after);
  for (let back = 1; ; back *= 2) {
    // Only at its beginning can a list be begun again.
    const page = position === START ? await beginningAgain(() => read(START)) : await read(position);
    if (page !== undefined) return page;
    position = furtherAhead(position, back);
  }
}

/** A record of a page, and where it stands: the `count`-th of the slice that begins at `from`. */
interface Taken<T> extends Omit<Position, 'anchors'> {
  readonly record: T;
}

/** The page behind a position; undefined if that is not found, and may be further ahead in the list. */
async function readBehind<T extends { readonly id: string }>(
  position: Position,
  first: number,
  fetchSlice: FetchSlice<T>,
  cursors: Cursors,
): Promise<Page<T> | undefined> {
  const search = new CursorSearch(position);
  const taken = new Map<string, Taken<T>>();
  const trail = new Trail();
  let { from } = position;
  let passed = 0;
  for (;;) {
    const wanted = search.ahead > 0 ? first + search.ahead : first - taken.size;
    const slice = await fetchSlice(from, Math.min(wanted, LARGEST_PAGE));
    if (slice.start !== undefined) passed = slice.start - Number(position.from ?? 1);
    for (let index = 0; index < slice.records.length; index += 1) {
      const record = slice.records[index];
      if (record === undefined) continue;
      passed += 1;
      const given = search.pass(record.id, passed);
      if (given === 'all') taken.clear();
      if (given === 'none' && !taken.has(record.id))
        taken.set(record.id, takenOf(record, from, slice, index));
    }
    const next = trail.behind(from, slice);
    if (next === undefined || search.ahead === 0) {
      if (!search.found && slice.start !== undefined && position.from !== '1') return undefined;
      if (next === undefined || taken.size >= first) {
        const items = toItems([...taken.values()].slice(0, first), search.anchors, cursors);
        const hasNextPage = next !== undefined || taken.size > first;
        return { items, hasNextPage, last: items.at(-1), total: slice.total };
      }
    }
    from = next;
  }
}

/**
 * A record, and where it stands. Indexes shift, so one of them names the record itself; other slices stay as they
 * are.
 */
function takenOf<T>(record: T, from: string | undefined, slice: Slice<unknown>, index: number): Taken<T> {
  if (slice.start !== undefined) return { record, from: String(slice.start + index), count: 1 };
  const last = index + 1 === slice.records.length;
  if (last && slice.next !== undefined) return { record, from: slice.next, count: 0 };
  return { record, from, count: index + 1 };
}

/** The same position in a list by index, to be looked for from so many records before. */
function furtherAhead({ from, count, anchors }: Position, back: number): Position {
  const start = Number(from ?? 1);
  const begin = Math.max(1, start - back);
  return { from: String(begin), count: count + start - begin, anchors };
}

function toItems<T extends { readonly id: string }>(
  taken: readonly Taken<T>[],
  anchors: Anchors,
  cursors: Cursors,
): PageItem<T>[] {
  const ids = taken.map(({ record }) => record.id);
  const cursorOf = ({ from, count }: Taken<T>, index: number) =>
    cursors.encode({ from, count, anchors: count === 0 ? [] : anchors.behind(ids, index + 1) });
  return taken.map((each, index) => new TakenItem(each, index, cursorOf));
}

/** An object of a class, as pages have a thousand of them, and a getter of each one's own would cost time. */
class TakenItem<T> implements PageItem<T> {
  readonly #taken: Taken<T>;
  readonly #index: number;
  readonly #cursorOf: (taken: Taken<T>, index: number) => string;

  constructor(taken: Taken<T>, index: number, cursorOf: (taken: Taken<T>, index: number) => string) {
    this.#taken = taken;
    this.#index = index;
    this.#cursorOf = cursorOf;
  }

  get record(): T {
    return this.#taken.record;
  }

  get cursor(): string {
    return this.#cursorOf(this.#taken, this.#index);
  }
}

/** How many entries a client asks for. */
export function firstOf(request: PageRequest): number {
  return request.first ?? DEFAULT_PAGE;
}

/** The size of a page that a client asks for. Throws InvalidInput for `first`. */
export function checkFirst(first: number): number {
  if (first < 1 || first > LARGEST_PAGE) {
    throw new InvalidInput(
      'first',
      `must be from 1 to ${LARGEST_PAGE}, not ${first}. Page with after to read more.`,
    );
  }
  return first;
}
