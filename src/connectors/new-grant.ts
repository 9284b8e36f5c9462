import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpClient } from '../datasources/http/client.ts';
import type { Meter } from '../datasources/http/meter.ts';
import { isSameId } from '../datasources/webex/ids.ts';
import type { Tokens } from '../datasources/webex/oauth/token-answer.ts';
import { AuthorizationFailed } from '../errors/connection.ts';
import { StoreUnavailable } from '../errors/start.ts';
import type { ConnectorRecord } from '../store/connectors.ts';
import type { GrantRecord } from '../store/grants.ts';
import type { Store } from '../store/store.ts';
import { otherOrganization } from './authorization-failures.ts';
import { freshToken, identifyGrant, ownerOf } from './identify-grant.ts';
import { reachOf } from './settings.ts';

/** How long to wait until the database is tried again, in milliseconds. Then connecting fails. */
const TRY_AGAIN_AFTER_MS = [250, 1_000, 4_000];

/** The organization that a new connection has to be of. */
interface Expectation {
  /** Webex's id; null if the caller has named none. */
  readonly organizationId: string | null;
}

/**
 * Stores the tokens of a new connection, with whose they are. A connector that is connected already stays with its
 * organization unless the caller names another: then Webex is asked first, and stored is what fits. Otherwise they are
 * stored before they are used, because a refresh token may be good once, and this is the only copy. If the database
 * fails, it is tried again for some seconds.
 * @param meter takes what it costs upstream
 * Throws AuthorizationFailed if Webex does not say whose they are, or names another organization; what was stored before
 * is there again then. Throws StoreUnavailable, and the errors of an upstream: if Webex was asked first, the connection
 * is as before, otherwise the next use of the connector asks again.
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
  const before = await patiently(() => store.grants.get(connector.id));
  const named = expectation.organizationId;
  const expected = named ?? (before?.organizationId || null);
  const fresh = freshToken(tokens.accessToken);
  const owner = expected === null ? null : await ownerOf(http, fresh, connector, { meter });
  if (owner !== null && expected !== null && !isSameId(owner.organizationId, expected))
    throw otherOrganization(owner.organizationId, expected, named !== null);
  const kept = {
    connectorId: connector.id,
    accessToken: tokens.accessToken,
    accessTokenExpiresAt: tokens.accessTokenExpiresAt ?? null,
    refreshToken: tokens.refreshToken ?? null,
    refreshTokenExpiresAt: tokens.refreshTokenExpiresAt ?? null,
    scopes: tokens.scopes ?? requestedScopes,
    ...(owner ?? { organizationId: '', personId: null }),
    grantedFor: reachOf(connector),
    connectedAt: new Date(),
  };
  const grant = await patiently(() => store.grants.put(kept));
  if (owner !== null) return grant;
  try {
    return await identifyGrant(store, http, fresh, connector, grant, { meter });
  } catch (error) {
    if (error instanceof AuthorizationFailed) await store.grants.withdraw(grant, before);
    throw error;
  }
}

/** Does something with the database, and again if that fails: the tokens at hand cannot be had a second time. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const pauseMs of TRY_AGAIN_AFTER_MS) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      await sleep(pauseMs);
    }
  }
  return work();
}
