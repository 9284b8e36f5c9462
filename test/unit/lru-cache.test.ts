import { describe, expect, it } from 'vitest';
import { LruCache } from '../../src/routes/graphql/lru-cache.ts';

describe('a cache with a size', () => {
  it('counts keys and the overhead of entries, so that tiny values do not add up to much', () => {
    const cache = new LruCache<number>(10_000);
    const keys = Array.from({ length: 1_000 }, (_, index) => `key-${index}`);
    for (const key of keys) cache.set(key, 1, 1);
    const kept = keys.filter((key) => cache.get(key) !== undefined);
    expect(kept.length).toBeLessThanOrEqual(50);
    expect(kept.at(-1)).toBe('key-999');
  });

  it('does not keep what is larger than a tenth of everything', () => {
    const cache = new LruCache<number>(10_000);
    cache.set('small', 1, 700);
    cache.set('large', 2, 900);
    expect([cache.get('small'), cache.get('large')]).toEqual([1, undefined]);
  });
});
