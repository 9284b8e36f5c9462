import { type Kysely, sql } from 'kysely';

/** Creates the table of connectors. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table connectors (
      id uuid primary key,
      name text collate "C" not null unique,
      client_id text not null,
      client_secret text,
      service_uri text not null,
      token_endpoint text not null,
      authorization_endpoint text not null,
      scopes text[] not null,
      maximum_connections integer not null check (maximum_connections > 0),
      connection_timeout integer not null check (connection_timeout > 0),
      version integer not null default 1,
      created_at timestamptz(3) not null default now(),
      updated_at timestamptz(3) not null default now()
    )`.execute(db);
}
