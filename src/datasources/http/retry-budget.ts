/** For how many first requests one extra request may be sent. */
const FIRSTS_PER_EXTRA = 5;
/**
 * What an extra request takes from the account, in fifths. What is asked for in parts was paid in as a first
 * request when it was sent, and gives that back.
 */
const COSTS = { repeated: FIRSTS_PER_EXTRA, 'asked-in-parts': FIRSTS_PER_EXTRA + 1 } as const;
/** What the reserve holds beside one extra request for each connection. */
const RESERVE = 10;
/** After how many milliseconds the reserve holds one more, whatever the traffic. */
const REFILL_MS = 60_000;

/** How a request comes to be an extra one: it repeats another, or was too much and is asked for in parts. */
export type Extra = keyof typeof COSTS;

/**
 * Bounds what is asked of an upstream in vain. An extra request is one that repeats another, or one that failed
 * because it asked for too much, if the same is then asked for in smaller parts. All others are first requests.
 * In any stretch of time there are no more extra requests than a fifth of the first ones, the reserve (one for
 * each connection, and ten), and one a minute.
 *
 * It is one account. The reserve is what it holds at first and at most. First requests and time pay in; what
 * goes beyond the reserve is lost.
 * Pure: `now` is handed in, in milliseconds of a clock that never goes back.
 */
export class RetryBudget {
  /** In fifths of an extra request; at first as much as the reserve is, however large. */
  #left = Number.POSITIVE_INFINITY;
  #paidAt = 0;

  /** Notes that a request is sent for the first time. */
  first(now: number, connections: number): void {
    this.#pay(1, now, connections);
  }

  /** Whether there may be one more extra request. */
  allows(extra: Extra, now: number, connections: number): boolean {
    return this.waitMs(extra, now, connections) === 0;
  }

  /** Milliseconds until there may be one more extra request, if no first request is sent until then. */
  waitMs(extra: Extra, now: number, connections: number): number {
    this.#pay(0, now, connections);
    return Math.ceil((Math.max(0, COSTS[extra] - this.#left) / FIRSTS_PER_EXTRA) * REFILL_MS);
  }

  /** Notes an extra request, which was allowed at this moment. */
  spend(extra: Extra): void {
    this.#left -= COSTS[extra];
  }

  #pay(firsts: number, now: number, connections: number): void {
    const byTime = ((now - this.#paidAt) / REFILL_MS) * FIRSTS_PER_EXTRA;
    this.#paidAt = now;
    this.#left = Math.min(this.#left + byTime + firsts, (connections + RESERVE) * FIRSTS_PER_EXTRA);
  }
}
