import { type Kysely, sql } from 'kysely';

/** Creates the table of keys by which changes that are asked for again are recognised. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table idempotency_keys (
      id text primary key,
      request_hash text not null,
      audit_event_id uuid not null,
      answer text,
      expires_at timestamptz not null
    )`.execute(db);
  await sql`create index idempotency_keys_expires_at on idempotency_keys (expires_at)`.execute(db);
}
