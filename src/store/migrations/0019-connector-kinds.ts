import { type Kysely, sql } from 'kysely';

/** Says which system a connector is for. All connectors made before are for Webex. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table connectors
      add column kind text not null default 'WEBEX'
        constraint connectors_kind check (kind in ('WEBEX'))`.execute(db);
}
