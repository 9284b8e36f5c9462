import { type Kysely, sql } from 'kysely';

/** Finds audit events without an outcome, which are few, without reading all the others. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index audit_events_pending on audit_events (seq) where outcome = 'PENDING'`.execute(db);
}
