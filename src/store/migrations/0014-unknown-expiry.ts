import { type Kysely, sql } from 'kysely';

/** Lets an access token have no known end, as the answer of a token endpoint need not say. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table grants alter column access_token_expires_at drop not null`.execute(db);
}
