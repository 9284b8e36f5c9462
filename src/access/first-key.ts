import type { Store } from '../store/store.ts';
import { hashKey, newKey, shownPart } from './key-format.ts';

/**
 * Makes the first key, with all scopes, where there has never been any: somebody has to be let in first. Of
 * several processes that start at once one makes it.
 * @returns the key, to be shown once; undefined where there are keys
 * Throws StoreUnavailable.
 */
export function makeFirstKey(store: Store): Promise<string | undefined> {
  return store.exclusively('first API key', async () => {
    if ((await store.apiKeys.list()).length > 0) return undefined;
    const key = newKey();
    await store.apiKeys.create({
      name: 'first key',
      hash: hashKey(key),
      shown: shownPart(key),
      grants: [{ scope: 'admin', connectors: null }],
      expiresAt: null,
      createdBy: 'first start',
    });
    return key;
  });
}
