import { Refusal } from '../../http/errors.ts';
import { type Answer, json } from '../../http/exchange.ts';
import type { AuthorizedCall } from '../http/endpoint.ts';
import type { World } from '../world.ts';

/** The record of the calling service account: it may read its own. */
export function serviceAccountRecord(
  { account, params }: AuthorizedCall,
  { accounts, settings }: World,
): Answer {
  const found = accounts.serviceAccounts.get(params.id ?? '');
  if (found === undefined || (settings.svcacctSelfReadOnly && found.id !== account.id))
    throw new Refusal(403, 'Access denied');
  return json(200, {
    _id: found.id,
    _rev: `${found.id}-1`,
    name: found.name,
    description: null,
    accountStatus: 'active',
    scopes: found.scopes,
    // The product keeps the keys as a text.
    jwks: JSON.stringify({ keys: [found.publicKey] }),
    maxSessionTime: '15',
    quotaLimit: '5',
  });
}
