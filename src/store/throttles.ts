import { type Kysely, sql } from 'kysely';
import { isConnectorId } from './connectors.ts';
import { isForeignKeyViolation } from './database-failures.ts';
import type { Tables } from './tables.ts';

/**
 * Until when Webex wants each connector to pause. Only the database's clock counts, so that machines whose
 * clocks disagree agree here.
 */
export interface ThrottleRepository {
  /** Notes a pause of so many milliseconds from now; a longer one stays. Nothing for a connector that is gone. */
  raise(connectorId: string, milliseconds: number): Promise<void>;
  /** The milliseconds that are left, by the id of the connector, of each pause that is not over. */
  remaining(): Promise<Map<string, number>>;
}

/** The pauses in this database. */
export function createThrottleRepository(db: Kysely<Tables>): ThrottleRepository {
  return {
    async raise(connectorId, milliseconds) {
      if (!isConnectorId(connectorId)) return;
      const until = sql<Date>`now() + ${milliseconds}::double precision * interval '1 millisecond'`;
      const query = db
        .insertInto('throttles')
        .values({ connector_id: connectorId, paused_until: until })
        .onConflict((conflict) =>
          conflict.column('connector_id').doUpdateSet({
            paused_until: sql<Date>`greatest(throttles.paused_until, excluded.paused_until)`,
          }),
        );
      try {
        await query.execute();
      } catch (error) {
        if (!isForeignKeyViolation(error)) throw error;
      }
    },
    async remaining() {
      const left = sql<number>`(extract(epoch from paused_until - now()) * 1000)::double precision`;
      const rows = await db
        .selectFrom('throttles')
        .select(['connector_id', left.as('left')])
        .where('paused_until', '>', sql<Date>`now()`)
        .execute();
      return new Map(rows.map((row) => [row.connector_id, row.left]));
    },
  };
}
