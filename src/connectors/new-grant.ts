import type { HttpClient } from '../datasources/http/client.ts';
import type { Meter } from '../datasources/http/meter.ts';
import type { Tokens } from '../datasources/webex/token-answer.ts';
import { AuthorizationFailed } from '../errors.ts';
import type { ConnectorRecord } from '../store/connectors.ts';
import type { GrantRecord } from '../store/grants.ts';
import type { Store } from '../store/store.ts';
import { freshToken, identifyGrant } from './identify-grant.ts';
import { reachOf } from './settings.ts';

/**
 * Stores the tokens of a new connection, then asks Webex whose they are. They are stored before they are used, because
 * a refresh token may be good once, and this is the only copy.
 * @param meter takes what it costs upstream
 * Throws AuthorizationFailed if Webex does not say whose they are; what was stored before is there again then. Throws
 * the errors of an upstream, after which the next use of the connector asks again.
 */
export async function keepNewGrant(
  store: Store,
  http: HttpClient,
  connector: ConnectorRecord,
  tokens: Tokens,
  requestedScopes: readonly string[],
  meter: Meter,
): Promise<GrantRecord> {
  const before = await store.grants.get(connector.id);
  const grant = await store.grants.put({
    connectorId: connector.id,
    accessToken: tokens.accessToken,
    accessTokenExpiresAt: tokens.accessTokenExpiresAt ?? null,
    refreshToken: tokens.refreshToken ?? null,
    refreshTokenExpiresAt: tokens.refreshTokenExpiresAt ?? null,
    scopes: tokens.scopes ?? requestedScopes,
    organizationId: '',
    personId: null,
    grantedFor: reachOf(connector),
    connectedAt: new Date(),
  });
  try {
    return await identifyGrant(store, http, freshToken(tokens.accessToken), connector, grant, { meter });
  } catch (error) {
    if (error instanceof AuthorizationFailed) await store.grants.withdraw(grant, before);
    throw error;
  }
}
