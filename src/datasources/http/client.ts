import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import {
  Abandoned,
  type GatewayError,
  RateLimited,
  UpstreamTimeout,
  UpstreamUnavailable,
} from '../../errors.ts';
import { exchange, type HttpRequest, type HttpResponse } from './exchange.ts';
import { Gate } from './gate.ts';
import { type AttemptOutcome, decideRetry } from './retry.ts';

export interface PoolSettings {
  /** Most connections to one origin, and most requests at once. */
  readonly maximumConnections: number;
  /** Seconds for connecting, for the first byte, and between two parts of an answer; twice that for all. */
  readonly connectionTimeout: number;
}

export interface PoolStatus {
  readonly maximumConnections: number;
  readonly connected: number;
  readonly running: number;
  readonly queued: number;
  readonly throttledUntil: Date | undefined;
}

/** Counts what a piece of work costs upstream. One is made for each GraphQL request. */
export interface Meter {
  /** Requests sent, repeated ones included. */
  requests: number;
  retries: number;
}

const QUEUE_LIMIT = 10_000;
const LARGEST_BODY = 10 * 1024 * 1024;
/** The longest pause that a request waits out, in milliseconds; with a longer one it fails at once. */
const LONGEST_WAIT_MS = 60_000;

/**
 * An HTTP client with a bounded pool of connections: queues, repeats what is safe to repeat, and pauses
 * as a whole when the upstream asks for it. Knows HTTP, not Webex.
 */
export class HttpClient {
  readonly #gate: Gate;
  #settings: PoolSettings;
  #agent: Agent;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    this.#gate = new Gate(settings.maximumConnections, QUEUE_LIMIT);
    this.#agent = createAgent(settings);
  }

  /**
   * Sends a request, waiting for a free connection, and answers with whatever status came back last.
   * Throws RateLimited, UpstreamUnavailable, UpstreamTimeout, AnswerTooLarge, UpstreamBusy, or Abandoned
   * when the request's signal is aborted.
   */
  async send(request: HttpRequest, meter?: Meter): Promise<HttpResponse> {
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.#attempt(request, meter);
      const outcome: AttemptOutcome =
        result instanceof Error
          ? { kind: 'no-answer' }
          : { kind: 'status', status: result.status, retryAfter: result.header('retry-after') };
      const decision = decideRetry(outcome, request.method, attempt, Date.now(), Math.random());
      if (decision.action === 'refuse') {
        this.#gate.pause(decision.retryAfterMs);
        const refusal = this.#refusal(request);
        if (this.#isPausedTooLong()) this.#gate.refuseAll(refusal);
        throw refusal;
      }
      if (decision.action === 'stop') {
        if (result instanceof Error) throw result;
        return result;
      }
      if (meter !== undefined) meter.retries += 1;
      if (decision.pause) this.#gate.pause(decision.afterMs);
      else await sleep(decision.afterMs, undefined, { signal: request.signal }).catch(giveUp);
    }
  }

  /** Changed settings hold from the next request on; those under way end as they began. */
  configure(settings: PoolSettings): void {
    const { maximumConnections, connectionTimeout } = this.#settings;
    this.#settings = settings;
    const isSame =
      settings.maximumConnections === maximumConnections && settings.connectionTimeout === connectionTimeout;
    if (isSame) return;
    const before = this.#agent;
    this.#agent = createAgent(settings);
    this.#gate.limit = settings.maximumConnections;
    void before.close();
  }

  status(): PoolStatus {
    const pools = Object.values(this.#agent.stats);
    const { pausedMs } = this.#gate;
    return {
      maximumConnections: this.#gate.limit,
      connected: pools.reduce((sum, pool) => sum + Number(pool.connected), 0),
      running: this.#gate.running,
      queued: this.#gate.queued,
      throttledUntil: pausedMs === 0 ? undefined : new Date(Date.now() + pausedMs),
    };
  }

  /** Lets all that runs come to its end, unless it would wait for long, then closes the connections. */
  async close(): Promise<void> {
    await this.#gate.idle();
    await this.#agent.close();
  }

  /** Ends everything at once: what waits fails with `reason`, what runs with a broken connection. */
  async destroy(reason: GatewayError): Promise<void> {
    this.#gate.refuseAll(reason);
    await this.#agent.destroy();
  }

  async #attempt(request: HttpRequest, meter: Meter | undefined): Promise<HttpResponse | Error> {
    if (this.#isPausedTooLong()) throw this.#refusal(request);
    const leave = await this.#gate.enter(request.signal);
    try {
      if (meter !== undefined) meter.requests += 1;
      const totalMs = 2 * 1_000 * this.#settings.connectionTimeout;
      return await exchange(this.#agent, request, { totalMs, bodyBytes: LARGEST_BODY });
    } catch (error) {
      if (error instanceof UpstreamUnavailable || error instanceof UpstreamTimeout) return error;
      throw error;
    } finally {
      leave();
    }
  }

  #isPausedTooLong(): boolean {
    return this.#gate.pausedMs > LONGEST_WAIT_MS;
  }

  #refusal(request: HttpRequest): RateLimited {
    const call = { method: request.method, path: request.url.pathname, status: 429 };
    return new RateLimited(Math.ceil(this.#gate.pausedMs / 1_000), call);
  }
}

function createAgent(settings: PoolSettings): Agent {
  const timeout = settings.connectionTimeout * 1_000;
  return new Agent({
    connections: settings.maximumConnections,
    pipelining: 1,
    allowH2: false,
    connect: { timeout },
    headersTimeout: timeout,
    bodyTimeout: timeout,
  });
}

function giveUp(): never {
  throw new Abandoned();
}
