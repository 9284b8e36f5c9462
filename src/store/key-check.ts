import { type Kysely, sql, type Transaction } from 'kysely';
import { SecretKeyMismatch } from '../errors.ts';
import { placeOf, SEALED_COLUMNS, type SealedColumn } from './sealed-columns.ts';
import type { Sealer } from './secrets.ts';
import type { Tables } from './tables.ts';

const CHECK = 'key-check/';
const KNOWN_VALUE = 'This key opens what is stored here.';
/** Any number, the same in every version: only one process checks and seals anew at a time. */
const KEY_CHECK_LOCK = 7_346_215;

/** Whether the database was ever sealed with a key. */
export async function isSealed(db: Kysely<Tables>): Promise<boolean> {
  const check = await db
    .selectFrom('store_meta')
    .select('name')
    .where('name', 'like', `${CHECK}%`)
    .limit(1)
    .executeTakeFirst();
  return check !== undefined;
}

/**
 * Sees that the keys given open what is stored, then seals with the first key what another one sealed, so
 * that a key taken out of use can be removed at the next start. A new database takes on the first key.
 * Throws SecretKeyMismatch, and then leaves every stored value as it is.
 */
export async function checkKeys(db: Kysely<Tables>, sealer: Sealer): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(KEY_CHECK_LOCK)})`.execute(trx);
    const checks = await readChecks(trx);
    verifyChecks(checks, sealer);
    for (const column of SEALED_COLUMNS) await sealAnew(trx, column, sealer);
    await writeChecks(trx, checks, sealer);
  });
}

/** Key id to the known value sealed with it. */
type Checks = ReadonlyMap<string, string>;

async function readChecks(trx: Transaction<Tables>): Promise<Checks> {
  const rows = await trx.selectFrom('store_meta').selectAll().where('name', 'like', `${CHECK}%`).execute();
  return new Map(rows.map((row) => [row.name.slice(CHECK.length), row.value]));
}

function verifyChecks(checks: Checks, sealer: Sealer): void {
  const known = sealer.keyIds.filter((id) => checks.has(id));
  if (checks.size > 0 && known.length === 0) {
    throw new SecretKeyMismatch(
      `The stored values are sealed with the key ${quoted(checks.keys())}, but the keys given are ${quoted(sealer.keyIds)}. Give the old key as well, after the new one in SECRET_KEYS, or put the key file back. Stored values were left as they are.`,
    );
  }
  for (const id of known) sealer.open(checks.get(id) ?? '', CHECK + id);
}

async function sealAnew(trx: Transaction<Tables>, place: SealedColumn, sealer: Sealer): Promise<void> {
  const table = sql.table(place.table);
  const key = sql.ref(place.key);
  const column = sql.ref(place.column);
  const { rows } = await sql<{ key: string; sealed: string }>`
    select ${key}::text as key, ${column} as sealed from ${table}
    where split_part(${column}, '.', 2) <> ${sealer.keyId}`.execute(trx);
  for (const row of rows) {
    const boundTo = placeOf(place.table, row.key, place.column);
    const sealed = sealer.seal(sealer.open(row.sealed, boundTo), boundTo);
    // Only where it is still the value that was read: somebody may have stored a newer one meanwhile.
    await sql`
      update ${table} set ${column} = ${sealed}
      where ${key}::text = ${row.key} and ${column} = ${row.sealed}`.execute(trx);
  }
}

async function writeChecks(trx: Transaction<Tables>, checks: Checks, sealer: Sealer): Promise<void> {
  if (!checks.has(sealer.keyId)) {
    const name = CHECK + sealer.keyId;
    await trx
      .insertInto('store_meta')
      .values({ name, value: sealer.seal(KNOWN_VALUE, name) })
      .execute();
  }
  const gone = [...checks.keys()].filter((id) => !sealer.keyIds.includes(id));
  if (gone.length === 0) return;
  const names = gone.map((id) => CHECK + id);
  await trx.deleteFrom('store_meta').where('name', 'in', names).execute();
}

function quoted(ids: Iterable<string>): string {
  return [...ids].map((id) => `"${id}"`).join(', ');
}
