import { DeadlineExceeded, givenUp } from '../errors.ts';

/** The time that one GraphQL operation has: until it is over, or the client has gone away. */
export class Deadline implements Disposable {
  /** Is aborted at the end, with the error that says why as its reason. */
  readonly signal: AbortSignal;
  readonly #over = new AbortController();
  readonly #end: Promise<never>;
  readonly #timer: NodeJS.Timeout;
  #passed: DeadlineExceeded | undefined;
  #changesUnderWay = 0;

  /** @param client is aborted when the client goes away */
  constructor(seconds: number, client: AbortSignal) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.signal = AbortSignal.any([client, this.#over.signal]);
    const end = () => reject(givenUp(this.signal));
    if (this.signal.aborted) end();
    this.signal.addEventListener('abort', end, { once: true });
    this.#end = promise;
    // Most operations end in time, and nobody waits for it then.
    promise.catch(() => undefined);
    this.#timer = setTimeout(() => {
      this.#passed = new DeadlineExceeded(seconds);
      this.#endUnlessChanging();
    }, seconds * 1_000);
  }

  /** What `work` brings, or the error that ended the operation, whichever comes first. */
  race<T>(work: PromiseLike<T>): Promise<T> {
    return Promise.race([work, this.#end]);
  }

  /**
   * Makes a change, which the deadline does not cut in the middle: it ends the operation afterwards.
   * Throws what ended the operation where that came first.
   */
  async finish<T>(change: () => T | PromiseLike<T>): Promise<Awaited<T>> {
    if (this.signal.aborted) throw givenUp(this.signal);
    this.#changesUnderWay += 1;
    try {
      return await change();
    } finally {
      this.#changesUnderWay -= 1;
      this.#endUnlessChanging();
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #endUnlessChanging(): void {
    if (this.#passed !== undefined && this.#changesUnderWay === 0) this.#over.abort(this.#passed);
  }
}
