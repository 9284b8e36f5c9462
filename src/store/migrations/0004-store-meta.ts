import { type Kysely, sql } from 'kysely';

/** Creates the table in which the store remembers things about itself. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table store_meta (name text primary key, value text not null)`.execute(db);
}
