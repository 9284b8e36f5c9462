import { type Kysely, sql } from 'kysely';

/**
 * Creates the table of writes that may have undone, or may still undo, what others have written to the same record.
 * What was written is in the audit event.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table undecided_writes (
      audit_event_id uuid primary key references audit_events on delete cascade,
      connector_id uuid not null references connectors on delete cascade,
      target_type text not null,
      target_id text not null,
      began_at timestamptz not null,
      decided_at timestamptz not null,
      look_at timestamptz not null,
      is_resent boolean not null default false,
      looks integer not null default 0
    )`.execute(db);
  await sql`create index undecided_writes_target on undecided_writes (target_id)`.execute(db);
  await sql`create index undecided_writes_look on undecided_writes (look_at)`.execute(db);
}
