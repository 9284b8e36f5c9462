import { givenUp } from '../../errors/upstream.ts';
import { laneOf, Urgency } from '../http/lanes.ts';
import type { CallContext } from './call-context.ts';

/**
 * Work that several wait for. It belongs to none of them: it goes on while anybody waits, and is given up when
 * the last has gone. Background work goes before others as soon as somebody at a screen waits for it.
 */
export class SharedWork<T> {
  readonly #result: Promise<T>;
  readonly #abort = new AbortController();
  readonly #urgency: Urgency;
  readonly #ended: () => void;
  #waiting = 0;

  /**
   * Begins; whoever begins it has to wait for it, too.
   * @param work is given the context of the first who wants it, but the signal and the lane of all
   * @param ended is called when there is nothing to join any more: the work has ended, or is given up
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
      // Somebody whom nothing stops.
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
    // Nobody may join what is given up.
    this.#ended();
    this.#abort.abort(signal.reason);
  }
}
