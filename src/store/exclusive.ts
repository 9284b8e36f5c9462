import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Database } from './database.ts';
import type { Tables } from './tables.ts';

/**
 * Lets one piece of work at a time be done under a name, among all processes on one database. The others
 * wait; when the process at work dies, its place is free at once.
 */
export type Exclusively = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/**
 * How work is kept exclusive in this database. An embedded database has one process, and one connection,
 * which must not be held meanwhile: a queue in memory does. PostgreSQL keeps a lock for as long as a
 * transaction lasts, on connections of its own, so that whoever waits takes none from the queries.
 */
export function createExclusively(database: Database): Exclusively {
  const inProcess = createQueue();
  const { locks } = database;
  if (locks === undefined) return inProcess;
  return (name, work) => inProcess(name, () => withLock(locks, name, work));
}

function createQueue(): Exclusively {
  const last = new Map<string, Promise<unknown>>();
  return async (name, work) => {
    const before = last.get(name) ?? Promise.resolve();
    const turn = before.then(work, work);
    last.set(name, turn);
    try {
      return await turn;
    } finally {
      if (last.get(name) === turn) last.delete(name);
    }
  };
}

/** How often a lock that somebody else holds is tried again, in milliseconds. */
const TRY_AGAIN_MS = 50;

/**
 * Whoever waits holds no connection in between, so that waiting for one name keeps nobody from another.
 * What the work came to is what counts, also when the connection of its lock is lost meanwhile.
 */
async function withLock<T>(locks: Kysely<Tables>, name: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const outcome: { settled?: PromiseSettledResult<T> } = {};
    try {
      await locks.transaction().execute(async (transaction) => {
        // Beyond this the holder is taken for gone: stopped, or cut off from the database.
        await sql`set local idle_in_transaction_session_timeout = '10min'`.execute(transaction);
        const { rows } = await sql<{ locked: boolean }>`
          select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as locked`.execute(transaction);
        if (rows[0]?.locked !== true) return;
        [outcome.settled] = await Promise.allSettled([work()]);
      });
    } catch (error) {
      if (outcome.settled === undefined) throw error;
    }
    if (outcome.settled?.status === 'fulfilled') return outcome.settled.value;
    if (outcome.settled?.status === 'rejected') throw outcome.settled.reason;
    await sleep(TRY_AGAIN_MS);
  }
}
