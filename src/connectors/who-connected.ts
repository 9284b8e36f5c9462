import type { HttpClient } from '../datasources/http/client.ts';
import { WebexClient } from '../datasources/webex/client.ts';
import { getMe } from '../datasources/webex/people.ts';
import {
  AuthorizationFailed,
  UpstreamForbidden,
  UpstreamInvalid,
  UpstreamNotFound,
  UpstreamRejected,
} from '../errors.ts';

/**
 * Asks Webex who the owner of a fresh access token is.
 * Throws AuthorizationFailed where the answer is of no use, and the errors of an upstream.
 */
export async function whoConnected(
  http: HttpClient,
  serviceUri: string,
  accessToken: string,
): Promise<{ organizationId: string; personId: string }> {
  const refused = () => Promise.resolve(wrongService());
  const token = {
    current: () => Promise.resolve(accessToken),
    renew: () => Promise.resolve(accessToken),
    giveUp: refused,
  };
  try {
    const me = await getMe(new WebexClient(http, token, serviceUri), {});
    if (me.organizationId !== undefined) return { organizationId: me.organizationId, personId: me.id };
  } catch (error) {
    if (error instanceof UpstreamNotFound || error instanceof UpstreamRejected) throw wrongService();
    if (error instanceof UpstreamInvalid) throw wrongService();
    if (!(error instanceof UpstreamForbidden)) throw error;
  }
  throw new AuthorizationFailed(
    'RESPONSE_INVALID',
    'Webex does not say who connected, and to which organization they belong. Add the scope spark-admin:people_read to the integration and to the connector, then start again.',
  );
}

function wrongService(): AuthorizationFailed {
  return new AuthorizationFailed(
    'RESPONSE_INVALID',
    'Webex gave out an access token, but the service URI does not answer as Webex does. Is it the right one? Webex’s own is https://webexapis.com/v1.',
  );
}
