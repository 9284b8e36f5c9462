import type { FetchSlice, Slice } from './slices.ts';

/** How many slices are asked for ahead of who takes them, at most, whatever Webex says the list's length is. */
const MOST_AHEAD = 200;

/**
 * Reads a list by index in as few rounds as there are connections for: when a slice has told how long the
 * list is and how many come at once, the others that are wanted are asked for side by side. Where Webex then
 * sends fewer than it did at first, what is missing is read behind.
 *
 * @param fetch reads the slice that begins at an index, counted from one
 * @param wanted how many records are wanted in all
 */
export function sideBySide<T>(fetch: FetchSlice<T>, wanted: number): FetchSlice<T> {
  const ahead = new Map<string, Promise<Slice<T>>>();
  let end: number | undefined;
  return async (from, max) => {
    const begun = from === undefined ? undefined : ahead.get(from);
    if (begun !== undefined) return begun;
    const start = Number(from ?? 1);
    end ??= start + wanted - 1;
    // Where a slice came short, what is missing is read up to where the next one begins.
    const following = Math.min(...[...ahead.keys()].map(Number).filter((begin) => begin > start));
    const slice = await fetch(from, Math.min(max, following - start));
    if (following === Number.POSITIVE_INFINITY) readAhead(slice, max, end);
    return slice;
  };

  function readAhead({ records, next, total }: Slice<T>, max: number, end: number): void {
    if (next === undefined || total === undefined || records.length === 0) return;
    const last = Math.min(total, end, Number(next) + MOST_AHEAD * records.length - 1);
    for (let start = Number(next); start <= last; start += records.length) {
      const slice = fetch(String(start), Math.min(max, records.length, last - start + 1));
      // Who takes the slice hears of its failure; somebody may not come so far.
      slice.catch(() => undefined);
      ahead.set(String(start), slice);
    }
  }
}
