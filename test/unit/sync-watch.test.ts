import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Unauthenticated } from '../../src/errors/access.ts';
import { StoreUnavailable } from '../../src/errors/start.ts';
import type { Notices } from '../../src/store/notices.ts';
import { watch } from '../../src/sync/watch.ts';

interface State {
  readonly revision: number;
  readonly state: 'RUNNING' | 'COMPLETED';
}

/** Notices that are heard at once, as those of an embedded database are. */
class Messages implements Notices {
  readonly #listeners = new Set<(payload: unknown) => unknown>();
  readonly topics: string[] = [];
  gap: () => unknown = () => undefined;

  get listeners(): number {
    return this.#listeners.size;
  }

  publish(_topic: string, payload: object): Promise<void> {
    for (const listener of this.#listeners) listener(payload);
    return Promise.resolve();
  }

  subscribe(topic: string, listener: (payload: unknown) => unknown, watched: { onGap?: () => unknown } = {}) {
    this.topics.push(topic);
    this.#listeners.add(listener);
    this.gap = () => watched.onGap?.();
    return () => {
      this.#listeners.delete(listener);
    };
  }
}

/** A row that is watched, with all events so far. */
function watched(first: State) {
  const notices = new Messages();
  const end = new AbortController();
  const row: { state: State | null; reads: number; failure?: Error | undefined } = { state: first, reads: 0 };
  const read = () => {
    row.reads += 1;
    return row.failure === undefined ? Promise.resolve(row.state) : Promise.reject(row.failure);
  };
  const isLast = ({ state }: State) => state === 'COMPLETED';
  const events = watch(notices, { topic: 'sync run', id: 'r1', read, isLast }, end.signal);
  const seen: number[] = [];
  const ended = (async () => {
    for await (const { revision } of events) seen.push(revision);
    return 'ended';
  })();
  // What a test expects of a failure it says itself.
  ended.catch(() => undefined);
  const change = async (revision: number, state: State['state'] = 'RUNNING', id = 'r1') => {
    row.state = { revision, state };
    await notices.publish('sync run', { id });
  };
  return { notices, end, row, seen, ended, change };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

describe('watching a run', () => {
  it('begins with the state as it is, and ends with the last one', async () => {
    const { seen, ended, change, notices } = watched({ revision: 3, state: 'RUNNING' });
    await pass(0);
    expect(seen).toEqual([3]);
    await change(4, 'COMPLETED');
    await pass(500);
    expect(await ended).toBe('ended');
    expect(seen).toEqual([3, 4]);
    expect(notices.listeners).toBe(0);
  });

  it('ends at once if the state is the last one already', async () => {
    const { seen, ended } = watched({ revision: 9, state: 'COMPLETED' });
    expect(await ended).toBe('ended');
    expect(seen).toEqual([9]);
  });

  it('reads at most twice a second, however many notices come, and shows the newest state', async () => {
    const { seen, row, change } = watched({ revision: 1, state: 'RUNNING' });
    await pass(0);
    for (let revision = 2; revision <= 100; revision += 1) {
      await change(revision);
      await pass(20);
    }
    expect(row.reads).toBeLessThanOrEqual(5);
    await pass(500);
    expect(seen.at(-1)).toBe(100);
  });

  it('reads every ten seconds without a notice, and is silent if nothing has changed', async () => {
    const { seen, row } = watched({ revision: 1, state: 'RUNNING' });
    await pass(10_000);
    expect(row.reads).toBe(2);
    row.state = { revision: 2, state: 'RUNNING' };
    await pass(10_000);
    expect(seen).toEqual([1, 2]);
  });

  it('does not read for notices of other runs', async () => {
    const { row, change } = watched({ revision: 1, state: 'RUNNING' });
    await pass(1_000);
    await change(2, 'RUNNING', 'r2');
    await pass(1_000);
    expect(row.reads).toBe(1);
  });

  it('reads again after notices may have been missed', async () => {
    const { seen, row, notices } = watched({ revision: 1, state: 'RUNNING' });
    await pass(1_000);
    row.state = { revision: 7, state: 'RUNNING' };
    notices.gap();
    await pass(0);
    expect(seen).toEqual([1, 7]);
  });

  it('goes on after the database did not answer for a while', async () => {
    const { seen, row, change } = watched({ revision: 1, state: 'RUNNING' });
    await pass(1_000);
    row.failure = new StoreUnavailable('It is down.');
    await change(2);
    await pass(10_000);
    row.failure = undefined;
    await pass(10_000);
    expect(seen).toEqual([1, 2]);
  });

  it('ends without a failure when the run is deleted with its connector', async () => {
    const { row, ended, change } = watched({ revision: 1, state: 'RUNNING' });
    await pass(1_000);
    await change(2);
    row.state = null;
    await pass(10_000);
    expect(await ended).toBe('ended');
  });

  it('shows the state once more and ends when the process stops', async () => {
    const { seen, ended, end, notices } = watched({ revision: 5, state: 'RUNNING' });
    await pass(1_000);
    end.abort();
    expect(await ended).toBe('ended');
    expect(seen).toEqual([5, 5]);
    expect(notices.listeners).toBe(0);
  });

  it('fails with the reason when the key of the client is revoked', async () => {
    const { seen, ended, end } = watched({ revision: 5, state: 'RUNNING' });
    await pass(1_000);
    end.abort(new Unauthenticated('refused'));
    await expect(ended).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(seen).toEqual([5]);
  });
});
