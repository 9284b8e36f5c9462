import { setImmediate as endOfRound } from 'node:timers/promises';

/**
 * Lets those who have work to do go on one at a time, each in a turn of its own: what has come in meanwhile is seen to
 * in between, and a connection that has just become free sends its next request before the answer that freed it is
 * taken apart. A turn is two rounds of the event loop, as undici looks at a connection in one and uses it in the next.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Resolves when it is the caller's turn. */
  next(): Promise<void> {
    this.#waiting += 1;
    const turn = this.#last.then(async () => {
      await endOfRound();
      await endOfRound();
      this.#waiting -= 1;
    });
    this.#last = turn;
    return turn;
  }
}
