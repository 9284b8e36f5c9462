import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailable } from '../errors/start.ts';

/** The most writes that travel in one statement. */
const LARGEST_BATCH = 200;
/** How long those who come after a statement wait for company, in milliseconds. */
export const GATHER_MS = {
  /** A sync to disk holds everybody up, as nothing else is done meanwhile. */
  embedded: 25,
  /** Transactions run side by side, and share syncs to disk. */
  postgresql: 3,
};

interface Waiting<T> {
  readonly item: T;
  readonly done: PromiseWithResolvers<void>;
}

/**
 * Lets writes that come at the same time travel together: what comes while a statement is under way goes
 * out in the next one. Each write settles with its statement, so that an embedded database syncs to disk
 * once for all of them. Where the database refuses a statement its writes are made one by one, so that none fails
 * for another's.
 * @param gatherMs how long those who come after a statement wait for company
 * @param write stores some in one statement, all or none
 */
export function batchWrites<T>(
  gatherMs: number,
  write: (items: readonly T[]) => Promise<void>,
): (item: T) => Promise<void> {
  let waiting: Waiting<T>[] = [];
  let isBusy = false;
  const drain = async () => {
    isBusy = true;
    // Writes of the same turn go along.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting.slice(0, LARGEST_BATCH);
      waiting = waiting.slice(LARGEST_BATCH);
      await writeAll(write, batch);
      await sleep(gatherMs);
    }
    isBusy = false;
  };
  return (item) => {
    const done = Promise.withResolvers<void>();
    waiting.push({ item, done });
    if (!isBusy) void drain();
    return done.promise;
  };
}

async function writeAll<T>(write: (items: readonly T[]) => Promise<void>, batch: readonly Waiting<T>[]) {
  try {
    await write(batch.map(({ item }) => item));
    for (const { done } of batch) done.resolve();
  } catch (error) {
    const isOfOne = batch.length > 1 && !(error instanceof StoreUnavailable);
    if (isOfOne) for (const each of batch) await writeAll(write, [each]);
    else for (const { done } of batch) done.reject(error);
  }
}
