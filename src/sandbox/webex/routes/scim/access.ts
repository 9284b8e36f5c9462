import type { Access } from '../../http/endpoint.ts';

/** Reading users and groups through SCIM. */
export const READ = { scopes: ['identity:people_read', 'identity:people_rw'], rights: 'read' } as const;

/** Changing them. */
export const WRITE = { scopes: ['identity:people_rw'], rights: 'write' } as const;

/** Reading oneself. */
export const OWN: Access = { scopes: READ.scopes };
