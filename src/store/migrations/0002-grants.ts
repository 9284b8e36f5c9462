import { type Kysely, sql } from 'kysely';

/** Creates the table of grants: what Webex allowed a connector, at most one for each. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create sequence grant_versions as integer`.execute(db);
  await sql`
    create table grants (
      connector_id uuid primary key references connectors on delete cascade,
      access_token text not null,
      access_token_expires_at timestamptz(3) not null,
      refresh_token text,
      refresh_token_expires_at timestamptz(3),
      scopes text[] not null,
      organization_id text not null,
      person_id text,
      granted_for text not null,
      connected_at timestamptz(3) not null,
      status text not null check (status in ('ACTIVE', 'RECONNECT_REQUIRED')),
      version integer not null default nextval('grant_versions')
    )`.execute(db);
  await sql`alter sequence grant_versions owned by grants.version`.execute(db);
}
