import { afterEach, describe, expect, it, vi } from 'vitest';
import { Expiring } from '../../src/datasources/rest/expiring.ts';

const CALLER = { signal: new AbortController().signal };

afterEach(() => {
  vi.useRealTimers();
});

describe('a catalogue that is kept for a time', () => {
  it('is let go at the end of its life, though nobody asks for it again', async () => {
    // The clock by which it is still good stands still: what lets it go is not the next who looks.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const catalogue = new Expiring<string>(30_000);
    await catalogue.get(async () => 'a whole organization', CALLER);
    vi.advanceTimersByTime(29_999);
    expect(catalogue.loaded).toBe('a whole organization');
    vi.advanceTimersByTime(1);
    expect(catalogue.loaded).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lives as long as the newest that was read', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const catalogue = new Expiring<string>(30_000);
    await catalogue.get(async () => 'old', CALLER);
    vi.advanceTimersByTime(20_000);
    catalogue.drop();
    expect(catalogue.loaded).toBeUndefined();
    await catalogue.get(async () => 'new', CALLER);
    vi.advanceTimersByTime(20_000);
    expect(catalogue.loaded).toBe('new');
  });

  it('is not kept at all if it is kept for no time', async () => {
    const catalogue = new Expiring<string>(0);
    await catalogue.get(async () => 'read', CALLER);
    expect(catalogue.isOnHand).toBe(false);
  });
});
