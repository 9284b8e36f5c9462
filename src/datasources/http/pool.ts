import { getCACertificates } from 'node:tls';
import { Agent, type Dispatcher, ProxyAgent, Pool as UndiciPool } from 'undici';
import { guardedLookup } from './addresses.ts';
import { checkDestination, type Destination, type Destinations } from './destinations.ts';

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

/** Whether the same connections do for both. */
export function isSamePool(one: PoolSettings, other: PoolSettings): boolean {
  return (
    one.maximumConnections === other.maximumConnections &&
    one.connectionTimeout === other.connectionTimeout &&
    one.proxyUrl === other.proxyUrl &&
    one.caCertificates === other.caCertificates
  );
}

/** What a pool and its queue are doing at a moment. */
export interface PoolStatus {
  readonly maximumConnections: number;
  readonly connected: number;
  readonly running: number;
  readonly queued: number;
  /** How many of those that are queued let others go first. */
  readonly queuedInBackground: number;
  /** Until when the upstream has asked for a pause. */
  readonly throttledUntil: Date | undefined;
  /** Until when a server that does not answer is left alone. */
  readonly leftAloneUntil: Date | undefined;
}

/** The connections themselves: new settings get new ones, and the old ones end when what runs on them has. */
export class Pool {
  readonly #destinations: Destinations;
  #agent: Agent | ProxyAgent;
  #proxy: URL | undefined;
  readonly #cut = new AbortController();

  constructor(settings: PoolSettings, destinations: Destinations) {
    this.#destinations = destinations;
    this.#agent = createAgent(settings, destinations);
    this.#proxy = proxyOf(settings);
  }

  /** Throws UpstreamAddressRefused if nothing may be sent to the origin of `url`, or not through the proxy. */
  check(url: URL): void {
    checkDestination(this.#destinations, url, this.#proxy);
  }

  /** What to send the next request with. Throws UpstreamAddressRefused, as `check` does. */
  dispatcher(url: URL): Dispatcher {
    this.check(url);
    return this.#agent;
  }

  /** What ends the requests on them, when they are cut; an agent that is being closed lets go of its connections. */
  get cut(): AbortSignal {
    return this.#cut.signal;
  }

  /** Secrets that a proxy is sent with each request, which it may repeat in its answers. */
  get secrets(): readonly string[] {
    return this.#proxy === undefined || this.#proxy.password === ''
      ? []
      : [decodeURIComponent(this.#proxy.password)];
  }

  /** How many are open; undefined if a proxy hides it. */
  get connected(): number | undefined {
    if (!(this.#agent instanceof Agent)) return undefined;
    return Object.values(this.#agent.stats).reduce((sum, origin) => sum + Number(origin.connected), 0);
  }

  replace(settings: PoolSettings): void {
    const before = this.#agent;
    this.#agent = createAgent(settings, this.#destinations);
    this.#proxy = proxyOf(settings);
    void before.close();
  }

  /** Closes them when what is under way has ended. */
  close(): Promise<void> {
    return this.#agent.close();
  }

  /** Cuts them all, those that were replaced too. */
  async destroy(): Promise<void> {
    this.#cut.abort();
    await this.#agent.destroy();
  }
}

function proxyOf({ proxyUrl }: PoolSettings): URL | undefined {
  return proxyUrl == null ? undefined : new URL(proxyUrl);
}

const nowhere = (url: URL): Destination => ({ origin: url.origin, kinds: new Set(), variable: '' });

/** Redirects are not followed: an agent does not unless it is told to. */
function createAgent(settings: PoolSettings, destinations: Destinations): Agent | ProxyAgent {
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
  const proxy = proxyOf(settings);
  if (proxy === undefined) {
    const factory = (origin: string | URL) => {
      const url = new URL(origin);
      const lookup = guardedLookup(destinations.upstream(url) ?? nowhere(url));
      return new UndiciPool(origin, { ...options, connect: { timeout, lookup, ...tls } });
    };
    return new Agent({ ...options, factory });
  }
  return new ProxyAgent({
    ...options,
    uri: proxy.href,
    requestTls: { timeout, ...tls },
    proxyTls: { timeout, lookup: guardedLookup(destinations.proxy(proxy) ?? nowhere(proxy)), ...tls },
  });
}
