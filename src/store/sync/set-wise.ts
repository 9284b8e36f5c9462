import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Tables } from '../tables.ts';

/**
 * Runs a statement over whole lists. The planner cannot know the size of what a statement works out by itself, and with nested
 * loops a wrong guess takes hours.
 */
export async function setWise<Row>(db: Kysely<Tables>, statement: RawBuilder<Row>): Promise<Row[]> {
  return await db.transaction().execute(async (transaction) => {
    await sql`set local enable_nestloop = off`.execute(transaction);
    // To compile statements of this size takes longer than to run them.
    await sql`set local jit = off`.execute(transaction);
    await sql`set local work_mem = '64MB'`.execute(transaction);
    // A statement that takes longer than this is a mistake.
    await sql`set local statement_timeout = '10min'`.execute(transaction);
    const { rows } = await statement.execute(transaction);
    return rows;
  });
}
