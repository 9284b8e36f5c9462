import { type Kysely, sql } from 'kysely';
import { placeOf, SEALED_COLUMNS, type SealedColumn } from '../secrets/sealed-columns.ts';
import type { Sealer } from '../secrets/secrets.ts';
import type { Tables } from '../tables.ts';

/** How many values of one column are sealed with one key. */
export interface SealedCount {
  readonly table: SealedColumn['table'];
  readonly column: SealedColumn['column'];
  /** Null if the column holds something that is not sealed. */
  readonly keyId: string | null;
  readonly values: number;
}

/** The result of sealing again. */
export interface Resealing {
  /** Id of the key that everything should be sealed with. */
  readonly keyId: string;
  /** What there was before, key by key. */
  readonly before: readonly SealedCount[];
  /** How many values were sealed again, column by column. */
  readonly resealed: readonly (Omit<SealedCount, 'keyId'> & { readonly keyId: string })[];
  /** What is sealed with another key all the same: another process has stored it meanwhile. */
  readonly remaining: readonly SealedCount[];
}

/** Rows that are read at once: a chunk of a file may have 1.4 MB. */
const BATCH = 20;
/** How often what others have stored meanwhile is looked for. */
const ROUNDS = 3;

/** Counts the sealed values, column by column and key by key, without opening any. */
export async function countSealed(db: Kysely<Tables>): Promise<SealedCount[]> {
  const counts: SealedCount[] = [];
  for (const { table, column } of SEALED_COLUMNS) {
    const { rows } = await sql<{ keyId: string | null; values: number }>`
      select ${keyIdOf(column)} as "keyId", count(*)::integer as "values" from ${sql.table(table)}
      where ${sql.ref(column)} is not null group by 1 order by 1`.execute(db);
    for (const row of rows) counts.push({ table, column, ...row });
  }
  return counts;
}

/** The id that a sealed value names, null if it is not a sealed one. Reads no more of a large value than its beginning. */
function keyIdOf(column: string) {
  return sql<string | null>`substring(left(${sql.ref(column)}, 80) from '^v1[.]([A-Za-z0-9_-]{1,64})[.]')`;
}

/**
 * Seals with the first key whatever another one has sealed, while others read and write: row by row, and only where
 * the value is still the one that was read. It can be broken off anywhere and done again.
 * Throws SecretKeyMismatch at a value that does not open, which stays as it is, and the signal's reason.
 */
export async function resealAll(
  db: Kysely<Tables>,
  sealer: Sealer,
  signal?: AbortSignal,
): Promise<Resealing> {
  const { keyId } = sealer;
  const before = await countSealed(db);
  const resealed = SEALED_COLUMNS.map(({ table, column }) => ({ table, column, keyId, values: 0 }));
  let remaining = before.filter((count) => count.keyId !== keyId);
  for (let round = 0; round < ROUNDS && remaining.length > 0; round += 1) {
    for (const [index, place] of SEALED_COLUMNS.entries()) {
      const entry = resealed[index];
      const values = await resealColumn(db, place, sealer, signal);
      if (entry !== undefined) entry.values += values;
    }
    remaining = (await countSealed(db)).filter((count) => count.keyId !== keyId);
  }
  return { keyId, before, resealed, remaining };
}

/** Goes through one column once, and says how many values it has sealed again. */
async function resealColumn(
  db: Kysely<Tables>,
  place: SealedColumn,
  sealer: Sealer,
  signal: AbortSignal | undefined,
): Promise<number> {
  const table = sql.table(place.table);
  const key = sql.ref(place.key);
  const column = sql.ref(place.column);
  let resealed = 0;
  let isBehind = sql`true`;
  for (;;) {
    signal?.throwIfAborted();
    const { rows } = await sql<{ key: string; sealed: string }>`
      select ${key}::text as key, ${column} as sealed from ${table}
      where ${column} is not null and ${keyIdOf(place.column)} is distinct from ${sealer.keyId} and ${isBehind}
      order by ${key} limit ${sql.lit(BATCH)}`.execute(db);
    for (const row of rows) {
      const boundTo = placeOf(place.table, row.key, place.column);
      const sealed = sealer.sealBytes(sealer.openBytes(row.sealed, boundTo), boundTo);
      // One row a statement: a process that locks several, in any order, can then never be in a deadlock with us.
      const { numAffectedRows } = await sql`
        update ${table} set ${column} = ${sealed}
        where ${key} = ${row.key} and ${column} = ${row.sealed}`.execute(db);
      resealed += Number(numAffectedRows ?? 0);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return resealed;
    isBehind = sql`${key} > ${last.key}`;
  }
}
