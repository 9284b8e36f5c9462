import { type Kysely, sql } from 'kysely';

/** Counts the client secrets that a connector has had, so that a grant can be told to be of an earlier one. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table connectors add column client_secret_number integer not null default 0`.execute(db);
}
