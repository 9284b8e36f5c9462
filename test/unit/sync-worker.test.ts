import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Notices } from '../../src/store/notices.ts';
import type { DueWork } from '../../src/store/sync/plan-work.ts';
import type { LeaseKeeper } from '../../src/sync/lease-keeper.ts';
import { announceWork, SyncWorker } from '../../src/sync/worker.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';

const NOTHING: DueWork = { plans: false, runs: false, schedules: false, leased: false };

/** Notices within one process, as the embedded database has them. */
function localNotices(): Notices {
  const listeners = new Set<(payload: unknown) => unknown>();
  return {
    publish: async (_topic, payload) => {
      for (const listener of listeners) listener(payload);
    },
    subscribe: (_topic, listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A worker for plans, whose store is this test. */
function startWorker(atOnce = 2) {
  const notices = localNotices();
  const waiting: string[] = [];
  const [leases, givenBack] = [new Map<string, LeaseKeeper>(), [] as string[]];
  const calls = { due: 0, isHeld: true };
  const worker = new SyncWorker({
    ...{ notices, atOnce, logger: createLogger('silent'), metrics: new Metrics() },
    due: async () => {
      calls.due += 1;
      return { ...NOTHING, plans: waiting.length > 0 };
    },
    fireSchedules: () => Promise.resolve(),
    kinds: [
      {
        name: 'plans',
        take: async () => {
          const id = waiting.shift();
          const work = async (lease: LeaseKeeper) => {
            leases.set(id ?? '', lease);
            await new Promise((resolve) => lease.signal.addEventListener('abort', resolve));
          };
          return id === undefined ? undefined : { id, epoch: 1, work };
        },
        renew: async () => calls.isHeld,
        giveBack: async (id) => {
          givenBack.push(id);
        },
      },
    ],
  });
  worker.start();
  return { worker, notices, waiting, leases, givenBack, calls };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('a worker without work asks the database at most 12 times a minute', async () => {
  const { worker, calls } = startWorker();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(calls.due).toBeGreaterThan(1);
  expect(calls.due).toBeLessThanOrEqual(12);
  await worker.close();
});

test('a worker takes work as soon as it is announced, and no more at once than it may', async () => {
  const { worker, notices, waiting, leases } = startWorker(2);
  await vi.advanceTimersByTimeAsync(1);
  waiting.push('one', 'two', 'three');
  await announceWork(notices);
  await vi.advanceTimersByTimeAsync(1);
  expect([...leases.keys()]).toEqual(['one', 'two']);
  await worker.close();
});

test('a worker that stops gives its work back', async () => {
  const { worker, waiting, givenBack, leases } = startWorker();
  waiting.push('one');
  await vi.advanceTimersByTimeAsync(10_000);
  await worker.close();
  expect(givenBack).toEqual(['one']);
  expect(leases.get('one')?.isHeld).toBe(false);
});

test('a worker that has lost its lease stops the work, and gives nothing back', async () => {
  const { worker, waiting, givenBack, leases, calls } = startWorker();
  waiting.push('one');
  await vi.advanceTimersByTimeAsync(10_000);
  calls.isHeld = false;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(leases.get('one')?.signal.aborted).toBe(true);
  await worker.close();
  expect(givenBack).toEqual([]);
});

test('a worker looks at its lease at once when its work is canceled', async () => {
  const { worker, notices, waiting, leases, calls } = startWorker();
  waiting.push('one');
  await vi.advanceTimersByTimeAsync(10_000);
  calls.isHeld = false;
  await announceWork(notices, 'one');
  await vi.advanceTimersByTimeAsync(1);
  expect(leases.get('one')?.signal.aborted).toBe(true);
  await worker.close();
});
