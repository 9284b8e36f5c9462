import { givenUp, UpstreamBusy } from '../../errors/upstream.ts';
import { Lanes, laneOf, Urgency } from './lanes.ts';
import type { Lane, Meter } from './meter.ts';
import { Pace } from './pace.ts';

/** Who wants to enter; the gate looks at no more of a request. */
export interface Entrant {
  readonly signal?: AbortSignal | undefined;
  /** Default: interactive. */
  readonly lane?: Lane | Urgency | undefined;
}

interface Waiter<E> {
  readonly entrant: E;
  readonly grant: () => void;
  readonly refuse: (reason: unknown) => void;
}

/**
 * Lets at most `limit` exchanges run at once, in the order of their lanes, none while paused, and spaced
 * as the pace wants it.
 *
 * It stands before the connection pool, so that a request's timeouts begin when it really has a
 * connection, not while it waits for one.
 */
export class Gate<E extends Entrant> {
  readonly #queueLimit: number;
  readonly #pace: Pace;
  readonly #lanes = new Lanes<Waiter<E>>();
  readonly #idleListeners: (() => void)[] = [];
  #limit: number;
  #running = 0;
  #pausedUntil = 0;
  #resume: NodeJS.Timeout | undefined;
  /** Milliseconds so far in which a pause or the pace kept everybody out, and since when one does now. */
  #heldMs = 0;
  #heldSince: number | undefined;

  /** @param queueLimit how many may wait, half of them in the background; one more is refused with UpstreamBusy */
  constructor(limit: number, queueLimit: number, pace = new Pace()) {
    this.#limit = limit;
    this.#queueLimit = queueLimit;
    this.#pace = pace;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Takes effect for requests that wait or come later. Running ones are not affected. */
  set limit(limit: number) {
    this.#limit = limit;
    this.#admit();
  }

  get running(): number {
    return this.#running;
  }

  get queued(): number {
    return this.#lanes.size;
  }

  get queuedInBackground(): number {
    return this.#lanes.sizeOf('background');
  }

  /** Milliseconds until a pause is over; 0 without a pause. */
  get pausedMs(): number {
    return Math.max(0, this.#pausedUntil - performance.now());
  }

  /**
   * Waits for a slot and answers with the function that gives it back. What it waited goes to `meter`.
   * Throws UpstreamBusy when the queue, or the background's half of it, is full, Abandoned or the signal's own reason when that is aborted
   * first, and what `refuse` is given.
   */
  async takeSlot(entrant: E, meter?: Meter): Promise<() => void> {
    if (entrant.signal?.aborted === true) throw givenUp(entrant.signal);
    const now = performance.now();
    if (this.queued > 0 || !this.#mayEnter(now)) {
      if (this.#isFull(laneOf(entrant.lane))) throw new UpstreamBusy();
      await this.#wait(entrant, meter);
    } else {
      this.#fillSlot(now);
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

  /** Admits nothing for `milliseconds` from now. A longer pause that is already in force stays. */
  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + milliseconds);
    this.#admit();
  }

  /** Refuses each waiting request for which there is a reason. Running requests continue. */
  refuse(reasonFor: (entrant: E) => Error | undefined): void {
    for (const waiter of this.#lanes.all) {
      const reason = reasonFor(waiter.entrant);
      if (reason === undefined) continue;
      this.#lanes.delete(waiter);
      waiter.refuse(reason);
    }
    this.#announceIfIdle();
  }

  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void> {
    if (this.#running === 0 && this.queued === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idleListeners.push(resolve);
    });
  }

  /** Milliseconds that a pause or the pace keeps everybody out from now on. */
  #holdsMs(now: number): number {
    return Math.max(0, this.#pausedUntil - now, this.#pace.waitMs(now));
  }

  /** Background work leaves room for those who sit at a screen. */
  #isFull(lane: Lane): boolean {
    const isHalfFull = this.#lanes.sizeOf('background') >= this.#queueLimit / 2;
    return this.queued >= this.#queueLimit || (lane === 'background' && isHalfFull);
  }

  #mayEnter(now: number): boolean {
    return this.#running < this.#limit && this.#holdsMs(now) === 0;
  }

  #fillSlot(now: number): void {
    this.#running += 1;
    this.#pace.sent(now);
  }

  async #wait(entrant: E, meter: Meter | undefined): Promise<void> {
    const { signal, lane } = entrant;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter<E> = { entrant, grant: resolve, refuse: reject };
    const giveUp = () => {
      this.#lanes.delete(waiter);
      reject(givenUp(signal));
      this.#announceIfIdle();
    };
    this.#lanes.add(waiter, laneOf(lane));
    const stopListening = lane instanceof Urgency ? lane.onRaise(() => this.#lanes.raise(waiter)) : undefined;
    signal?.addEventListener('abort', giveUp, { once: true });
    const began = performance.now();
    this.#countHeld(began);
    const heldBefore = this.#heldMs;
    this.#admit();
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', giveUp);
      stopListening?.();
      const ended = performance.now();
      this.#countHeld(ended);
      const heldMs = this.#heldMs - heldBefore;
      if (meter !== undefined) {
        meter.throttledMs += Math.round(heldMs);
        meter.queuedMs += Math.round(Math.max(0, ended - began - heldMs));
      }
    }
  }

  /** Admits the requests whose turn it is, and sets a timer for the next. Synchronous. */
  #admit(): void {
    const now = performance.now();
    while (this.#mayEnter(now)) {
      const waiter = this.#lanes.next();
      if (waiter === undefined) break;
      // The slot is taken here, not when the waiter wakes up, or two could take the same one.
      this.#fillSlot(now);
      waiter.grant();
    }
    this.#countHeld(now);
    clearTimeout(this.#resume);
    const holdsMs = this.#holdsMs(now);
    // The timer runs only while a request waits for it, so it keeps no process alive.
    if (this.queued === 0 || holdsMs === 0) return;
    // It may fire a little early; then it is set again.
    this.#resume = setTimeout(() => this.#admit(), Math.ceil(holdsMs));
  }

  /** Time blocked by both pacing and a full gate counts as queued, not throttled. */
  #countHeld(now: number): void {
    if (this.#heldSince !== undefined) this.#heldMs += now - this.#heldSince;
    const isHeld = now < this.#pausedUntil || (this.#running < this.#limit && this.#holdsMs(now) > 0);
    this.#heldSince = isHeld ? now : undefined;
  }

  #announceIfIdle(): void {
    if (this.#running > 0 || this.queued > 0) return;
    clearTimeout(this.#resume);
    for (const listener of this.#idleListeners.splice(0)) listener();
  }
}
