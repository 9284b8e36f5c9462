import { givenUp } from '../../errors/upstream.ts';
import { laneOf, Urgency } from '../http/lanes.ts';
import type { CallContext } from './call-context.ts';

/**
 * Work that several callers wait for. It goes on while one of them waits, and is aborted when the last has gone. Background
 * work becomes interactive as soon as an interactive caller waits for it.
 */
export class SharedWork<T> {
  readonly #result: Promise<T>;
  readonly #abort = new AbortController();
  readonly #urgency: Urgency;
  readonly #ended: () => void;
  #waiting = 0;

  /**
   * Starts the work. The caller that starts it has to wait for it, too.
   * @param work is given the context of the first who wants it, but the signal and the lane of all
   * @param ended is called when there is nothing to join any more: the work has ended, or was aborted
   */
  constructor(first: CallContext, work: (shared: CallContext) => Promise<T>, ended: () => void) {
    this.#urgency = new Urgency(laneOf(first.lane));
    this.#ended = ended;
    this.#result = work({ ...first, signal: this.#abort.signal, lane: this.#urgency });
    this.#result.then(ended, ended);
  }

  /** What the work brings. Throws what it throws, and what the caller's own signal is aborted with. */
  async wait({ lane, signal }: CallContext): Promise<T> {
    if (laneOf(lane) === 'interactive') this.#urgency.raise();
    if (signal === undefined) {
      // A caller without a signal waits to the end.
      this.#waiting = Number.POSITIVE_INFINITY;
      return this.#result;
    }
    this.#waiting += 1;
    const { promise: gone, reject } = Promise.withResolvers<never>();
    const giveUp = () => {
      this.#leave(signal);
      reject(givenUp(signal));
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await Promise.race([this.#result, gone]);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  #leave(signal: AbortSignal): void {
    this.#waiting -= 1;
    if (this.#waiting > 0) return;
    // Aborted work must not be joined.
    this.#ended();
    this.#abort.abort(signal.reason);
  }
}
