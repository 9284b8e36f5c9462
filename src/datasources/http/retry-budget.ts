/** The share of the requests of late that repeats may make up. */
const SHARE = 0.2;
/** After so many milliseconds a request counts half. */
const HALF_LIFE_MS = 10_000;

/**
 * Bounds how much repeating adds to what an upstream that is in trouble has to bear: a fifth of the
 * requests of late, and a reserve beside that, so that little traffic may be repeated too.
 * Pure: `now` is handed in, in milliseconds of a clock that never goes back.
 */
export class RetryBudget {
  #sent = 0;
  #repeated = 0;
  #countedAt = 0;

  /** Notes a request, be it a first one or a repeat. */
  sent(now: number): void {
    this.#age(now);
    this.#sent += 1;
  }

  /** Notes the decision to repeat one. */
  repeated(now: number): void {
    this.#age(now);
    this.#repeated += 1;
  }

  /**
   * Whether one more may be repeated.
   * @param reserve how many may be repeated at once after a time of rest, whatever the traffic
   */
  allows(now: number, reserve: number): boolean {
    this.#age(now);
    return this.#repeated + 1 <= this.#sent * SHARE + reserve;
  }

  #age(now: number): void {
    const left = 0.5 ** ((now - this.#countedAt) / HALF_LIFE_MS);
    this.#sent *= left;
    this.#repeated *= left;
    this.#countedAt = now;
  }
}
