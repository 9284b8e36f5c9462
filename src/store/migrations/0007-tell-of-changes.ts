import { type Kysely, sql } from 'kysely';

/**
 * Tells all processes of each change of connectors and grants, in the transaction that makes it: so nobody
 * hears of it before it is there, and nobody fails to hear when the process dies behind it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function tell_of_change() returns trigger language plpgsql as $$
    begin
      perform pg_notify('webex_gateway_notices', '{"topic":"records changed","payload":{}}');
      return null;
    end $$`.execute(db);
  for (const table of ['connectors', 'grants']) {
    await sql`
      create trigger tell_of_change after insert or update or delete on ${sql.table(table)}
      for each statement execute function tell_of_change()`.execute(db);
  }
}
