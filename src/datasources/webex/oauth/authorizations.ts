import type { CallContext } from '../../rest/call-context.ts';
import type { WebexClient } from '../client.ts';

/** The scope that lets a token revoke the authorizations of its own client. */
export const REVOKING_SCOPE = 'identity:tokens_write';

/**
 * Revokes every authorization that the token's owner has given to a client, the token's own included.
 * Takes the scope identity:tokens_write; services may go on taking the tokens for a short while.
 */
export async function revokeAuthorizations(
  client: WebexClient,
  context: CallContext,
  clientId: string,
): Promise<void> {
  await client.write('DELETE', '/authorizations', { clientId }, undefined, context, []);
}
