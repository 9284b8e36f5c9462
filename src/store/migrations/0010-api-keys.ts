import { type Kysely, sql } from 'kysely';

/**
 * Creates the table of API keys: hashes, never keys. Names stay taken when a key is revoked, so that what the
 * audit trail calls by a name is one key for ever. A note of the last use is nothing that others wait to hear of.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table api_keys (
      id uuid primary key default gen_random_uuid(),
      name text not null unique,
      hash text not null unique,
      shown text not null,
      grants jsonb not null,
      created_at timestamptz not null default now(),
      created_by text not null,
      expires_at timestamptz,
      revoked_at timestamptz,
      last_used_at timestamptz
    )`.execute(db);
  await sql`
    create trigger tell_of_change after insert or delete or update of revoked_at on api_keys
    for each statement execute function tell_of_change()`.execute(db);
}
