import { DeadlineExceeded, givenUp } from '../../errors/upstream.ts';

/** Why what is still under way for an answered operation ends: one for all, as making an error is dear. */
const ANSWERED = new Error('The operation was answered.');

/** The time that one GraphQL operation has: until it is over, the client has gone away, or it is answered. */
export class Deadline implements Disposable {
  /** Is aborted at the end, with the error that says why as its reason. */
  readonly signal: AbortSignal;
  readonly #over = new AbortController();
  readonly #client: AbortSignal;
  readonly #end: Promise<never>;
  readonly #giveUp: () => void;
  readonly #timer: NodeJS.Timeout;
  readonly #passesAt: number;
  readonly #impatient = new Set<() => void>();
  #passed: DeadlineExceeded | undefined;
  #changesUnderWay = 0;
  #lastChange: Promise<unknown> = Promise.resolve();

  /** @param client is aborted when the client goes away */
  constructor(seconds: number, client: AbortSignal) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.#passesAt = performance.now() + seconds * 1_000;
    this.signal = this.#over.signal;
    this.#client = client;
    if (client.aborted) this.#follow();
    // Node holds a signal that it makes of several weakly, and with it, for long, all that listens to it.
    client.addEventListener('abort', this.#follow);
    this.#giveUp = () => reject(givenUp(this.signal));
    if (this.signal.aborted) this.#giveUp();
    this.signal.addEventListener('abort', this.#giveUp, { once: true });
    this.#end = promise;
    // Most operations end in time, and nobody waits for it then.
    promise.catch(() => undefined);
    this.#timer = setTimeout(() => {
      this.#passed = new DeadlineExceeded(seconds);
      for (const giveUp of this.#impatient) giveUp();
      this.#endUnlessChanging();
    }, seconds * 1_000);
  }

  /** Seconds until it passes; 0 once it has. */
  get secondsLeft(): number {
    return Math.max(0, this.#passesAt - performance.now()) / 1_000;
  }

  /**
   * Is aborted when the time is over, also while a change is under way: for what a change waits for before it begins.
   * @param because makes the reason
   */
  patience(because: () => Error): AbortSignal {
    const end = new AbortController();
    if (this.#passed !== undefined) end.abort(because());
    else this.#impatient.add(() => end.abort(because()));
    return end.signal;
  }

  /** What `work` brings, or the error that ended the operation, whichever comes first. */
  race<T>(work: PromiseLike<T>): Promise<T> {
    return Promise.race([work, this.#end]);
  }

  /** Resolves when no change is under way: one that was begun goes on when the client has gone. */
  get settled(): Promise<unknown> {
    return this.#lastChange;
  }

  /**
   * Makes a change, which the deadline does not cut in the middle: it ends the operation afterwards.
   * Throws what ended the operation if that came first.
   */
  async finish<T>(change: () => T | PromiseLike<T>): Promise<Awaited<T>> {
    if (this.signal.aborted) throw givenUp(this.signal);
    if (this.#passed !== undefined) throw this.#passed;
    this.#changesUnderWay += 1;
    try {
      const made = Promise.resolve(change());
      this.#lastChange = made.catch(() => undefined);
      return await made;
    } finally {
      this.#changesUnderWay -= 1;
      // What came of the change is at hand, and is shown before the operation ends.
      setImmediate(() => this.#endUnlessChanging());
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#client.removeEventListener('abort', this.#follow);
    this.signal.removeEventListener('abort', this.#giveUp);
    // What was begun for the operation, and turned out not to be wanted, ends with it.
    this.#over.abort(ANSWERED);
  }

  readonly #follow = () => this.#over.abort(this.#client.reason);

  #endUnlessChanging(): void {
    if (this.#passed !== undefined && this.#changesUnderWay === 0) this.#over.abort(this.#passed);
  }
}
