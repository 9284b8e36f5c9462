import type { CallContext } from './call-context.ts';

/** Whether what failed may be asked for in smaller parts. Called once for each failure. */
type MayHalve = (error: unknown) => boolean;

/** If a page of this size fails as well, the number of records is not the cause. */
const SMALLEST_PAGE = 10;

/** How long a page size that was found to work is kept, in milliseconds. Afterwards a larger one is tried. */
const KEPT_MS = 5 * 60_000;

/**
 * How many records of one kind to ask Webex for at once. Webex ends in a 504 if that is too many for it,
 * and its reference advises a smaller page then; an answer that is too slow, or too large for us, is treated alike.
 */
export class PageSize {
  readonly #full: number;
  readonly #mayHalve: MayHalve;
  #found: number;
  #until = Number.POSITIVE_INFINITY;

  /**
   * @param most how many to begin with
   * @param mayHalve whether a failure is of this kind, and an attempt in vain may be spent on it
   */
  constructor(most: number, mayHalve: MayHalve) {
    this.#full = most;
    this.#found = most;
    this.#mayHalve = mayHalve;
  }

  /**
   * Reads at most `max` records, in halves for as long as they are too many; reads in the next five minutes
   * begin with what was found to work. Throws what `read` throws when even the smallest page is too much, or
   * when too much was asked for in vain of late.
   */
  async read<T>(max: number, read: (max: number) => Promise<T>): Promise<T> {
    for (let size = Math.min(max, this.#most); ; size = this.#halve(size)) {
      try {
        return await read(size);
      } catch (error) {
        if (size <= SMALLEST_PAGE || !this.#mayHalve(error)) throw error;
      }
    }
  }

  get #most(): number {
    return performance.now() < this.#until ? this.#found : this.#full;
  }

  #halve(size: number): number {
    const half = Math.max(SMALLEST_PAGE, Math.floor(size / 2));
    if (half < this.#most) {
      this.#found = half;
      this.#until = performance.now() + KEPT_MS;
    }
    return half;
  }
}

/** The page sizes of one organization, for all who read its lists. */
export class PageSizes {
  readonly #mayHalve: MayHalve;
  readonly #sizes = new Map<string, PageSize>();

  /** @param mayHalve as for PageSize */
  constructor(mayHalve: MayHalve) {
    this.#mayHalve = mayHalve;
  }

  /**
   * @param list names the kind of list
   * @param parts which parts of the records are read; more of them may make fewer records too many
   * @param most how many to begin with
   */
  of(list: string, parts: unknown, most: number): PageSize {
    const name = JSON.stringify([list, parts, most]);
    const size = this.#sizes.get(name) ?? new PageSize(most, this.#mayHalve);
    this.#sizes.set(name, size);
    return size;
  }
}

/** The context of a read of `max` records, which is not retried unchanged if fewer can be asked for. */
export function whenHalved(context: CallContext, max: number): CallContext {
  return max > SMALLEST_PAGE && context.retry === undefined ? { ...context, retry: 'unless-slow' } : context;
}
