import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { QueryConfig, QueryResult, QueryResultRow } from 'pg';

/** Sends a query to one session. */
export type Ask = <Row extends QueryResultRow>(query: QueryConfig) => Promise<QueryResult<Row>>;

/**
 * PostgreSQL's advisory locks have a lock for each name, and in front of each a queue, of which every position is a lock, too.
 * A name is told by its 64-bit hash, and its queue by one of 32 bits: two names that share a queue wait for each
 * other at times, and two that share a lock always.
 */
const LOCK = 'hashtextextended(name, 0)';
const QUEUE = 'hashtext($1)';
/** The positions that are taken in queues: PostgreSQL keeps locks of two numbers apart from those of one. */
const POSITIONS = `
  from pg_locks where locktype = 'advisory' and objsubid = 2
    and database = (select oid from pg_database where datname = current_database())`;
const OF_QUEUE = `and classid = (${QUEUE}::bigint & 4294967295)::oid`;

// Each has a name, so that PostgreSQL plans it once a session.
const TRY_LOCKS = {
  name: 'try-locks',
  text: `with taken_positions as materialized (select classid, objid ${POSITIONS})
    select case when exists (
      select 1 from taken_positions where classid = (hashtext(name)::bigint & 4294967295)::oid
        and (queue_position is null or objid::bigint < queue_position)
    ) then false else pg_try_advisory_lock(${LOCK}) end as taken
    from unnest($1::text[], $2::bigint[]) with ordinality as wanted (name, queue_position, number) order by number`,
};
const UNLOCK = {
  name: 'unlock',
  text: `select pg_advisory_unlock(${LOCK}) from unnest($1::text[]) as name`,
};
const QUEUE_UP = {
  name: 'queue-up',
  text: `with last as (select coalesce(max(objid::bigint), 0) + 1 as queue_position ${POSITIONS} ${OF_QUEUE})
    select queue_position::integer, pg_try_advisory_lock(${QUEUE}, queue_position::integer) as taken from last`,
};
const LEAVE_QUEUE = {
  name: 'leave-queue',
  text: `select pg_advisory_unlock(${QUEUE}, $2::integer)`,
};

/** The most names in one statement. */
const LARGEST_BATCH = 500;
/** How long a lock that is given back waits for others, in milliseconds: less than anybody's pause between two attempts. */
const GATHER_UNLOCKS_MS = 10;

/** A lock that work waits for. */
interface Wanted {
  readonly name: string;
  /** The position in the queue; null for those who do not wait yet. */
  readonly position: number | null;
}

/**
 * PostgreSQL's advisory locks, as one session takes them. Lock and position are free when the session ends, however
 * it ends. What is wanted in one turn, or while a statement is under way, travels in one statement.
 */
export class AdvisoryLocks {
  readonly #ask: Ask;
  readonly #tryLock: (wanted: Wanted) => Promise<boolean>;
  readonly #unlock: (name: string) => Promise<void>;
  /** The names whose locks the session is known to hold, and how often each. */
  readonly #taken = new Map<string, number>();

  constructor(ask: Ask) {
    this.#ask = ask;
    this.#tryLock = together(nextTurn, async (wanted) => {
      const names = wanted.map(({ name }) => name);
      const values = [names, wanted.map(({ position }) => position)];
      try {
        const { rows } = await ask<{ taken: boolean }>({ ...TRY_LOCKS, values });
        for (const [index, name] of names.entries()) if (rows[index]?.taken === true) this.#count(name, 1);
        return rows.map(({ taken }) => taken);
      } catch (error) {
        // A session keeps the locks that a failed statement has taken before it failed.
        const perhapsTaken = names.filter((name) => !this.#taken.has(name));
        await ask({ ...UNLOCK, values: [perhapsTaken] }).catch(() => undefined);
        throw error;
      }
    });
    this.#unlock = together(
      () => sleep(GATHER_UNLOCKS_MS),
      async (names) => {
        await ask({ ...UNLOCK, values: [names] });
        for (const name of names) this.#count(name, -1);
        return names.map(() => undefined);
      },
    );
  }

  /**
   * Takes the lock of a name, unless it is held by another session or others wait in front of us.
   * @param position our own in the queue; undefined for those who do not wait yet
   */
  tryLock(name: string, position: number | undefined): Promise<boolean> {
    return this.#tryLock({ name, position: position ?? null });
  }

  /** Gives the lock of a name back, within a few milliseconds. */
  unlock(name: string): Promise<void> {
    return this.#unlock(name);
  }

  /** Takes the last position in the queue of a name. */
  async queueUp(name: string): Promise<number> {
    for (;;) {
      const { rows } = await this.#ask<{ queue_position: number; taken: boolean }>({
        ...QUEUE_UP,
        values: [name],
      });
      const [row] = rows;
      // Another session may have taken it at the same moment.
      if (row?.taken === true) return row.queue_position;
    }
  }

  /** Leaves the queue of a name. */
  async leaveQueue(name: string, position: number): Promise<void> {
    await this.#ask({ ...LEAVE_QUEUE, values: [name, position] });
  }

  #count(name: string, change: 1 | -1): void {
    const count = (this.#taken.get(name) ?? 0) + change;
    if (count > 0) this.#taken.set(name, count);
    else this.#taken.delete(name);
  }

  /** Lets the session say something. */
  async ping(): Promise<void> {
    await this.#ask({ text: 'select 1' });
  }
}

/**
 * Lets what is asked for at about the same time travel together.
 * @param gather resolves when those who came first have waited for others
 * @param send answers each of some; what it throws is thrown to all of them
 */
function together<Item, Result>(
  gather: () => Promise<unknown>,
  send: (items: readonly Item[]) => Promise<readonly Result[]>,
): (item: Item) => Promise<Result> {
  let waiting: { readonly item: Item; readonly done: PromiseWithResolvers<Result> }[] = [];
  let isBusy = false;
  const drain = async () => {
    isBusy = true;
    await gather();
    while (waiting.length > 0) {
      const batch = waiting.slice(0, LARGEST_BATCH);
      waiting = waiting.slice(LARGEST_BATCH);
      try {
        const results = await send(batch.map(({ item }) => item));
        for (const [index, result] of results.entries()) batch[index]?.done.resolve(result);
      } catch (error) {
        for (const { done } of batch) done.reject(error);
      }
    }
    isBusy = false;
  };
  return (item) => {
    const done = Promise.withResolvers<Result>();
    waiting.push({ item, done });
    if (!isBusy) void drain();
    return done.promise;
  };
}
