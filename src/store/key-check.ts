import { type Kysely, sql } from 'kysely';
import { SecretKeyMismatch } from '../errors.ts';
import { countSealed } from './reseal.ts';
import type { Sealer } from './secrets.ts';
import type { Tables } from './tables.ts';

const CHECK = 'key-check/';
const KNOWN_VALUE = 'This key opens what is stored here.';
/** Any number, the same in every version: of several processes on an empty database only one brings the first key. */
const KEY_CHECK_LOCK = 7_346_215;

/** Whether the database was ever sealed with a key. */
export async function isSealed(db: Kysely<Tables>): Promise<boolean> {
  return (await readChecks(db)).size > 0;
}

/**
 * Sees that the keys given open what is stored, and notes that the first one is in use; a new database takes it on.
 * Throws SecretKeyMismatch, and then nothing is changed.
 */
export async function adoptKeys(db: Kysely<Tables>, sealer: Sealer): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(KEY_CHECK_LOCK)})`.execute(trx);
    await verifyKeys(trx, sealer);
    const name = CHECK + sealer.keyId;
    await trx
      .insertInto('store_meta')
      .values({ name, value: sealer.seal(KNOWN_VALUE, name) })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
  });
}

/** Sees that the keys given open what is stored. Throws SecretKeyMismatch. */
export async function verifyKeys(db: Kysely<Tables>, sealer: Sealer): Promise<void> {
  const checks = await readChecks(db);
  const known = sealer.keyIds.filter((id) => checks.has(id));
  if (checks.size > 0 && known.length === 0) {
    throw new SecretKeyMismatch(
      `The stored values are sealed with the key ${quoted(checks.keys())}, but the keys given are ${quoted(sealer.keyIds)}. Give the old key as well, after the new one in SECRET_KEYS, or put the key file back. Stored values were left as they are.`,
    );
  }
  for (const id of known) sealer.open(checks.get(id) ?? '', CHECK + id);
  for (const { table, column, keyId, values } of await countSealed(db)) {
    if (keyId === null || sealer.keyIds.includes(keyId)) continue;
    throw new SecretKeyMismatch(
      `${values} of the values in ${table}.${column} are sealed with the key "${keyId}", but the keys given are ${quoted(sealer.keyIds)}. Give that key as well, after the new one in SECRET_KEYS, or put the key file back. Stored values were left as they are.`,
    );
  }
}

/** Notes that keys not among these are no longer in use. */
export async function forgetOtherKeys(db: Kysely<Tables>, keyIds: readonly string[]): Promise<void> {
  await db
    .deleteFrom('store_meta')
    .where('name', 'like', `${CHECK}%`)
    .where(
      'name',
      'not in',
      keyIds.map((id) => CHECK + id),
    )
    .execute();
}

/** Key id to the known value sealed with it. */
async function readChecks(db: Kysely<Tables>): Promise<ReadonlyMap<string, string>> {
  const rows = await db.selectFrom('store_meta').selectAll().where('name', 'like', `${CHECK}%`).execute();
  return new Map(rows.map((row) => [row.name.slice(CHECK.length), row.value]));
}

function quoted(ids: Iterable<string>): string {
  return [...ids].map((id) => `"${id}"`).join(', ');
}
