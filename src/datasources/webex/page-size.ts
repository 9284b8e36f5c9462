import { AnswerTooLarge, UpstreamTimeout, UpstreamUnavailable } from '../../errors.ts';
import type { CallContext } from './call.ts';

/** Whoever cannot answer for so few records at once has another trouble than their number. */
const SMALLEST_PAGE = 10;

/**
 * How many records of one kind to ask Webex for at once. Webex ends in a 504 where that is too many for it,
 * and its reference advises a smaller page then; an answer that is too slow, or too large for us, is treated alike.
 */
export class PageSize {
  #most: number;

  /** @param most how many to begin with */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Reads at most `max` records, in halves for as long as they are too many; later reads begin with what
   * was found to work. Throws what `read` throws when even the smallest page is too much.
   */
  async read<T>(max: number, read: (max: number) => Promise<T>): Promise<T> {
    for (let size = Math.min(max, this.#most); ; size = this.#halve(size)) {
      try {
        return await read(size);
      } catch (error) {
        if (size <= SMALLEST_PAGE || !isTooMuchAtOnce(error)) throw error;
      }
    }
  }

  #halve(size: number): number {
    const half = Math.max(SMALLEST_PAGE, Math.floor(size / 2));
    this.#most = Math.min(this.#most, half);
    return half;
  }
}

/** The context of a read of `max` records, which is not repeated as it is where fewer can be asked for. */
export function whenHalved(context: CallContext, max: number): CallContext {
  return max > SMALLEST_PAGE && context.repeat === undefined
    ? { ...context, repeat: 'unless-slow' }
    : context;
}

function isTooMuchAtOnce(error: unknown): boolean {
  if (error instanceof AnswerTooLarge || error instanceof UpstreamTimeout) return true;
  return error instanceof UpstreamUnavailable && error.call.status === 504;
}
