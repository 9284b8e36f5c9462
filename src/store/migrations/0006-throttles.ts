import { type Kysely, sql } from 'kysely';

/** Creates the table of pauses that Webex has asked for, at most one for each connector. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table throttles (
      connector_id uuid primary key references connectors on delete cascade,
      paused_until timestamptz not null
    )`.execute(db);
}
