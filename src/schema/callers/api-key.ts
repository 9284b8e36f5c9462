import type { ApiKeyRecord } from '../../access/api-keys.ts';
import { Forbidden } from '../../errors/access.ts';
import { builder } from '../base/builder.ts';
import type { Context } from '../base/context.ts';
import { AccessGrantRef } from './viewer.ts';

export const ApiKeyRef = builder.objectRef<ApiKeyRecord>('ApiKey');

builder.node(ApiKeyRef, {
  description:
    'An API key. Requests that send it as a bearer token have the permissions in grants. Reading a key by its id needs the scope admin.',
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'Its name. Unique for ever, because the audit trail names callers by it.',
    }),
    shown: t.exposeString('shown', { description: 'Its first characters, to tell keys apart.' }),
    grants: t.field({
      type: [AccessGrantRef],
      description: 'What callers with this key may do.',
      resolve: ({ grants }) => [...grants],
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the key was created.' }),
    createdBy: t.exposeString('createdBy', {
      description: 'Who created the key, as an actor of the audit trail.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key expires. Null if it never expires.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key was revoked. Null if it is not revoked.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key was last used, to the minute. Null if it was never used.',
    }),
  }),
});

/**
 * The key with this id, as the caller sees it; null if it does not exist or is hidden from them.
 * Throws Forbidden for a caller without the scope admin, StoreUnavailable.
 */
export async function apiKeyById(id: string, { apiKeys, caller }: Context): Promise<ApiKeyRecord | null> {
  if (!caller.principal.holds('admin')) throw new Forbidden('admin');
  return apiKeys.get(id, caller.principal);
}
