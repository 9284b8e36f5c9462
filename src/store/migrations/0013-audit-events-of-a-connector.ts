import { type Kysely, sql } from 'kysely';

/** Lets the audit trail of one connector be read from its end without looking at the others. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index audit_events_connector on audit_events (connector_id, seq)`.execute(db);
}
