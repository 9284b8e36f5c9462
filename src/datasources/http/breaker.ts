import type { AttemptOutcome } from './retry.ts';

/** Failures in a row after which the upstream is left alone. */
const FAILURES = 5;
const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;
/** What whoever comes during a probe is told to wait, in milliseconds. */
const DURING_A_PROBE_MS = 1_000;

/** What the end of a request says of the upstream: that it lives, that it is down, or neither. */
export type Sign = 'life' | 'failure' | 'neither';

/**
 * What an attempt says of the upstream. A 504 means at Webex that too much was asked for at once, and a 500
 * that it tripped over one request.
 */
export function signOf(outcome: AttemptOutcome): Sign {
  if (outcome.kind !== 'status' || outcome.status === 502 || outcome.status === 503) return 'failure';
  return outcome.status === 500 || outcome.status === 504 ? 'neither' : 'life';
}

/**
 * Leaves an upstream alone that is down. Closed, it lets everything through and counts failures; the fifth
 * without a sign of life in between opens it, unless all were under way when the first of them failed: many
 * connections that break at one moment may come of one hiccup. Open, nothing goes through for a second; then one request
 * does, as a probe, and nothing else until that has ended. A probe that fails doubles the time, up to thirty
 * seconds. Any sign of life closes it.
 * Pure: `now` is handed in, in milliseconds of a clock that never goes back.
 */
export class Breaker {
  #failures = 0;
  /** When the first of them failed. */
  #failingSince = 0;
  /** For how long it is open; 0 when it is closed. */
  #openMs = 0;
  #openUntil = 0;
  /** The request that is the probe. */
  #probe: symbol | undefined;

  /** Milliseconds until a request may go through; 0 when it may now. */
  waitMs(now: number): number {
    const leftMs = this.openLeftMs(now);
    return leftMs === 0 && this.#probe !== undefined ? DURING_A_PROBE_MS : leftMs;
  }

  /** Milliseconds until the next probe may be sent; 0 when it is closed, or a probe may be or is under way. */
  openLeftMs(now: number): number {
    return this.#openMs === 0 ? 0 : Math.max(0, this.#openUntil - now);
  }

  /**
   * Lets a request through, and answers with the function that takes what became of it; to be called once.
   * Undefined when it may not go through.
   */
  begin(now: number): ((sign: Sign, endedAt: number) => void) | undefined {
    if (this.waitMs(now) > 0) return undefined;
    const request = Symbol();
    if (this.#openMs > 0) this.#probe = request;
    return (sign, endedAt) => this.#end(request, now, sign, endedAt);
  }

  #end(request: symbol, began: number, sign: Sign, now: number): void {
    const wasProbe = this.#probe === request;
    if (wasProbe) this.#probe = undefined;
    if (sign === 'life') {
      this.#failures = 0;
      this.#openMs = 0;
      this.#probe = undefined;
    } else if (sign === 'failure') {
      this.#fail(began, now, wasProbe);
    }
  }

  /** Those that were under way when it opened change nothing when they fail too. */
  #fail(began: number, now: number, wasProbe: boolean): void {
    if (this.#openMs > 0) {
      if (wasProbe) this.#open(now, Math.min(this.#openMs * 2, LONGEST_MS));
      return;
    }
    if (this.#failures === 0) this.#failingSince = now;
    this.#failures += 1;
    if (this.#failures >= FAILURES && began >= this.#failingSince) this.#open(now, FIRST_MS);
  }

  #open(now: number, milliseconds: number): void {
    this.#openMs = milliseconds;
    this.#openUntil = now + milliseconds;
  }
}
