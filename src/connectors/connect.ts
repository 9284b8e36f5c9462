import { authorizationUrl, createChallenge, exchangeCode } from '../datasources/webex/oauth.ts';
import { AuthorizationFailed, isForClients, NotFound } from '../errors.ts';
import type { TakenRequest } from '../store/authorization-requests.ts';
import type { ConnectorRecord } from '../store/connectors.ts';
import type { Store } from '../store/store.ts';
import { type LiveConnections, oauthSettings } from './live-connections.ts';
import { reachOf } from './settings.ts';
import { whoConnected } from './who-connected.ts';

/** How long an administrator has to approve, in milliseconds. */
const STATE_LIFETIME_MS = 10 * 60_000;

export interface ConnectStarted {
  readonly authorizationUrl: string;
  readonly state: string;
  readonly expiresAt: Date;
}

/** What Webex sent to the redirect URI: a code, or why there is none. */
export interface AuthorizationReturn {
  readonly state: string;
  readonly code?: string | undefined;
  readonly error?: string | undefined;
}

/** The OAuth 2.0 authorization code flow with PKCE and a one-time state, kept in the store. */
export class Connect {
  readonly redirectUri: string;
  readonly #store: Store;
  readonly #live: LiveConnections;
  readonly #completions = new Set<Promise<ConnectorRecord>>();

  /** @param publicUrl where browsers reach the gateway, without a trailing slash */
  constructor(store: Store, live: LiveConnections, publicUrl: string) {
    this.redirectUri = `${publicUrl}/oauth/callback`;
    this.#store = store;
    this.#live = live;
  }

  /** Begins: the browser goes to `authorizationUrl` next. Throws InvalidInput without a client secret. */
  async begin(connector: ConnectorRecord): Promise<ConnectStarted> {
    const settings = oauthSettings(connector);
    const challenge = createChallenge();
    const expiresAt = new Date(Date.now() + STATE_LIFETIME_MS);
    const request = { ...challenge, redirectUri: this.redirectUri, scopes: connector.scopes };
    await this.#store.authorizationRequests.create({ ...request, connectorId: connector.id, expiresAt });
    return { authorizationUrl: await authorizationUrl(settings, request), state: challenge.state, expiresAt };
  }

  /**
   * Ends: exchanges the code once, asks Webex who connected, and stores the grant.
   * Throws AuthorizationFailed and the errors of an upstream; whatever came of a state is remembered, and
   * a second return with it is told so without a second exchange.
   */
  async complete(returned: AuthorizationReturn): Promise<ConnectorRecord> {
    const completion = this.#complete(returned);
    this.#completions.add(completion);
    return completion.finally(() => this.#completions.delete(completion));
  }

  /** Resolves when no completion is under way: a code is good once, so one that was begun has to end. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#completions);
  }

  async #complete(returned: AuthorizationReturn): Promise<ConnectorRecord> {
    const request = await this.#take(returned.state);
    try {
      const connector = await this.#store.connectors.get(request.connectorId);
      if (connector === null) throw new NotFound('connector', request.connectorId);
      await this.#exchange(connector, request, returned);
      await this.#finish(returned.state, true, `Connected ${connector.name}.`);
      return connector;
    } catch (error) {
      const message = isForClients(error) ? error.message : 'The gateway failed while connecting.';
      // What went wrong first is what has to be said, also when the database then fails, too.
      await this.#finish(returned.state, false, message).catch(() => undefined);
      throw error;
    }
  }

  #finish(state: string, ok: boolean, message: string): Promise<void> {
    return this.#store.authorizationRequests.finish(state, { ok, message });
  }

  async #take(state: string): Promise<TakenRequest> {
    const taken = await this.#store.authorizationRequests.take(state, new Date());
    switch (taken.kind) {
      case 'taken':
        return taken.request;
      case 'unknown':
        throw new AuthorizationFailed(
          'STATE_UNKNOWN',
          'This return does not belong to any connection that was begun here. Start with the connect mutation and open its authorizationUrl.',
        );
      case 'expired':
        throw new AuthorizationFailed(
          'STATE_EXPIRED',
          'More than ten minutes went by since connecting began. Start again with the connect mutation.',
        );
      case 'used':
        throw new AuthorizationFailed(
          'STATE_USED',
          `This return was handled already${taken.outcome === null ? '' : `: ${taken.outcome.message}`} Nothing was done again. If the connector is not connected, start again with the connect mutation.`,
        );
    }
  }

  async #exchange(
    connector: ConnectorRecord,
    request: TakenRequest,
    returned: AuthorizationReturn,
  ): Promise<void> {
    const { code } = returned;
    if (returned.error !== undefined || !code) throw denied(returned.error);
    const http = this.#live.http(connector);
    const tokens = await exchangeCode(http, oauthSettings(connector), {
      ...request,
      code,
      state: returned.state,
    });
    const me = await whoConnected(http, connector.serviceUri, tokens.accessToken);
    await this.#store.grants.put({
      connectorId: connector.id,
      accessToken: tokens.accessToken,
      accessTokenExpiresAt: tokens.accessTokenExpiresAt,
      refreshToken: tokens.refreshToken ?? null,
      refreshTokenExpiresAt: tokens.refreshTokenExpiresAt ?? null,
      scopes: tokens.scopes ?? request.scopes,
      organizationId: me.organizationId,
      personId: me.personId,
      grantedFor: reachOf(connector),
      connectedAt: new Date(),
    });
  }
}

function denied(error: string | undefined): AuthorizationFailed {
  if (error === undefined) {
    return new AuthorizationFailed(
      'RESPONSE_INVALID',
      'Webex returned neither a code nor an error. Start again with the connect mutation.',
    );
  }
  if (error === 'invalid_scope') {
    return new AuthorizationFailed(
      'DENIED',
      'Webex does not grant these scopes: the integration lacks one of them, or the account is no administrator. Compare the scopes of the connector with those of the integration.',
    );
  }
  return new AuthorizationFailed(
    'DENIED',
    'The connection was denied on the Webex page. Nothing was changed. Start again with the connect mutation, and sign in as an administrator.',
  );
}
