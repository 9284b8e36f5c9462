import { absentAtFirstOnly, beginningAgain } from './incomplete-list.ts';
import type { PageSize } from './page-size.ts';
import { sideBySide } from './side-by-side.ts';
import { type FetchSlice, slicesOf } from './slices.ts';

/** A list that is read from its beginning to its end. */
export interface FullRead<T> {
  readonly fetch: FetchSlice<T>;
  /** How many records to ask for at once. Pages that are too large or too slow are halved. */
  readonly most: number;
  readonly size: PageSize;
  /** What a list that the service does not know means: that it has no records, or UpstreamNotFound. */
  readonly absent: 'none' | 'error';
  /** Whether slices begin at an index, so that several are read at once and overlap by a record. Default: false. */
  readonly byIndex?: boolean;
}

/** All records of a list by their ids, in the list's order, and how many slices they came in. */
export interface WholeList<T> {
  readonly records: ReadonlyMap<string, T>;
  readonly slices: number;
}

/**
 * Reads a list to its end: each record once, whatever the size of its pages. If the service stops in the middle, the list is
 * read again from its beginning, twice at most.
 * Throws IncompleteList, UpstreamInvalid for a list that does not end, and whatever else keeps it from being whole:
 * what it returns is never a part.
 */
export function readAll<T extends { readonly id: string }>(plan: FullRead<T>): Promise<WholeList<T>> {
  const fetch = absentAtFirstOnly(plan.fetch, plan.absent);
  return beginningAgain(() => readOnce({ ...plan, fetch }));
}

async function readOnce<T extends { readonly id: string }>({
  fetch,
  most,
  size,
  byIndex = false,
}: FullRead<T>): Promise<WholeList<T>> {
  const sized: FetchSlice<T> = (from, max) => size.read(max, (fewer) => fetch(from, fewer));
  const records = new Map<string, T>();
  let slices = 0;
  const ordered = byIndex ? sideBySide(sized, Number.POSITIVE_INFINITY) : sized;
  for await (const slice of slicesOf(ordered, undefined, most)) {
    slices += 1;
    for (const record of slice.records) records.set(record.id, record);
  }
  return { records, slices };
}
