import { type Kysely, sql } from 'kysely';

/** Creates the table of authorizations that were begun in a browser. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table authorization_requests (
      state_hash text primary key,
      connector_id uuid not null references connectors on delete cascade,
      code_verifier text not null,
      redirect_uri text not null,
      return_to text,
      scopes text[] not null,
      created_at timestamptz(3) not null default now(),
      expires_at timestamptz(3) not null,
      used_at timestamptz(3),
      outcome jsonb
    )`.execute(db);
  await sql`create index authorization_requests_by_connector on authorization_requests (connector_id)`.execute(
    db,
  );
  await sql`create index authorization_requests_by_expiry on authorization_requests (expires_at)`.execute(db);
}
