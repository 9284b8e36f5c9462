import { serviceOf, UpstreamInvalid } from '../../errors/upstream.ts';
import type { FetchSlice, Slice } from './slices.ts';

/** How many slices are asked for ahead of who takes them, at most, whatever the service says the list's length is. */
const MOST_AHEAD = 200;

/** How often neighbours may not fit together while a list is read, before we stop to run after its changes. */
const MOST_CHANGES = 50;

/**
 * Reads a list by index in as few rounds as there are connections for. Once a slice shows the length of the list and the
 * size of a page, the other slices that are wanted are read in parallel. If the service then sends fewer records than at
 * first, the missing ones are read afterwards.
 *
 * Indexes shift when a record is deleted, so each slice begins with the record that the one before ended
 * with. If it does not, what lies between the two is read once more. A record may come twice, but none
 * that was there all the time is passed over.
 *
 * @param fetch reads the slice that begins at an index, counted from one
 * @param wanted how many records are wanted in all
 * @returns what reads on where the slice before ended; any other index starts over
 * Throws UpstreamInvalid for a list that changes faster than it can be read.
 */
export function sideBySide<T extends { readonly id: string }>(
  fetch: FetchSlice<T>,
  wanted: number,
): FetchSlice<T> {
  let reading = new IndexReading(fetch, 1, wanted);
  return (from, max) => {
    const position = Number(from ?? 1);
    if (position !== reading.position) reading = new IndexReading(fetch, position, wanted);
    return reading.read(max);
  };
}

class IndexReading<T extends { readonly id: string }> {
  /** Index of the first record that has not been read. */
  position: number;
  readonly #fetch: FetchSlice<T>;
  readonly #end: number;
  readonly #ahead = new Map<number, Promise<Slice<T>>>();
  readonly #seen = new Set<string>();
  /** How many records the next slice has in common with those before. */
  #overlap = 0;
  #changes = 0;

  constructor(fetch: FetchSlice<T>, position: number, wanted: number) {
    this.#fetch = fetch;
    this.position = position;
    this.#end = position + wanted - 1;
  }

  /** The next slice; `max` is for how many records, beside those that it has in common with others. */
  async read(max: number): Promise<Slice<T>> {
    const start = Math.max(1, this.position - this.#overlap);
    const following = Math.min(...[...this.#ahead.keys()].filter((begin) => begin > start));
    const count = Math.min(max + this.#overlap, following - start + 1);
    const came = await (this.#ahead.get(start) ?? this.#fetch(String(start), count));
    this.#ahead.delete(start);
    const slice = this.#joins(start, came) ? came : await this.#bridge(start, came, count);
    for (const { id } of slice.records) this.#seen.add(id);
    this.position = Number(slice.next);
    // One that comes alone has nothing in common with the next.
    this.#overlap = slice.records.length === 1 ? 0 : 1;
    if (this.#ahead.size === 0) this.#readAhead(slice);
    return slice;
  }

  /** Whether nothing can lie between what was read and this slice. */
  #joins(start: number, { records, next }: Slice<T>): boolean {
    const [first] = records;
    if (start === 1 || this.#overlap === 0) return true;
    return first === undefined ? next !== undefined : this.#seen.has(first.id);
  }

  /** Goes back until there is a record that was read, and reads from there to where `beyond` begins. */
  async #bridge(start: number, beyond: Slice<T>, count: number): Promise<Slice<T>> {
    this.#changes += 1;
    if (this.#changes > MOST_CHANGES) {
      throw new UpstreamInvalid(
        `The list changes faster than ${serviceOf(beyond.call)} lets us read it.`,
        beyond.call,
      );
    }
    for (let back = 1; ; back *= 2) {
      const begin = Math.max(1, start - back);
      const slice = await this.#fetch(String(begin), Math.min(Math.max(2, count), start - begin + 1));
      if (!this.#joins(begin, slice)) continue;
      const [head] = beyond.records;
      // What was read ahead is of use where it goes on from here.
      if (slice.records.some(({ id }) => id === head?.id)) this.#ahead.set(start, Promise.resolve(beyond));
      else this.#ahead.clear();
      return slice;
    }
  }

  #readAhead({ records, next, total, atOnce = records.length }: Slice<T>): void {
    if (next === undefined || total === undefined || records.length === 0) return;
    const step = Math.max(1, atOnce - this.#overlap);
    const last = Math.min(total, this.#end, this.position + MOST_AHEAD * step - 1);
    for (let start = this.position - this.#overlap; start + this.#overlap <= last; start += step) {
      const slice = this.#fetch(String(start), Math.min(atOnce, last - start + 1));
      // The failure is reported to the caller who takes the slice, if one comes so far.
      slice.catch(() => undefined);
      this.#ahead.set(start, slice);
    }
  }
}
