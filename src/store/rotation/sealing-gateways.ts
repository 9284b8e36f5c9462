import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

/** What the connections of older gateways are called, and of one that does not say which key it seals with. */
const NAMELESS = 'webex-gateway';
const PREFIX = `${NAMELESS}/`;
/** What those of commands are called, which store nothing sealed, or see to it themselves. */
export const COMMAND_NAME = `${NAMELESS}-command`;
/** PostgreSQL cuts off the rest of a name. */
const LONGEST_NAME = 63;
const DIGEST_LENGTH = 12;

/** A gateway's connections tell by their name which key it seals with, whatever the length of its id. */
export function connectionName(keyId: string): string {
  const name = PREFIX + keyId;
  if (name.length <= LONGEST_NAME) return name;
  const digest = createHash('sha256').update(keyId).digest('hex').slice(0, DIGEST_LENGTH);
  return `${name.slice(0, LONGEST_NAME - DIGEST_LENGTH - 1)}~${digest}`;
}

/** A gateway that is running, as far as its connections tell. */
export interface SealingGateway {
  /** Id of the key that it seals with, a long one with a digest for its end; null if it does not say. */
  readonly keyId: string | null;
  /** Where it runs; null if PostgreSQL does not say. */
  readonly address: string | null;
}

/** The gateways connected to this PostgreSQL database that seal with another key than this one. */
export async function findGatewaysWithOtherKeys(
  db: Kysely<Tables>,
  keyId: string,
): Promise<readonly SealingGateway[]> {
  const { rows } = await sql<SealingGateway>`
    select distinct nullif(substr(application_name, ${sql.lit(PREFIX.length + 1)}), '') as "keyId",
      host(client_addr) as address
    from pg_stat_activity
    where datname = current_database() and application_name <> ${connectionName(keyId)}
      and (application_name = ${NAMELESS} or starts_with(application_name, ${PREFIX}))
    order by 1, 2`.execute(db);
  return rows;
}
