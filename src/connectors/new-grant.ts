import type { HttpClient } from '../datasources/http/client.ts';
import type { Meter } from '../datasources/http/meter.ts';
import { uuidOf } from '../datasources/webex/ids.ts';
import type { Tokens } from '../datasources/webex/token-answer.ts';
import { AuthorizationFailed } from '../errors.ts';
import type { ConnectorRecord } from '../store/connectors.ts';
import type { GrantRecord } from '../store/grants.ts';
import type { Store } from '../store/store.ts';
import { otherOrganization } from './authorization-failures.ts';
import { freshToken, identifyGrant, ownerOf } from './identify-grant.ts';
import { reachOf } from './settings.ts';

/** The organization that a new connection has to be of. */
interface Expectation {
  /** Webex's id; null if the caller has named none. */
  readonly organizationId: string | null;
}

/**
 * Stores the tokens of a new connection, with whose they are. A connector that is connected already stays with its
 * organization unless the caller names another: then Webex is asked first, and stored is what fits. Otherwise they are
 * stored before they are used, because a refresh token may be good once, and this is the only copy.
 * @param meter takes what it costs upstream
 * Throws AuthorizationFailed if Webex does not say whose they are, or names another organization; what was stored before
 * is there again then. Throws the errors of an upstream, after which the next use of the connector asks again.
 */
export async function keepNewGrant(
  store: Store,
  http: HttpClient,
  connector: ConnectorRecord,
  tokens: Tokens,
  requestedScopes: readonly string[],
  expectation: Expectation,
  meter: Meter,
): Promise<GrantRecord> {
  const before = await store.grants.get(connector.id);
  const named = expectation.organizationId;
  const expected = named ?? (before?.organizationId || null);
  const fresh = freshToken(tokens.accessToken);
  const owner = expected === null ? null : await ownerOf(http, fresh, connector, { meter });
  if (owner !== null && expected !== null && !isSame(owner.organizationId, expected))
    throw otherOrganization(owner.organizationId, expected, named !== null);
  const grant = await store.grants.put({
    connectorId: connector.id,
    accessToken: tokens.accessToken,
    accessTokenExpiresAt: tokens.accessTokenExpiresAt ?? null,
    refreshToken: tokens.refreshToken ?? null,
    refreshTokenExpiresAt: tokens.refreshTokenExpiresAt ?? null,
    scopes: tokens.scopes ?? requestedScopes,
    ...(owner ?? { organizationId: '', personId: null }),
    grantedFor: reachOf(connector),
    connectedAt: new Date(),
  });
  if (owner !== null) return grant;
  try {
    return await identifyGrant(store, http, fresh, connector, grant, { meter });
  } catch (error) {
    if (error instanceof AuthorizationFailed) await store.grants.withdraw(grant, before);
    throw error;
  }
}

/** Whether two ids name one organization: they may differ in the region in front of the UUID. */
function isSame(one: string, other: string): boolean {
  const uuid = uuidOf(one);
  return one === other || (uuid !== undefined && uuid === uuidOf(other));
}
