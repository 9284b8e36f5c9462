import { InvalidInput } from '../../errors.ts';
import { Cursors, type Position } from './cursors.ts';
import { type FetchSlice, LARGEST_PAGE, Trail } from './slices.ts';

const DEFAULT_PAGE = 100;

/** What a client asks of a list: how many, and behind which cursor. */
export interface PageRequest {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/** One entry of a page; its cursor is made when somebody wants it, as most are not asked for. */
export interface PageItem<T> {
  readonly record: T;
  readonly cursor: string;
}

export interface Page<T> {
  readonly items: readonly PageItem<T>[];
  readonly hasNextPage: boolean;
  /** The last of the page, even where it is taken out of the items later: its cursor is where to read on. */
  readonly last: PageItem<T> | undefined;
  /** How many the whole list has, where Webex says so for nothing. */
  readonly total: number | undefined;
}

const START: Position = { from: undefined, count: 0, id: '' };

/**
 * Takes one page of a list for a client, in as few upstream requests as the upstream's own page limits
 * allow: usually one. A short or empty slice is no end as long as there is a link to the next; a record
 * that comes twice is given once; a link that leads back is an error.
 *
 * @param list names the list and its filter; a cursor is good for the list that made it only
 * @param cursorKey signs the cursors
 * Throws InvalidInput for `first`, InvalidCursor for `after`, UpstreamInvalid for a list without end.
 */
export async function takePage<T extends { readonly id: string }>(
  list: readonly unknown[],
  request: PageRequest,
  fetchSlice: FetchSlice<T>,
  cursorKey: string,
): Promise<Page<T>> {
  const first = checkFirst(firstOf(request));
  const cursors = new Cursors(list, cursorKey);
  const taken = new Map<string, PageItem<T>>();
  const trail = new Trail();
  let skip = request.after == null ? START : cursors.decode(request.after);
  let from = skip.from;
  for (;;) {
    const wanted = Math.min(first - taken.size + skip.count, LARGEST_PAGE);
    const slice = await fetchSlice(from, wanted);
    const page = (hasNextPage: boolean): Page<T> => {
      const items = [...taken.values()];
      return { items, hasNextPage, last: items.at(-1), total: slice.total };
    };
    const skipped = countBefore(slice.records, skip);
    for (const [index, record] of slice.records.entries()) {
      if (index < skipped) continue;
      if (taken.size === first) return page(true);
      const last = index + 1 === slice.records.length;
      const position =
        last && slice.next !== undefined
          ? { from: slice.next, count: 0, id: '' }
          : { from, count: index + 1, id: record.id };
      if (!taken.has(record.id)) taken.set(record.id, new Entry(record, cursors, position));
    }
    const next = trail.behind(from, slice);
    if (next === undefined) return page(false);
    if (taken.size >= first) return page(true);
    // A slice may come in smaller pieces than when the cursor was made; the rest is skipped in the next.
    const found = slice.records.some((record) => record.id === skip.id);
    skip = found ? START : { ...skip, count: Math.max(0, skip.count - slice.records.length) };
    from = next;
  }
}

class Entry<T> implements PageItem<T> {
  readonly record: T;
  readonly #cursors: Cursors;
  readonly #position: Position;

  constructor(record: T, cursors: Cursors, position: Position) {
    this.record = record;
    this.#cursors = cursors;
    this.#position = position;
  }

  get cursor(): string {
    return this.#cursors.encode(this.#position);
  }
}

/** How many entries a client asks for. */
export function firstOf(request: PageRequest): number {
  return request.first ?? DEFAULT_PAGE;
}

function checkFirst(first: number): number {
  if (first < 1 || first > LARGEST_PAGE) {
    throw new InvalidInput(
      'first',
      `must be from 1 to ${LARGEST_PAGE}, not ${first}. Page with after to read more.`,
    );
  }
  return first;
}

/**
 * How many records stand before a position, or at it. When the record it names was deleted meanwhile, those
 * before it are skipped by their number: a record may then be seen twice, but none is missed.
 */
function countBefore(records: readonly { readonly id: string }[], position: Position): number {
  if (position.count === 0) return 0;
  const found = records.findIndex((record) => record.id === position.id);
  if (found !== -1) return found + 1;
  return position.count > records.length ? records.length : position.count - 1;
}
