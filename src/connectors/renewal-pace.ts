/** How long to wait after the second renewal in a row that was no use, in milliseconds; then twice as long each time. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

/**
 * How often a token endpoint is asked. A renewal was of use once Webex has accepted the token that it brought: after
 * one that was not, the next may follow at once, and later ones have to wait longer and longer. Pure: moments are
 * handed in, in milliseconds of any clock that only goes forward.
 */
export class RenewalPace {
  #uselessInARow = 0;
  #endedAt = Number.NEGATIVE_INFINITY;

  /** A renewal has ended, whatever it brought. */
  ended(now: number): void {
    this.#uselessInARow += 1;
    this.#endedAt = now;
  }

  /** Webex has accepted the token in use. */
  useful(): void {
    this.#uselessInARow = 0;
  }

  /** How long the next renewal has to wait, in milliseconds; 0 if it may begin. */
  waitMs(now: number): number {
    if (this.#uselessInARow < 2) return 0;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (this.#uselessInARow - 2), LONGEST_PAUSE_MS);
    return Math.max(0, this.#endedAt + pause - now);
  }
}
