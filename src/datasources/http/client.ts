import { NotRecorded } from '../../errors/changes.ts';
import type { GatewayError } from '../../errors/gateway-error.ts';
import {
  AnswerTooLarge,
  DeadlineExceeded,
  RateLimited,
  UpstreamTimeout,
  UpstreamUnavailable,
} from '../../errors/upstream.ts';
import { Breakers, type HealthSignal, healthSignalOf } from './breaker.ts';
import type { Destinations } from './destinations.ts';
import { exchange, type HttpRequest, type HttpResponse, type ServiceTraits } from './exchange.ts';
import { Gate } from './gate.ts';
import type { Meter } from './meter.ts';
import { beginObserved, type HttpListeners, type Sending } from './observer.ts';
import { Pace } from './pace.ts';
import { isSamePool, Pool, type PoolSettings, type PoolStatus } from './pool.ts';
import { type NextStep, Retries } from './retries.ts';
import { outcomeOf, retryLimitsOf } from './retry.ts';
import { Turns } from './turns.ts';

interface Attempt extends NextStep {
  readonly result: HttpResponse | Error;
  /** Whether the next request gets the connection and is sent before this result is parsed. */
  readonly letsNextGo: boolean;
}

const QUEUE_LIMIT = 10_000;
/** If a deadline ends a request after this time without an answer, the upstream counts as down, in milliseconds. */
const STALLED_MS = 10_000;
/** How much longer the pause is that other processes are told, so that a slightly longer one needs no notice, in milliseconds. */
const TOLD_LONGER_MS = 250;

/**
 * An HTTP client with a bounded pool of connections. It queues requests in two lanes, retries what is safe to retry, pauses
 * as a whole when the upstream asks for it, sends as fast as the upstream accepts, and stops sending to a server that does
 * not answer. Knows HTTP, not Webex.
 */
export class HttpClient {
  readonly traits: ServiceTraits;
  readonly #pace = new Pace();
  readonly #gate: Gate<HttpRequest>;
  readonly #retries = new Retries(() => this.#gate.limit);
  readonly #pool: Pool;
  readonly #listeners: HttpListeners;
  readonly #breakers: Breakers;
  readonly #turns = new Turns();
  #settings: PoolSettings;
  #ended: GatewayError | undefined;
  /** Until when others pause because of us, by a clock that never goes back. */
  #toldUntil = 0;

  /**
   * @param destinations where requests may go
   * @param traits of the service behind it
   */
  constructor(
    settings: PoolSettings,
    destinations: Destinations,
    traits: ServiceTraits,
    listeners: HttpListeners = {},
  ) {
    this.#settings = settings;
    this.traits = traits;
    this.#breakers = new Breakers(traits.name);
    this.#gate = new Gate(settings.maximumConnections, QUEUE_LIMIT, this.#pace);
    this.#pool = new Pool(settings, destinations);
    this.#listeners = listeners;
  }

  /**
   * Sends a request, waiting for its turn, and answers with whatever status came back last. What it cost
   * goes to `meter`.
   * Throws UpstreamAddressRefused, RateLimited, UpstreamUnavailable, UpstreamDown, UpstreamTimeout, AnswerTooLarge, UpstreamBusy, or
   * when the request's signal is aborted, Abandoned or the reason that the signal has.
   */
  async send(request: HttpRequest, meter?: Meter): Promise<HttpResponse> {
    for (let attempt = 1; ; attempt += 1) {
      const done = await this.#attempt(request, attempt, meter);
      const { result, decision } = done;
      if (decision.action === 'repeat' && (await this.#retries.wait(done, request))) continue;
      if (result instanceof Error) throw result;
      if (result.status === 429) throw this.#rateLimited(request, 429);
      if (done.letsNextGo) await this.#turns.next();
      return attempt === 1 ? result : { ...result, isRepeated: true };
    }
  }

  /** Throws RateLimited if a request like this, which is about to wait for another's answer, would not wait out the pause. */
  checkPause(request: Pick<HttpRequest, 'method' | 'url' | 'lane'>): void {
    if (this.#gate.pausedMs > retryLimitsOf(request).longestWaitMs) throw this.#rateLimited(request);
  }

  /**
   * Whether a request that was too large may be sent again in smaller parts. If so, the failed one counts as an extra
   * request. Call it once for each failure.
   */
  mayAskForLess(): boolean {
    return this.#retries.mayAskForLess();
  }

  /** Pauses for as long as another process was asked to, without telling the others. */
  pauseFor(milliseconds: number): void {
    this.#toldUntil = Math.max(this.#toldUntil, performance.now() + milliseconds);
    this.#pause(milliseconds);
  }

  /**
   * Changed settings take effect with the next request. Requests under way are not affected. Open circuit breakers are
   * closed, because the change may be the fix.
   */
  configure(settings: PoolSettings): void {
    const isSame = isSamePool(settings, this.#settings);
    this.#settings = settings;
    if (isSame) return;
    this.#pool.replace(settings);
    this.#breakers.clear();
    this.#gate.limit = settings.maximumConnections;
  }

  /** How many requests may run at once, as it is configured at this moment. */
  get maximumConnections(): number {
    return this.#gate.limit;
  }

  status(): PoolStatus {
    const { limit, running, queued, queuedInBackground, pausedMs } = this.#gate;
    const { openMs } = this.#breakers;
    return {
      maximumConnections: limit,
      // Behind a proxy there is one to each request at most.
      connected: this.#pool.connected ?? running,
      running,
      queued,
      queuedInBackground,
      throttledUntil: pausedMs === 0 ? undefined : new Date(Date.now() + pausedMs),
      leftAloneUntil: openMs === 0 ? undefined : new Date(Date.now() + openMs),
    };
  }

  /** Lets all that runs come to its end, unless it would wait for long, then closes the connections. */
  async close(): Promise<void> {
    await this.#gate.idle();
    await this.#pool.close();
  }

  /** Ends everything at once: what waits or runs fails with `reason`, and so does what comes later. */
  async destroy(reason: GatewayError): Promise<void> {
    this.#ended = reason;
    this.#gate.refuse(() => reason);
    this.#retries.end(reason);
    await this.#pool.destroy();
  }

  /** Throws UpstreamAddressRefused if no request may go to the origin of `url` as the client is configured. */
  checkDestination(url: URL): void {
    this.#pool.check(url);
  }

  /** Waits for a turn, sends once, and decides how to go on. */
  async #attempt(request: HttpRequest, attempt: number, meter: Meter | undefined): Promise<Attempt> {
    this.#check(request);
    const asked = performance.now();
    const release = await this.#gate.takeSlot(request, meter);
    const waitedMs = performance.now() - asked;
    try {
      if (this.#ended !== undefined) throw this.#ended;
      if (request.mayStart?.() === false) throw new NotRecorded();
      const result = await this.#exchange(request, { attempt, waitedMs }, meter);
      const isLeftAlone = this.#breakers.refusalOf(request) !== undefined;
      const next = this.#retries.next(result, request, attempt, isLeftAlone);
      const { decision } = next;
      // While the slot is still taken, or the next one would slip out before the pause.
      if (decision.action === 'refuse') this.#throttle(decision.retryAfterMs);
      // Only the 429 that begins a pause adds jitter: of ten, the longest would count.
      if (decision.action === 'repeat' && decision.pause)
        this.#throttle(this.#gate.pausedMs === 0 ? decision.afterMs : decision.askedMs);
      // If answers come faster than they are parsed, some keep their slots, or they would pile up in memory.
      const keepsSlot = this.#turns.waiting >= this.#gate.limit;
      if (keepsSlot) await this.#turns.next();
      return { ...next, result, letsNextGo: !keepsSlot && this.#gate.queued > 0 };
    } finally {
      release();
    }
  }

  /** Returns a failure that may be retried, throws any other. */
  async #exchange(
    request: HttpRequest,
    facts: Sending,
    meter: Meter | undefined,
  ): Promise<HttpResponse | Error> {
    const report = this.#breakers.begin(request);
    let signal: HealthSignal = 'unknown';
    const began = performance.now();
    if (facts.attempt === 1) this.#retries.first(began);
    else if (meter !== undefined) meter.retries += 1;
    if (meter !== undefined) meter.requests += 1;
    let ended: ReturnType<typeof beginObserved> | undefined;
    try {
      ended = beginObserved(request, facts, meter, this.#listeners.observe);
      const { cut, secrets } = this.#pool;
      const limits = { totalMs: 2_000 * this.#settings.connectionTimeout, cut, secrets, traits: this.traits };
      const response = await exchange(this.#pool.dispatcher(request.url), request, limits);
      ended(response.status, response.trackingId);
      signal = healthSignalOf(outcomeOf(response), request.retry === 'unless-slow');
      if (response.status !== 429) this.#pace.succeeded(performance.now(), this.#gate.limit);
      return response;
    } catch (error) {
      ended?.(error instanceof AnswerTooLarge ? error.call.status : undefined, undefined, error);
      // A write that is cut off may have been carried out, which an error of ours would not tell.
      if (this.#ended !== undefined && request.method === 'GET') throw this.#ended;
      if (error instanceof AnswerTooLarge) signal = 'alive';
      if (error instanceof DeadlineExceeded && performance.now() - began >= STALLED_MS) signal = 'down';
      if (!(error instanceof UpstreamUnavailable || error instanceof UpstreamTimeout)) throw error;
      signal = healthSignalOf(outcomeOf(error), request.retry === 'unless-slow');
      return error;
    } finally {
      report(signal);
      // Those who wait for a server that is left alone need not wait for their turn to learn so.
      if (signal === 'down' || signal === 'suspect')
        this.#gate.refuse((waiting) => this.#breakers.refusalOf(waiting));
    }
  }

  /** Begins a pause, or makes it longer, because this client was asked to. */
  #throttle(milliseconds: number): void {
    this.#pause(milliseconds);
    const end = performance.now() + milliseconds;
    if (end <= this.#toldUntil) return;
    this.#toldUntil = end + TOLD_LONGER_MS;
    this.#listeners.onThrottled?.(milliseconds + TOLD_LONGER_MS);
  }

  /** A 429 during a pause was under way before, and teaches nothing of the pace. */
  #pause(milliseconds: number): void {
    if (this.#gate.pausedMs === 0) this.#pace.throttled(performance.now(), milliseconds, this.#gate.limit);
    this.#gate.pause(milliseconds);
    const left = this.#gate.pausedMs;
    this.#gate.refuse((waiting) => {
      return left > retryLimitsOf(waiting).longestWaitMs ? this.#rateLimited(waiting) : undefined;
    });
  }

  /** Throws why a request fails before it waits for a turn. */
  #check(request: HttpRequest): void {
    if (this.#ended !== undefined) throw this.#ended;
    this.#pool.check(request.url);
    this.checkPause(request);
    const refusal = this.#breakers.refusalOf(request);
    if (refusal !== undefined) throw refusal;
  }

  /** @param status of the answer; undefined if the request is not sent because of a pause */
  #rateLimited({ method, url }: Pick<HttpRequest, 'method' | 'url'>, status?: number): RateLimited {
    const call = { service: this.traits.name, method, path: url.pathname, status };
    return new RateLimited(Math.max(1, Math.ceil(this.#gate.pausedMs / 1_000)), call);
  }
}
