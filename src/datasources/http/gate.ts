import { Abandoned, UpstreamBusy } from '../../errors.ts';

interface Waiter {
  readonly grant: () => void;
  readonly refuse: (reason: unknown) => void;
}

/**
 * Lets at most `limit` exchanges run at once, first come first served, and none while paused.
 *
 * It stands before the connection pool, so that a request's timeouts begin when it really has a
 * connection, not while it waits for one.
 */
export class Gate {
  readonly #queueLimit: number;
  readonly #waiters = new Set<Waiter>();
  readonly #idleListeners: (() => void)[] = [];
  #limit: number;
  #running = 0;
  #pausedUntil = 0;
  #resume: NodeJS.Timeout | undefined;

  /** @param queueLimit how many may wait; one more is refused with UpstreamBusy */
  constructor(limit: number, queueLimit: number) {
    this.#limit = limit;
    this.#queueLimit = queueLimit;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Takes effect for whoever comes next, or waits; whoever is inside stays. */
  set limit(limit: number) {
    this.#limit = limit;
    this.#admit();
  }

  get running(): number {
    return this.#running;
  }

  get queued(): number {
    return this.#waiters.size;
  }

  /** Milliseconds until anybody is let through again; 0 when nothing is held back. */
  get pausedMs(): number {
    return Math.max(0, this.#pausedUntil - Date.now());
  }

  /**
   * Waits for a place and answers with the function that gives it back.
   * Throws UpstreamBusy when the queue is full, and Abandoned when the signal is aborted first.
   */
  async enter(signal?: AbortSignal): Promise<() => void> {
    if (signal?.aborted === true) throw new Abandoned();
    if (!this.#mayEnter()) {
      if (this.#waiters.size >= this.#queueLimit) throw new UpstreamBusy();
      await this.#wait(signal);
    } else {
      this.#running += 1;
    }
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#running -= 1;
      this.#admit();
      this.#announceIfIdle();
    };
  }

  /** Lets nobody in for `milliseconds` from now. A longer pause already in force stays. */
  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, Date.now() + milliseconds);
    this.#scheduleResume();
  }

  /** Refuses everyone who waits, with `reason`. Whoever is inside goes on. */
  refuseAll(reason: unknown): void {
    for (const waiter of this.#waiters) waiter.refuse(reason);
    this.#waiters.clear();
    this.#announceIfIdle();
  }

  /** Resolves when nobody is inside and nobody waits. */
  idle(): Promise<void> {
    if (this.#running === 0 && this.#waiters.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idleListeners.push(resolve);
    });
  }

  #mayEnter(): boolean {
    return this.#running < this.#limit && Date.now() >= this.#pausedUntil;
  }

  async #wait(signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { grant: resolve, refuse: reject };
    const giveUp = () => {
      this.#waiters.delete(waiter);
      reject(new Abandoned());
      this.#announceIfIdle();
    };
    this.#waiters.add(waiter);
    this.#scheduleResume();
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  #admit(): void {
    for (const waiter of this.#waiters) {
      if (!this.#mayEnter()) break;
      this.#waiters.delete(waiter);
      // The place is taken here, not when the waiter wakes up, or two could take the same one.
      this.#running += 1;
      waiter.grant();
    }
    this.#scheduleResume();
  }

  /** The timer runs only while somebody waits for the end of a pause, so it keeps no process alive. */
  #scheduleResume(): void {
    clearTimeout(this.#resume);
    if (this.#waiters.size === 0 || this.pausedMs === 0) return;
    // A timer may fire a little early; then it is set again.
    this.#resume = setTimeout(() => this.#admit(), this.pausedMs);
  }

  #announceIfIdle(): void {
    if (this.#running > 0 || this.#waiters.size > 0) return;
    clearTimeout(this.#resume);
    for (const listener of this.#idleListeners.splice(0)) listener();
  }
}
