import type { HttpClient } from '../datasources/http/client.ts';
import type { TokenSource } from '../datasources/rest/authorized-client.ts';
import type { CallContext } from '../datasources/rest/call-context.ts';
import { WebexClient } from '../datasources/webex/client.ts';
import { getMe } from '../datasources/webex/people/people.ts';
import { AuthorizationFailed, NotConnected, OwnerNotTold } from '../errors/connection.ts';
import { UpstreamForbidden, UpstreamNotFound, UpstreamRejected } from '../errors/upstream.ts';
import type { ConnectorRecord } from '../store/connectors.ts';
import type { GrantOwner, GrantRecord } from '../store/grants.ts';
import type { Store } from '../store/store.ts';

/**
 * Asks Webex whose grant this is, and keeps that.
 * @param tokens gives out the grant's access token
 * Throws what `ownerOf` throws.
 */
export async function identifyGrant(
  store: Store,
  http: HttpClient,
  tokens: TokenSource,
  connector: ConnectorRecord,
  grant: GrantRecord,
  context: CallContext,
): Promise<GrantRecord> {
  const owner = await ownerOf(http, tokens, connector, context);
  const identified = await store.grants.identify(connector.id, grant.version, owner);
  // If another grant was stored in the meantime, that one counts.
  const now = identified ?? (await store.grants.get(connector.id));
  if (now === null) throw new NotConnected(connector.name);
  return now;
}

/**
 * Asks Webex who has connected, and for which organization: a partner's account works in the connector's.
 * Throws OwnerNotTold, AuthorizationFailed if the answer is not Webex's, and the errors of an upstream.
 */
export async function ownerOf(
  http: HttpClient,
  tokens: TokenSource,
  connector: ConnectorRecord,
  context: CallContext,
): Promise<GrantOwner> {
  try {
    const me = await getMe(new WebexClient(http, tokens, connector), context);
    const organizationId = connector.organizationId ?? me.organizationId;
    if (me.organizationId !== undefined && organizationId !== undefined)
      return { organizationId, personId: me.id };
  } catch (error) {
    if (error instanceof UpstreamNotFound || error instanceof UpstreamRejected) throw wrongService();
    if (!(error instanceof UpstreamForbidden)) throw error;
  }
  throw new OwnerNotTold();
}

/** A token that was just issued. There is no way to renew it. */
export function freshToken(accessToken: string): TokenSource {
  return {
    obtain: () => Promise.resolve(accessToken),
    newest: (token) => token,
    renew: () => Promise.reject(wrongService()),
    isRenewable: true,
    accepted: () => undefined,
  };
}

function wrongService(): AuthorizationFailed {
  return new AuthorizationFailed(
    'RESPONSE_INVALID',
    'Webex gave out an access token, but the service URI does not answer as Webex does. Is it the right one? Webex’s own is https://webexapis.com/v1.',
  );
}
