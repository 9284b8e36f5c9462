import { type Kysely, sql } from 'kysely';
import { SecretKeyMismatch } from '../../errors/start.ts';
import { countSealed } from '../rotation/reseal.ts';
import type { Tables } from '../tables.ts';
import { createSealer, type Sealer, type SecretKey } from './secrets.ts';

const CHECK = 'key-check/';
const KNOWN_VALUE = 'This key opens what is stored here.';
/** Any number, the same in every version: of several processes on an empty database only one brings the first key. */
const KEY_CHECK_LOCK = 7_346_215;

/** Whether the database was ever sealed with a key. */
export async function isSealed(db: Kysely<Tables>): Promise<boolean> {
  return (await readChecks(db)).size > 0;
}

/**
 * Checks that the keys given open what is stored, and notes each of them, so that from now on its id stands for this key
 * and no other; a new database takes them on.
 * @param isBesideOthers whether other gateways may be on the database: then the key that seals has to be one that was
 *   noted before, as the others could not open what a new one seals
 * Throws SecretKeyMismatch, and then nothing is changed.
 */
export async function adoptKeys(
  db: Kysely<Tables>,
  keys: readonly SecretKey[],
  isBesideOthers = false,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(KEY_CHECK_LOCK)})`.execute(trx);
    const sealer = createSealer(keys);
    await verifyKeys(trx, sealer);
    if (isBesideOthers) requireNoted(sealer, await readChecks(trx));
    const checks = keys.map((key) => {
      const name = CHECK + key.id;
      return { name, value: createSealer([key]).seal(KNOWN_VALUE, name) };
    });
    await trx
      .insertInto('store_meta')
      .values(checks)
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
  });
}

function requireNoted({ keyId, keyIds }: Sealer, noted: ReadonlyMap<string, string>): void {
  if (noted.size === 0 || noted.has(keyId)) return;
  const known = quoted(keyIds.filter((id) => noted.has(id)));
  throw new SecretKeyMismatch(
    `The first key of SECRET_KEYS, "${keyId}", is new to this database, which is sealed with ${known}. Other gateways could not open what this one would store. If "${keyId}" is a new key, put it behind the others and restart every gateway, and put it first only then; docs/key-rotation.md has the steps. Nothing was changed.`,
  );
}

/** Which of these keys were used with this database before, as noted by a start or a rotation. */
export async function findNoted(db: Kysely<Tables>, keyIds: readonly string[]): Promise<readonly string[]> {
  if (keyIds.length === 0) return [];
  const rows = await db
    .selectFrom('store_meta')
    .select('name')
    .where(
      'name',
      'in',
      keyIds.map((id) => CHECK + id),
    )
    .execute();
  return rows.map(({ name }) => name.slice(CHECK.length));
}

/** Checks that the keys given open what is stored. Throws SecretKeyMismatch. */
export async function verifyKeys(db: Kysely<Tables>, sealer: Sealer): Promise<void> {
  const checks = await readChecks(db);
  const known = sealer.keyIds.filter((id) => checks.has(id));
  if (checks.size > 0 && known.length === 0) {
    throw new SecretKeyMismatch(
      `The stored values are sealed with the key ${quoted(checks.keys())}, but the keys given are ${quoted(sealer.keyIds)}. Give the old key as well, after the new one in SECRET_KEYS, or put the key file back. Stored values were left as they are.`,
    );
  }
  const counts = await countSealed(db);
  for (const id of known) {
    try {
      sealer.open(checks.get(id) ?? '', CHECK + id);
    } catch (error) {
      if (counts.some(({ keyId }) => keyId === id)) throw error;
      throw new SecretKeyMismatch(
        `The key "${id}" is not the one that was given under this id before. Give every gateway the same key. Nothing is sealed with it yet: where the key from before was the wrong one, choose another id for the right one. Nothing was changed.`,
      );
    }
  }
  for (const { table, column, keyId, values } of counts) {
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
