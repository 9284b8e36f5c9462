import { getCACertificates } from 'node:tls';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';

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

/** The connections themselves: new settings get new ones, and the old ones end when what runs on them has. */
export class Pool {
  #agent: Agent | ProxyAgent;
  readonly #cut = new AbortController();

  constructor(settings: PoolSettings) {
    this.#agent = createAgent(settings);
  }

  /** What to send the next request with. */
  get dispatcher(): Dispatcher {
    return this.#agent;
  }

  /** What ends the requests on them, when they are cut; an agent that is being closed lets go of its connections. */
  get cut(): AbortSignal {
    return this.#cut.signal;
  }

  /** How many are open; undefined where a proxy hides it. */
  get connected(): number | undefined {
    if (!(this.#agent instanceof Agent)) return undefined;
    return Object.values(this.#agent.stats).reduce((sum, origin) => sum + Number(origin.connected), 0);
  }

  replace(settings: PoolSettings): void {
    const before = this.#agent;
    this.#agent = createAgent(settings);
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
