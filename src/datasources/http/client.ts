import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates } from 'node:tls';
import { Agent, ProxyAgent } from 'undici';
import {
  Abandoned,
  type GatewayError,
  RateLimited,
  UpstreamTimeout,
  UpstreamUnavailable,
} from '../../errors.ts';
import { exchange, type HttpRequest, type HttpResponse } from './exchange.ts';
import { Gate } from './gate.ts';
import { type AttemptOutcome, decideRetry, NONE_WHEN_SLOW, ONE_ATTEMPT } from './retry.ts';

export interface PoolSettings {
  /** Most connections to one origin, and most requests at once. */
  readonly maximumConnections: number;
  /** Seconds for connecting, for the first byte, and between two parts of an answer; twice that for all. */
  readonly connectionTimeout: number;
  /** An http or https proxy that everything goes through. */
  readonly proxyUrl?: string | null;
  /** PEM; trusted beside the usual authorities. */
  readonly caCertificates?: string | null;
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

const LIMITS = { never: ONE_ATTEMPT, 'unless-slow': NONE_WHEN_SLOW } as const;
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
  /** Those that were replaced and still have requests under way. */
  readonly #replaced = new Set<Agent | ProxyAgent>();
  #agent: Agent | ProxyAgent;
  #ended: GatewayError | undefined;

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
          ? { kind: result instanceof UpstreamTimeout ? 'too-slow' : 'no-answer' }
          : { kind: 'status', status: result.status, retryAfter: result.header('retry-after') };
      const limits = request.repeat === undefined ? undefined : LIMITS[request.repeat];
      const decision = decideRetry(outcome, request.method, attempt, Date.now(), Math.random(), limits);
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
    const current = this.#settings;
    this.#settings = settings;
    const isSame =
      settings.maximumConnections === current.maximumConnections &&
      settings.connectionTimeout === current.connectionTimeout &&
      settings.proxyUrl === current.proxyUrl &&
      settings.caCertificates === current.caCertificates;
    if (isSame) return;
    const before = this.#agent;
    this.#agent = createAgent(settings);
    this.#gate.limit = settings.maximumConnections;
    this.#replaced.add(before);
    void before.close().finally(() => this.#replaced.delete(before));
  }

  status(): PoolStatus {
    // A proxy's connections are not counted by the library; there is one to each request at most.
    const connected =
      this.#agent instanceof Agent
        ? Object.values(this.#agent.stats).reduce((sum, pool) => sum + Number(pool.connected), 0)
        : this.#gate.running;
    const { pausedMs } = this.#gate;
    return {
      maximumConnections: this.#gate.limit,
      connected,
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

  /** Ends everything at once: what waits or runs fails with `reason`, and so does what comes later. */
  async destroy(reason: GatewayError): Promise<void> {
    this.#ended = reason;
    this.#gate.refuseAll(reason);
    await Promise.all([this.#agent, ...this.#replaced].map((agent) => agent.destroy()));
  }

  async #attempt(request: HttpRequest, meter: Meter | undefined): Promise<HttpResponse | Error> {
    if (this.#ended !== undefined) throw this.#ended;
    if (this.#isPausedTooLong()) throw this.#refusal(request);
    const leave = await this.#gate.enter(request.signal);
    try {
      if (meter !== undefined) meter.requests += 1;
      const totalMs = 2 * 1_000 * this.#settings.connectionTimeout;
      return await exchange(this.#agent, request, { totalMs, bodyBytes: LARGEST_BODY });
    } catch (error) {
      if (this.#ended !== undefined) throw this.#ended;
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

function createAgent(settings: PoolSettings): Agent | ProxyAgent {
  const timeout = settings.connectionTimeout * 1_000;
  const tls =
    settings.caCertificates == null ? {} : { ca: [...getCACertificates('default'), settings.caCertificates] };
  const options = {
    connections: settings.maximumConnections,
    pipelining: 1,
    allowH2: false,
    headersTimeout: timeout,
    bodyTimeout: timeout,
  };
  if (settings.proxyUrl == null) return new Agent({ ...options, connect: { timeout, ...tls } });
  return new ProxyAgent({
    ...options,
    uri: settings.proxyUrl,
    requestTls: { timeout, ...tls },
    proxyTls: { timeout, ...tls },
  });
}

function giveUp(): never {
  throw new Abandoned();
}
