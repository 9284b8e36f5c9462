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

export interface HttpClientOptions {
  /** Most connections to one origin, and most requests at once. */
  readonly maximumConnections: number;
  /** Seconds for connecting, for the first byte, and between two parts of an answer. */
  readonly connectionTimeout: number;
}

export interface HttpPoolStatus {
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

function giveUp(): never {
  throw new Abandoned();
}

const QUEUE_LIMIT = 10_000;
const LARGEST_BODY = 10 * 1024 * 1024;

/**
 * An HTTP client with a bounded pool of connections: queues, repeats what is safe to repeat, and pauses
 * as a whole when the upstream asks for it. Knows HTTP, not Webex.
 */
export class HttpClient {
  readonly #agent: Agent;
  readonly #gate: Gate;
  readonly #limits: { totalMs: number; bodyBytes: number };

  constructor(options: HttpClientOptions) {
    const timeout = options.connectionTimeout * 1_000;
    this.#gate = new Gate(options.maximumConnections, QUEUE_LIMIT);
    this.#limits = { totalMs: 2 * timeout, bodyBytes: LARGEST_BODY };
    this.#agent = new Agent({
      connections: options.maximumConnections,
      pipelining: 1,
      allowH2: false,
      connect: { timeout },
      headersTimeout: timeout,
      bodyTimeout: timeout,
    });
  }

  /**
   * Sends a request, waiting for a free connection, and answers with whatever status came back last.
   * Throws RateLimited, UpstreamUnavailable, UpstreamTimeout, UpstreamInvalid, UpstreamBusy, or
   * Abandoned when the request's signal is aborted.
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
        const call = { method: request.method, path: request.url.pathname, status: 429 };
        throw new RateLimited(Math.ceil(decision.retryAfterMs / 1_000), call);
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

  status(): HttpPoolStatus {
    const connected = Object.values(this.#agent.stats).reduce((sum, pool) => sum + Number(pool.connected), 0);
    return {
      maximumConnections: this.#gate.limit,
      connected,
      running: this.#gate.running,
      queued: this.#gate.queued,
      throttledUntil: this.#gate.pausedUntil,
    };
  }

  /** Lets all that runs or waits come to its end, then closes the connections. */
  async retire(): Promise<void> {
    await this.#gate.idle();
    await this.#agent.close();
  }

  /** As `retire`, but whatever still waits for a connection fails with `reason`. */
  async close(reason: GatewayError): Promise<void> {
    this.#gate.refuseAll(reason);
    await this.retire();
  }

  async #attempt(request: HttpRequest, meter: Meter | undefined): Promise<HttpResponse | Error> {
    const leave = await this.#gate.enter(request.signal);
    try {
      if (meter !== undefined) meter.requests += 1;
      return await exchange(this.#agent, request, this.#limits);
    } catch (error) {
      if (error instanceof UpstreamUnavailable || error instanceof UpstreamTimeout) return error;
      throw error;
    } finally {
      leave();
    }
  }
}
