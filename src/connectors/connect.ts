import { checkDestination, type Destinations } from '../datasources/http/destinations.ts';
import type { Meter } from '../datasources/http/meter.ts';
import {
  authorizationUrl,
  createChallenge,
  exchangeCode,
  GrantRefused,
  refreshTokens,
} from '../datasources/webex/oauth/oauth.ts';
import { InvalidInput, NotFound } from '../errors/request.ts';
import { isForClients } from '../errors/start.ts';
import type { FieldChange } from '../store/audit-events.ts';
import type { TakenRequest } from '../store/authorization-requests.ts';
import type { ConnectorRecord } from '../store/connectors.ts';
import type { GrantRecord } from '../store/grants.ts';
import type { Store } from '../store/store.ts';
import {
  type AuthorizationReturn,
  refusedAuthorization,
  refusedIssuer,
  refusedRefreshToken,
  refusedState,
} from './authorization-failures.ts';
import { isExpectedIssuer } from './issuer.ts';
import { type LiveConnections, oauthSettings } from './live-connections.ts';
import { keepNewGrant } from './new-grant.ts';
import { connectionChanges } from './shown-changes.ts';

/** How long an administrator has to approve, in milliseconds. */
const STATE_LIFETIME_MS = 10 * 60_000;

export interface ConnectStarted {
  readonly authorizationUrl: string;
  readonly state: string;
  readonly expiresAt: Date;
}

export interface Connected {
  readonly connector: ConnectorRecord;
  /** Scopes that were asked for and not granted. */
  readonly missingScopes: readonly string[];
}

/** How connecting ended, and where the browser goes next. */
export interface Completion {
  readonly result: Connected | Error;
  readonly returnTo: string | null;
  /** The connector of the state; null if this return did not use up a state. */
  readonly connector: ConnectorRecord | null;
  /** What is different now about its connection. */
  readonly changes: readonly FieldChange[];
}

export interface ConnectOptions {
  /** Where browsers reach the gateway, without a trailing slash. */
  readonly publicUrl: string;
  /** Origins that a browser may be sent to in the end, beside the gateway's own. */
  readonly returnOrigins: readonly string[];
  /** Where requests may go, and browsers of administrators. */
  readonly destinations: Destinations;
}

/** Connects a connector: the OAuth 2.0 authorization code flow with PKCE, or a refresh token at hand. */
export class Connect {
  readonly redirectUri: string;
  readonly #returnOrigins: ReadonlySet<string>;
  readonly #destinations: Destinations;
  readonly #store: Store;
  readonly #live: LiveConnections;
  readonly #completions = new Set<Promise<unknown>>();

  constructor(store: Store, live: LiveConnections, options: ConnectOptions) {
    this.redirectUri = `${options.publicUrl}/oauth/callback`;
    this.#returnOrigins = new Set([options.publicUrl, ...options.returnOrigins]);
    this.#destinations = options.destinations;
    this.#store = store;
    this.#live = live;
  }

  /**
   * Begins: the browser goes to `authorizationUrl` next.
   * @param returnTo where the browser goes in the end; a page of ours unless given
   * @param expectedOrganizationId Webex's id of the organization that has to be connected; the one connected now unless given
   * Throws InvalidInput without a client secret, and for a `returnTo` that is not allowed, and UpstreamAddressRefused
   * where what comes of it could not be used.
   */
  async begin(
    connector: ConnectorRecord,
    returnTo?: string,
    expectedOrganizationId?: string,
  ): Promise<ConnectStarted> {
    const settings = oauthSettings(connector);
    this.#checkDestinations(connector);
    const kept = this.#checkReturn(returnTo);
    const challenge = createChallenge();
    const expiresAt = new Date(Date.now() + STATE_LIFETIME_MS);
    const request = { ...challenge, redirectUri: this.redirectUri, scopes: connector.scopes };
    await this.#store.authorizationRequests.create({
      ...request,
      connectorId: connector.id,
      returnTo: kept,
      expectedOrganizationId,
      expiresAt,
    });
    return { authorizationUrl: await authorizationUrl(settings, request), state: challenge.state, expiresAt };
  }

  /**
   * Ends: exchanges the code once, asks Webex who connected, and stores the grant. Whatever came of a
   * state is remembered, and a second return with it is told so without a second exchange.
   * @param meter takes what it costs upstream
   * @param assertMay throws if the connector is not theirs to connect
   * Resolves with AuthorizationFailed and the errors of an upstream as its result.
   */
  settle(
    returned: AuthorizationReturn,
    meter: Meter,
    assertMay?: (connector: ConnectorRecord) => void,
  ): Promise<Completion> {
    return this.#track(this.#settle(returned, meter, assertMay));
  }

  /**
   * Connects with a refresh token that the caller holds already.
   * Throws AuthorizationFailed and the errors of an upstream.
   */
  withRefreshToken(
    connector: ConnectorRecord,
    refreshToken: string,
    meter: Meter,
    expectedOrganizationId?: string,
  ): Promise<void> {
    return this.#track(this.#withRefreshToken(connector, refreshToken, meter, expectedOrganizationId));
  }

  /** Resolves when nothing is under way: a code is good once, so what was begun has to end. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#completions);
  }

  async #settle(
    returned: AuthorizationReturn,
    meter: Meter,
    assertMay?: (connector: ConnectorRecord) => void,
  ): Promise<Completion> {
    let returnTo: string | null = null;
    let connector: ConnectorRecord | null = null;
    let before: GrantRecord | null = null;
    const changes = async () => {
      const now = connector && (await this.#store.recent.grant(connector.id).catch(() => before));
      return connectionChanges(before, now);
    };
    try {
      // Before the state is taken, which is good once.
      if (assertMay !== undefined) {
        const connectorId = await this.#store.authorizationRequests.connectorOf(returned.state);
        connector = connectorId === null ? null : await this.#store.connectors.get(connectorId);
        if (connector !== null) assertMay(connector);
      }
      const taken = await this.#store.authorizationRequests.take(returned.state, new Date());
      if (taken.kind !== 'taken') return { result: refusedState(taken), returnTo, connector, changes: [] };
      returnTo = taken.request.returnTo;
      connector = await this.#store.connectors.get(taken.request.connectorId);
      if (connector === null) throw new NotFound('connector', taken.request.connectorId);
      before = await this.#store.recent.grant(connector.id);
      const result = await this.#exchange(connector, taken.request, returned, meter);
      await this.#finish(returned.state, true, `Connected ${result.connector.name}.`);
      return { result, returnTo, connector, changes: await changes() };
    } catch (error) {
      const message = isForClients(error) ? error.message : 'The gateway failed while connecting.';
      await this.#finish(returned.state, false, message);
      const result = error instanceof Error ? error : new Error('not an error', { cause: error });
      return { result, returnTo, connector, changes: await changes() };
    }
  }

  async #exchange(
    connector: ConnectorRecord,
    request: TakenRequest,
    returned: AuthorizationReturn,
    meter: Meter,
  ): Promise<Connected> {
    const { code, state } = returned;
    if (!isExpectedIssuer(connector, returned.iss)) throw refusedIssuer();
    if (returned.error !== undefined || !code) throw refusedAuthorization(returned.error);
    const http = await this.#live.http(connector);
    const tokens = await exchangeCode(http, oauthSettings(connector), { ...request, code, state }, meter);
    const { scopes } = await keepNewGrant(
      this.#store,
      http,
      connector,
      tokens,
      request.scopes,
      { organizationId: returned.expectedOrganizationId ?? request.expectedOrganizationId },
      meter,
    );
    return { connector, missingScopes: request.scopes.filter((scope) => !scopes.includes(scope)) };
  }

  async #withRefreshToken(
    connector: ConnectorRecord,
    refreshToken: string,
    meter: Meter,
    expectedOrganizationId: string | undefined,
  ): Promise<void> {
    if (refreshToken.trim() === '') throw new InvalidInput('input.refreshToken', 'must not be empty.');
    const http = await this.#live.http(connector);
    try {
      const tokens = await refreshTokens(http, oauthSettings(connector), refreshToken, meter);
      const kept = { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken };
      const expected = { organizationId: expectedOrganizationId ?? null };
      await keepNewGrant(this.#store, http, connector, kept, connector.scopes, expected, meter);
    } catch (error) {
      throw error instanceof GrantRefused ? refusedRefreshToken() : error;
    }
  }

  #checkDestinations({ authorizationEndpoint, tokenEndpoint, serviceUri, proxyUrl }: ConnectorRecord): void {
    const proxy = proxyUrl === null ? undefined : new URL(proxyUrl);
    // The gateway itself sends nothing to the first.
    checkDestination(this.#destinations, new URL(authorizationEndpoint), undefined);
    for (const address of [tokenEndpoint, serviceUri]) {
      checkDestination(this.#destinations, new URL(address), proxy);
    }
  }

  /** The address as it is kept. A blob: address has the origin of the page that made it, so it does not count. */
  #checkReturn(returnTo: string | undefined): string | null {
    if (returnTo === undefined) return null;
    const url = URL.parse(returnTo);
    if (url !== null && (url.username !== '' || url.password !== '')) {
      throw new InvalidInput('input.returnTo', 'must not hold a user name or a password.');
    }
    if (url?.protocol.startsWith('http') === true && this.#returnOrigins.has(url.origin)) return url.href;
    throw new InvalidInput(
      'input.returnTo',
      `must begin with one of ${[...this.#returnOrigins].join(', ')}. Allow other origins with RETURN_ORIGINS.`,
    );
  }

  /** Notes the outcome, which stays what it is if that fails. */
  #finish(state: string, ok: boolean, message: string): Promise<void> {
    return this.#store.authorizationRequests.finish(state, { ok, message }).catch(() => undefined);
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#completions.add(work);
    return work.finally(() => this.#completions.delete(work));
  }
}
