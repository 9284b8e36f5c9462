import { HttpClient, type HttpPoolStatus } from '../datasources/http/client.ts';
import type { CallContext } from '../datasources/webex/client.ts';
import { WebexConnection } from '../datasources/webex/connection.ts';
import type { WebexDatasource } from '../datasources/webex/datasource.ts';
import type { OAuthSettings } from '../datasources/webex/oauth.ts';
import { InvalidInput, NotConnected, NotFound, ReconnectRequired } from '../errors.ts';
import type { ConnectorRecord } from '../store/connectors.ts';
import type { GrantRecord, GrantRepository } from '../store/grants.ts';
import { TokenKeeper } from './tokens.ts';

interface LiveConnection {
  readonly version: number;
  readonly http: HttpClient;
  readonly tokens: TokenKeeper;
  readonly webex: WebexConnection;
}

/** The pools and tokens that are in use, one set for each connector; nothing of one touches another. */
export class LiveConnections {
  readonly #grants: GrantRepository;
  readonly #live = new Map<string, LiveConnection>();
  readonly #retiring = new Set<Promise<void>>();

  constructor(grants: GrantRepository) {
    this.#grants = grants;
  }

  /** The connector's pool, for requests that need no token of ours. */
  http(connector: ConnectorRecord): HttpClient {
    return this.#open(connector).http;
  }

  poolStatus(connector: ConnectorRecord): HttpPoolStatus {
    return this.#open(connector).http.status();
  }

  /**
   * The connector's organization, as one request sees it.
   * Throws NotConnected or ReconnectRequired where there is no grant to use.
   */
  datasource(connector: ConnectorRecord, grant: GrantRecord | null, context: CallContext): WebexDatasource {
    if (grant === null) throw new NotConnected(connector.name);
    if (grant.status === 'RECONNECT_REQUIRED') throw new ReconnectRequired(connector.name);
    const { tokens, webex } = this.#open(connector);
    tokens.adopt(grant);
    return webex.datasource(grant, context);
  }

  /** Ends what is under way for a connector that was deleted. */
  async drop(connectorId: string): Promise<void> {
    const live = this.#live.get(connectorId);
    this.#live.delete(connectorId);
    await live?.http.close(new NotFound('connector', connectorId));
  }

  /** Lets everything that is under way come to its end. */
  async close(): Promise<void> {
    const all = [...this.#live.values()].map((live) => live.http.retire());
    this.#live.clear();
    await Promise.all([...all, ...this.#retiring]);
  }

  /** Changed settings take effect with the next request; those under way keep the pool they began with. */
  #open(connector: ConnectorRecord): LiveConnection {
    const known = this.#live.get(connector.id);
    if (known !== undefined && known.version >= connector.version) return known;
    if (known !== undefined) this.#retire(known);
    const http = new HttpClient(connector);
    const tokens = new TokenKeeper(connector, this.#grants, http, () => oauthSettings(connector));
    const live = {
      version: connector.version,
      http,
      tokens,
      webex: new WebexConnection(http, tokens, connector.serviceUri),
    };
    this.#live.set(connector.id, live);
    return live;
  }

  #retire(live: LiveConnection): void {
    const retired = live.http.retire().finally(() => this.#retiring.delete(retired));
    this.#retiring.add(retired);
  }
}

/** The OAuth side of a connector. Throws InvalidInput where no client secret was entered yet. */
export function oauthSettings(connector: ConnectorRecord): OAuthSettings {
  if (connector.clientSecret === null) {
    throw new InvalidInput(
      'input.clientSecret',
      'was not entered yet. Set the client secret of the Webex integration with updateConnector first.',
    );
  }
  return { ...connector, clientSecret: connector.clientSecret };
}
