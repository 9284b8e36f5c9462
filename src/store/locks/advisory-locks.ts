import type { QueryResult, QueryResultRow } from 'pg';

/** Sends a query to one session. */
export type Ask = <Row extends QueryResultRow>(sql: string, values: unknown[]) => Promise<QueryResult<Row>>;

/**
 * PostgreSQL's advisory locks, as one session takes them: a lock for each name, and in front of each a queue, of
 * which every position is a lock, too. So lock and position are free when their session ends, however it ends.
 * A name is told by its 64-bit hash, and its queue by one of 32 bits: two names that share a queue wait for each
 * other at times, and two that share a lock always.
 */
const LOCK = 'hashtextextended($1, 0)';
const QUEUE = 'hashtext($1)';
/** The positions that are taken in the queue of a name: PostgreSQL keeps locks of two numbers apart from those of one. */
const POSITIONS = `
  from pg_locks where locktype = 'advisory' and objsubid = 2
    and database = (select oid from pg_database where datname = current_database())
    and classid = (${QUEUE}::bigint & 4294967295)::oid`;

/**
 * Takes the lock of a name, unless it is held by another session or somebody waits in front of us.
 * @param position our own in the queue; undefined for whoever does not wait yet
 */
export async function tryLock(ask: Ask, name: string, position: number | undefined): Promise<boolean> {
  const { rows } = await ask<{ taken: boolean }>(
    `select case when exists (select 1 ${POSITIONS} and ($2::bigint is null or objid::bigint < $2::bigint))
      then false else pg_try_advisory_lock(${LOCK}) end as taken`,
    [name, position ?? null],
  );
  return rows[0]?.taken === true;
}

/** Gives the lock of a name back. */
export async function unlock(ask: Ask, name: string): Promise<void> {
  await ask(`select pg_advisory_unlock(${LOCK})`, [name]);
}

/** Takes the last position in the queue of a name. */
export async function queueUp(ask: Ask, name: string): Promise<number> {
  for (;;) {
    const { rows } = await ask<{ queue_position: number; taken: boolean }>(
      `with last as (select coalesce(max(objid::bigint), 0) + 1 as queue_position ${POSITIONS})
      select queue_position::integer, pg_try_advisory_lock(${QUEUE}, queue_position::integer) as taken from last`,
      [name],
    );
    const [row] = rows;
    // Somebody else may have taken it at the same moment.
    if (row?.taken === true) return row.queue_position;
  }
}

/** Leaves the queue of a name. */
export async function leaveQueue(ask: Ask, name: string, position: number): Promise<void> {
  await ask(`select pg_advisory_unlock(${QUEUE}, $2::integer)`, [name, position]);
}
