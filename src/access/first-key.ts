import type { Store } from '../store/store.ts';
import { keepNewKey } from './api-keys.ts';

/**
 * Creates the first key, with all scopes, if there has never been a key. Of
 * several processes that start at once one makes it.
 * @returns the key, to be shown once; undefined if there are keys
 * Throws StoreUnavailable.
 */
export function makeFirstKey(store: Store): Promise<string | undefined> {
  return store.withLock('first API key', async () => {
    if ((await store.apiKeys.list()).length > 0) return undefined;
    const grants = [{ scope: 'admin', connectors: null }] as const;
    const { key } = await keepNewKey(store, { name: 'first key', grants, expiresAt: null }, 'first start');
    return key;
  });
}
