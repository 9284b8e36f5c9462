import { serviceOf, type UpstreamCall, UpstreamInvalid } from '../../errors/upstream.ts';

/** The most records that are asked for at once, of the service or of us. */
export const LARGEST_PAGE = 1_000;

/** One answer of the upstream to a list request. */
export interface Slice<T> {
  readonly records: readonly T[];
  /** Where the next slice begins, in the upstream's own terms; undefined behind the last. */
  readonly next: string | undefined;
  readonly total?: number | undefined;
  /** The index of the first record, counted from one; of lists by index only. */
  readonly start?: number | undefined;
  /** The size of a full page, if it is not the number of records here. */
  readonly atOnce?: number | undefined;
  readonly call: UpstreamCall;
}

/** Fetches the slice that begins at `from` (undefined: the start), with at most `max` records. */
export type FetchSlice<T> = (from: string | undefined, max: number) => Promise<Slice<T>>;

/** Pages without a single record that may follow upon each other before we stop to believe in an end. */
const MOST_EMPTY_PAGES = 10;

/** The way through one list, so that it ends whatever the service links to. */
export class Trail {
  readonly #visited = new Set<string | undefined>();
  #emptyPages = 0;

  /**
   * Where the slice behind this one begins; undefined behind the last. A short or empty slice is no end
   * while there is a link to the next.
   * Throws UpstreamInvalid for a link that leads back, and for a row of empty slices.
   * @param from where `slice` begins
   */
  behind(from: string | undefined, slice: Slice<unknown>): string | undefined {
    this.#visited.add(from);
    if (slice.next === undefined) return undefined;
    // An index may come again if a list that has changed is read once more from further ahead.
    const mayComeAgain = slice.start !== undefined && slice.records.length > 0;
    if (this.#visited.has(slice.next) && !mayComeAgain) {
      throw new UpstreamInvalid(
        `${serviceOf(slice.call)}'s links to the next page go round in a circle.`,
        slice.call,
      );
    }
    this.#emptyPages = slice.records.length === 0 ? this.#emptyPages + 1 : 0;
    if (this.#emptyPages > MOST_EMPTY_PAGES) {
      throw new UpstreamInvalid(
        `${serviceOf(slice.call)} sent ${this.#emptyPages} empty pages one after the other.`,
        slice.call,
      );
    }
    return slice.next;
  }
}

/**
 * Goes through a list slice by slice, for as long as the caller takes them. Errors as Trail.
 * @param from where to begin; undefined for the start
 * @param max how many records to ask for at a time
 */
export async function* slicesOf<T>(
  fetchSlice: FetchSlice<T>,
  from: string | undefined,
  max: number,
): AsyncGenerator<Slice<T>, void> {
  const trail = new Trail();
  for (let position = from, more = true; more; ) {
    const slice = await fetchSlice(position, max);
    yield slice;
    position = trail.behind(position, slice);
    more = position !== undefined;
  }
}
