import { createHmac, randomBytes } from 'node:crypto';
import { HttpClient } from '../datasources/http/client.ts';
import type { Destinations } from '../datasources/http/destinations.ts';
import type { Meter } from '../datasources/http/meter.ts';
import type { PoolStatus } from '../datasources/http/pool.ts';
import type { TokenSource } from '../datasources/rest/authorized-client.ts';
import type { CallContext } from '../datasources/rest/call-context.ts';
import { type OpenConnection, WebexConnection } from '../datasources/webex/connection.ts';
import type { OAuthSettings } from '../datasources/webex/oauth/oauth.ts';
import { WEBEX } from '../datasources/webex/traits.ts';
import { NotConnected, ReconnectRequired } from '../errors/connection.ts';
import { InvalidInput, NotFound } from '../errors/request.ts';
import type { ConnectorRecord } from '../store/connectors.ts';
import type { GrantRecord } from '../store/grants.ts';
import type { Store } from '../store/store.ts';
import type { PoolReading } from '../telemetry/gauges.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { reachOf } from './settings.ts';
import { SharedChanges } from './shared-changes.ts';
import { SharedPauses } from './shared-pauses.ts';
import { TokenKeeper } from './tokens.ts';

/** A connector's settings as they are kept here: its secret is read where it is sent. */
type KeptRecord = Omit<ConnectorRecord, 'clientSecret'>;

/** One connector's pool, for as long as there is the connector, and what is connected through it. */
interface LiveConnector {
  readonly http: HttpClient;
  record: KeptRecord;
  link: Link | undefined;
}

/** A connection to one organization as one client; for another organization or client, or a new connect, a new one is made. */
interface Link {
  readonly reach: string;
  readonly organizationId: string;
  /** Epoch milliseconds. Another account, or other scopes, may see other things, and come by a new connect only. */
  readonly connectedAt: number;
  readonly readOnly: boolean;
  readonly tokens: TokenKeeper;
  readonly webex: WebexConnection;
}

const IDLE = { connected: 0, running: 0, queued: 0, queuedInBackground: 0, leftAloneUntil: undefined };

/** The pools and tokens that are in use, one set for each connector; nothing of one touches another. */
export class LiveConnections {
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #pauses: SharedPauses;
  readonly #changes: SharedChanges;
  readonly #live = new Map<string, LiveConnector>();
  readonly #dropped = new Set<string>();
  /** Signs cursors if there is no client secret that every process knows. */
  readonly #ownSecret = randomBytes(32);
  /** By the record, which is the same for as long as nothing changes. */
  readonly #cursorKeys = new WeakMap<ConnectorRecord, { organizationId: string; key: string }>();
  readonly #destinations: Destinations;
  readonly #keepMs: number;
  readonly #telemetry: Telemetry;

  /** @param keepMs how long licenses, roles and memberships are kept once they were read, in milliseconds */
  constructor(
    store: Store,
    logger: Logger,
    telemetry: Telemetry,
    destinations: Destinations,
    keepMs: number,
  ) {
    this.#store = store;
    this.#logger = logger;
    this.#telemetry = telemetry;
    this.#destinations = destinations;
    this.#keepMs = keepMs;
    this.#pauses = new SharedPauses(store, logger, (connectorId, ms) => {
      this.#live.get(connectorId)?.http.pauseFor(ms);
    });
    this.#changes = new SharedChanges(store, logger, (connectorId, stale) => {
      this.#live.get(connectorId)?.link?.webex.forget(stale);
    });
  }

  /** The connector's pool, for requests that need no token of ours. */
  async http(connector: ConnectorRecord): Promise<HttpClient> {
    return (await this.#open(connector)).http;
  }

  /** What the connector's pool is doing; nothing, if it has none yet, or no more. */
  poolStatus(connector: ConnectorRecord): PoolStatus {
    const left = this.#pauses.left(connector.id);
    const throttledUntil = left === 0 ? undefined : new Date(Date.now() + left);
    const idle = { ...IDLE, throttledUntil };
    const status = this.#live.get(connector.id)?.http.status() ?? idle;
    return { ...status, maximumConnections: connector.maximumConnections };
  }

  /** How many connectors are open, and the pages of people of the largest; undefined if one was not read to its end. */
  knownSizes(): { readonly connectors: number; readonly peoplePages: number | undefined } {
    const pages = [...this.#live.values()].map(({ link }) => link?.webex.peoplePages ?? Number.NaN);
    const most = Math.max(...pages);
    return { connectors: pages.length, peoplePages: Number.isFinite(most) ? most : undefined };
  }

  /** What every pool is doing. */
  readPools(): readonly PoolReading[] {
    return [...this.#live.values()].map(({ http, record }) => ({ ...http.status(), connector: record.name }));
  }

  /**
   * The connector's organization, opened for one piece of work.
   * Throws NotConnected or ReconnectRequired if there is no grant to use.
   */
  async open(
    connector: ConnectorRecord,
    grant: GrantRecord | null,
    context: CallContext,
  ): Promise<OpenConnection> {
    if (grant === null) throw new NotConnected(connector.name);
    const cursorKey = this.#cursorKey(connector, grant.organizationId);
    const { webex } = await this.#connected(connector, grant);
    return webex.open({ ...grant, cursorKey }, context);
  }

  #cursorKey(connector: ConnectorRecord, organizationId: string): string {
    const known = this.#cursorKeys.get(connector);
    if (known?.organizationId === organizationId) return known.key;
    const secret = connector.clientSecret ?? this.#ownSecret;
    const key = createHmac('sha256', secret).update(`cursors ${organizationId}`).digest('base64');
    this.#cursorKeys.set(connector, { organizationId, key });
    return key;
  }

  /** The connector's access tokens. Throws ReconnectRequired if the grant is of no use. */
  async tokens(connector: ConnectorRecord, grant: GrantRecord): Promise<TokenSource> {
    return (await this.#connected(connector, grant)).tokens;
  }

  /** Revokes in Webex what was granted to the connector. Throws the errors of an upstream. */
  async revoke(connector: ConnectorRecord, grant: GrantRecord, meter: Meter): Promise<void> {
    const link = this.#link(await this.#open(connector), connector, grant);
    link.tokens.adopt(grant);
    await link.webex.revoke(connector.clientId, { meter });
  }

  /** Forgets the tokens of a connector that was disconnected. */
  unlink(connectorId: string): void {
    const live = this.#live.get(connectorId);
    if (live !== undefined) live.link = undefined;
  }

  /** Ends what is under way for a connector that was deleted. */
  drop(connectorId: string): void {
    this.#dropped.add(connectorId);
    const live = this.#live.get(connectorId);
    this.#live.delete(connectorId);
    void live?.http.destroy(new NotFound('connector', connectorId));
  }

  /** Closes every pool. Requests under way are cut off, so drain first. */
  async close(): Promise<void> {
    await Promise.all([...this.#live.values()].map((live) => live.link?.tokens.idle()));
    const pools = [...this.#live.values()].map((live) =>
      live.http.destroy(new NotConnected(live.record.name)),
    );
    this.#live.clear();
    await Promise.all(pools);
    await this.#pauses.close();
    await this.#changes.close();
  }

  /** Changed settings take effect with the next request; those under way end as they began. */
  async #open(given: ConnectorRecord): Promise<LiveConnector> {
    const connector = withoutSecret(given);
    await this.#pauses.known;
    const known = this.#live.get(connector.id);
    if (known === undefined) {
      // A request that began before it was deleted opens nothing any more.
      if (this.#dropped.has(connector.id)) throw new NotFound('connector', connector.id);
      const http = new HttpClient(connector, this.#destinations, WEBEX, {
        onThrottled: (ms) => this.#pauses.tell(connector, ms),
        observe: (sent) =>
          this.#telemetry.sent(this.#live.get(connector.id)?.record.name ?? connector.name, sent),
      });
      const left = this.#pauses.left(connector.id);
      if (left > 0) http.pauseFor(left);
      const live: LiveConnector = { http, record: connector, link: undefined };
      this.#live.set(connector.id, live);
      return live;
    }
    if (connector.version > known.record.version) {
      known.record = connector;
      known.http.configure(connector);
    }
    return known;
  }

  async #connected(connector: ConnectorRecord, grant: GrantRecord): Promise<Link> {
    if (grant.status === 'RECONNECT_REQUIRED') throw new ReconnectRequired(connector.name);
    const link = this.#link(await this.#open(connector), connector, grant);
    link.tokens.adopt(grant);
    return link;
  }

  #link(live: LiveConnector, given: ConnectorRecord, grant: GrantRecord): Link {
    const connector = withoutSecret(given);
    const reach = reachOf(connector);
    const { organizationId } = grant;
    const connectedAt = grant.connectedAt.getTime();
    const { readOnly } = connector;
    const known = live.link;
    const serves =
      known?.reach === reach &&
      known.organizationId === organizationId &&
      known.connectedAt === connectedAt &&
      known.readOnly === readOnly;
    if (known !== undefined && serves) return known;
    const settings = async () => {
      const now = await this.#store.connectors.get(connector.id);
      // The grant goes with the settings that it was for, and its secret with another token endpoint.
      if (now === null || reachOf(now) !== reach) throw new NotConnected(connector.name);
      return oauthSettings(now);
    };
    const tokens = new TokenKeeper(
      connector,
      reach,
      organizationId,
      this.#store,
      live.http,
      settings,
      this.#logger,
      this.#telemetry.metrics,
    );
    const meant = { ...connector, ownOrganizationId: organizationId || undefined };
    const webex = new WebexConnection(live.http, tokens, meant, this.#keepMs, (stale) =>
      this.#changes.tell(connector.id, stale),
    );
    const link = { reach, organizationId, connectedAt, readOnly, tokens, webex };
    // A request that began before the settings changed ends as it began, and leaves nothing behind.
    if (live.record.version <= connector.version) live.link = link;
    return link;
  }
}

/** The OAuth side of a connector. Throws InvalidInput if no client secret was entered yet. */
export function oauthSettings(connector: ConnectorRecord): OAuthSettings {
  if (connector.clientSecret === null) {
    throw new InvalidInput(
      'input.clientSecret',
      'was not entered yet, or was forgotten with a change of the token endpoint. Set the client secret of the Webex integration with updateConnector first.',
    );
  }
  return { ...connector, clientSecret: connector.clientSecret };
}

function withoutSecret({ clientSecret: _, ...kept }: ConnectorRecord): KeptRecord {
  return kept;
}
