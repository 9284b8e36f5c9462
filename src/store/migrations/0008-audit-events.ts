import { type Kysely, sql } from 'kysely';

/** Creates the audit trail. Events outlive the connectors they are about. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table audit_events (
      id uuid primary key,
      seq bigint generated always as identity unique,
      at timestamptz not null default now(),
      actor text not null,
      connector_id text not null,
      connector_name text not null,
      operation text not null,
      target_type text not null,
      target_id text,
      target_name text,
      dry_run boolean not null,
      changes jsonb not null,
      outcome text not null default 'PENDING',
      error_code text,
      tracking_ids text[] not null default '{}',
      idempotency_key text,
      request_id text not null,
      completed_at timestamptz
    )`.execute(db);
  await sql`create index audit_events_target on audit_events (target_id, seq)`.execute(db);
  await sql`create index audit_events_target_name on audit_events (target_name, seq)`.execute(db);
  await sql`create index audit_events_at on audit_events (at)`.execute(db);
}
