import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

const PREFIX = 'webex-gateway/';
/** PostgreSQL cuts off the rest of a name. */
const LONGEST_NAME = 63;

/** A gateway's connections tell by their name which key it seals with. */
export function connectionName(keyId: string): string {
  return `${PREFIX}${keyId}`.slice(0, LONGEST_NAME);
}

/** A gateway that is running, as far as its connections tell. */
export interface SealingGateway {
  /** Id of the key that it seals with; its end may be cut off. */
  readonly keyId: string;
  /** Where it runs; null where PostgreSQL does not say. */
  readonly address: string | null;
}

/** The gateways connected to this PostgreSQL database that seal with another key than this one. */
export async function findGatewaysWithOtherKeys(
  db: Kysely<Tables>,
  keyId: string,
): Promise<readonly SealingGateway[]> {
  const { rows } = await sql<SealingGateway>`
    select distinct substr(application_name, ${sql.lit(PREFIX.length + 1)}) as "keyId", host(client_addr) as address
    from pg_stat_activity
    where datname = current_database() and starts_with(application_name, ${PREFIX})
      and application_name <> ${connectionName(keyId)}
    order by 1, 2`.execute(db);
  return rows;
}
