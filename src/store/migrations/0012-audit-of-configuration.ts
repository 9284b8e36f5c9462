import { type Kysely, sql } from 'kysely';

/** Lets the audit trail hold changes that are about no connector, as of an API key for all of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table audit_events
      alter column connector_id drop not null,
      alter column connector_name drop not null`.execute(db);
}
