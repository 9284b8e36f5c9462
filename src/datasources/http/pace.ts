/** How much of the rate a 429 leaves: when the rate was new or growing fast, and when it had held for a while. */
const AFTER_A_GUESS = 0.58;
const AFTER_A_HELD_RATE = 0.9;
/** By how much the rate grows in a second: while nothing is known, and near the rate of the last 429. */
const FAST_GROWTH = 5;
const SLOW_GROWTH = 1.003;
/** What is near the rate of the last 429, as shares of it. */
const NEAR_FROM = 0.8;
const NEAR_TO = 1.2;
/** The rate at which spacing makes no difference any more, in multiples of the floor. */
const FULL_SPEED = 100;
/** Milliseconds without a 429 after which the upstream is taken for unlimited again. */
const FORGOTTEN_MS = 60_000;
/** The longest time before a first 429 that the rate is taken from, in milliseconds. */
const MEASURED_MS = 10_000;
/** How long the rate that the first 429 has taught stays as it is, in milliseconds, if more was not spaced than two requests for each connection. */
const HOLD_AFTER_SAVINGS_MS = 1_700;
const SAVINGS_OF_NOTE = 2;
/** A silence before the first 429 that the rate is not taken from, in milliseconds. */
const IDLE_MS = 1_000;
const SECOND = 1_000;

/**
 * Learns from each 429 how many requests a second the upstream bears, and spaces them a little below that.
 * Nothing is spaced before the first 429, nor once the rate has grown high or no 429 has come for a minute.
 * What the upstream bears in the time of the first pause is not spaced either: nothing was sent in that time.
 *
 * The numbers above were tried against a simulated token bucket; docs/decisions/0005 tells what for.
 * Pure: `now` is handed in, in milliseconds of a clock that never goes back.
 */
export class Pace {
  #rate = Number.POSITIVE_INFINITY;
  /** The rate at the last 429 that came while requests were spaced. */
  #refused = Number.POSITIVE_INFINITY;
  #nextAt = 0;
  /** When the last request was sent that was not spaced. */
  #sentAt = 0;
  /** Since when successes are counted; the end of the last pause, if there was one. */
  #since = 0;
  #successes = 0;
  #grownAt = 0;
  #isNear = false;
  /** How many requests are not spaced: what the upstream has put aside during the first pause, if it counts as a bucket does. */
  #unspaced = 0;

  /** Requests a second; infinite while nothing is spaced. */
  get rate(): number {
    return this.#rate;
  }

  /** Milliseconds until the next request may be sent. */
  waitMs(now: number): number {
    return Math.max(0, this.#nextAt - now);
  }

  /** Notes that a request is sent. */
  sent(now: number): void {
    if (this.#rate === Number.POSITIVE_INFINITY) {
      const isNew = this.#successes === 0 || now - this.#since > MEASURED_MS || now - this.#sentAt > IDLE_MS;
      if (isNew) this.#measureFrom(now);
      this.#sentAt = now;
      return;
    }
    if (this.#unspaced >= 1) {
      this.#unspaced -= 1;
      return;
    }
    const gap = SECOND / this.#rate;
    // What a timer fires too late is made good for, as long as it is little.
    this.#nextAt = Math.max(this.#nextAt, now - gap / 10) + gap;
  }

  /**
   * Notes an answer other than a 429: the rate grows.
   * @param floor as for `throttled`
   */
  succeeded(now: number, floor: number): void {
    this.#successes += 1;
    if (this.#rate === Number.POSITIVE_INFINITY) return;
    if (now - this.#since > FORGOTTEN_MS || this.#rate > FULL_SPEED * floor) this.#forget(now);
    else if (now > this.#grownAt) this.#grow(now);
  }

  /**
   * Notes the 429 that begins a pause.
   * @param pauseMs how long nothing is sent
   * @param floor requests a second that the first 429 leaves at least, for it may be a stray one
   */
  throttled(now: number, pauseMs: number, floor: number): void {
    const runMs = now - this.#since;
    const measured = this.#successes / ((runMs + pauseMs) / SECOND);
    if (this.#rate === Number.POSITIVE_INFINITY) {
      this.#rate = Math.max(floor, measured);
      this.#unspaced = (measured * pauseMs) / SECOND;
    } else {
      this.#unspaced = 0;
      this.#refused = this.#rate;
      const isGuess = runMs < SECOND || !this.#isNear;
      const least = this.#rate * (isGuess ? AFTER_A_GUESS : AFTER_A_HELD_RATE);
      this.#rate = Math.min(Math.max(least, measured), this.#rate * AFTER_A_HELD_RATE);
    }
    this.#nextAt = now + pauseMs;
    this.#measureFrom(now + pauseMs);
    // A rate has to hold before it grows: longer if the upstream's savings were spent on top of it.
    const hold = this.#unspaced > SAVINGS_OF_NOTE * floor ? HOLD_AFTER_SAVINGS_MS : SECOND;
    this.#grownAt = now + pauseMs + hold;
  }

  /** Fast up to what is near the last 429, slowly there, fast again beyond. */
  #grow(now: number): void {
    const seconds = Math.min(now - this.#grownAt, SECOND) / SECOND;
    this.#grownAt = now;
    const near = this.#refused * NEAR_FROM;
    const isBelow = this.#rate < near;
    this.#isNear = !isBelow && this.#rate < this.#refused * NEAR_TO;
    const grown = this.#rate * (this.#isNear ? SLOW_GROWTH : FAST_GROWTH) ** seconds;
    this.#rate = isBelow ? Math.min(grown, near) : grown;
  }

  #measureFrom(now: number): void {
    this.#since = now;
    this.#successes = 0;
  }

  #forget(now: number): void {
    this.#rate = Number.POSITIVE_INFINITY;
    this.#refused = Number.POSITIVE_INFINITY;
    this.#nextAt = 0;
    this.#isNear = false;
    this.#measureFrom(now);
  }
}
