import type { GatewayError } from '../../errors/gateway-error.ts';
import { givenUp } from '../../errors/upstream.ts';
import type { HttpRequest, HttpResponse } from './exchange.ts';
import { laneOf } from './lanes.ts';
import { decideRetry, outcomeOf, type RetryDecision, retryLimitsOf } from './retry.ts';
import { RetryBudget } from './retry-budget.ts';

/** How often background work checks whether the retry budget has some left, in milliseconds. */
const BUDGET_CHECK_MS = 250;

/** What follows an attempt, and whether the retry budget still has to pay for it. */
export interface NextStep {
  readonly decision: RetryDecision;
  readonly isUnpaid: boolean;
}

/**
 * How one client's failed requests are retried: whether at all, after which wait, and within one retry budget.
 * If the budget is spent, an interactive request fails at once and background work waits for it.
 */
export class Retries {
  readonly #budget = new RetryBudget();
  readonly #connections: () => number;
  readonly #waits = new Set<(reason: Error) => void>();
  #ended: GatewayError | undefined;

  /** @param connections how many requests may run at once, at this moment */
  constructor(connections: () => number) {
    this.#connections = connections;
  }

  /** Notes that a request is sent for the first time. */
  first(now: number): void {
    this.#budget.first(now, this.#connections());
  }

  /** As `HttpClient.mayAskForLess`. */
  mayAskForLess(): boolean {
    const may = this.#budget.allows('asked-in-parts', performance.now(), this.#connections());
    if (may) this.#budget.spend('asked-in-parts');
    return may;
  }

  /**
   * What follows an attempt that ended in `result`.
   * @param attempt number of the attempt, from 1
   * @param isLeftAlone whether the server is down and left alone
   */
  next(result: HttpResponse | Error, request: HttpRequest, attempt: number, isLeftAlone: boolean): NextStep {
    const waitsForBudget = laneOf(request.lane) === 'background';
    const mayRepeat = !isLeftAlone && (waitsForBudget || this.#budgetWaitMs() === 0);
    const moment = { now: Date.now(), random: Math.random(), mayRepeat };
    const decision = decideRetry(outcomeOf(result), request.method, attempt, moment, retryLimitsOf(request));
    return { decision, isUnpaid: decision.action === 'repeat' && !this.#pay() };
  }

  /**
   * Waits until the next attempt may be sent; a pause is left to the gate.
   * False if the retry budget would not pay for it within the time that such a request waits.
   * Throws what ended the request, or the client, in the meantime.
   */
  async wait({ decision, isUnpaid }: NextStep, request: HttpRequest): Promise<boolean> {
    const { signal } = request;
    if (decision.action === 'repeat' && !decision.pause) await this.#sleep(decision.afterMs, signal);
    if (!isUnpaid) return true;
    const began = performance.now();
    while (!this.#pay()) {
      if (performance.now() - began > retryLimitsOf(request).longestWaitMs) return false;
      await this.#sleep(Math.min(this.#budgetWaitMs(), BUDGET_CHECK_MS), signal);
    }
    return true;
  }

  /** Ends all waits, also later ones, with this reason. */
  end(reason: GatewayError): void {
    this.#ended = reason;
    for (const end of this.#waits) end(reason);
  }

  /** Pays for one repetition; false if the budget has nothing left. */
  #pay(): boolean {
    const isThere = this.#budgetWaitMs() === 0;
    if (isThere) this.#budget.spend('repeated');
    return isThere;
  }

  #budgetWaitMs(): number {
    return this.#budget.waitMs('repeated', performance.now(), this.#connections());
  }

  async #sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#ended !== undefined) throw this.#ended;
    if (signal?.aborted === true) throw givenUp(signal);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    const giveUp = () => reject(givenUp(signal));
    signal?.addEventListener('abort', giveUp, { once: true });
    this.#waits.add(reject);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      this.#waits.delete(reject);
    }
  }
}
