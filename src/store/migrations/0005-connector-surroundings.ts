import { type Kysely, sql } from 'kysely';

/** What surrounds a connector: proxy, certificates, how the client signs in, whose organization, what is allowed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table connectors
      add column proxy_url text,
      add column ca_certificates text,
      add column client_authentication text not null default 'CLIENT_SECRET_POST'
        check (client_authentication in ('CLIENT_SECRET_POST', 'CLIENT_SECRET_BASIC')),
      add column organization_id text,
      add column read_only boolean not null default false,
      add column declared boolean not null default false`.execute(db);
}
