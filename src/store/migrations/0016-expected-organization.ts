import { type Kysely, sql } from 'kysely';

/** Remembers which organization a connection that was begun is expected to be of; null for none in particular. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table authorization_requests add column expected_organization_id text`.execute(db);
}
