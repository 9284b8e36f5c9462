import { type Kysely, sql, type Transaction } from 'kysely';
import { toJson } from '../audit-event-rows.ts';
import { isLockTimeout, isMissingTable } from '../database-failures.ts';
import type { Tables } from '../tables.ts';
import { STAGING_COLUMNS, STAGING_TABLES, type StagingRow } from './staging-columns.ts';
import type { StagingTables } from './staging-tables.ts';

export type { StagingRow };

/** Staging tables with one row for each record of Webex. */
export type ObservedTable = 'sync_target_rows' | 'sync_target_groups';

/** Rows of each staging table. */
export type StagingCounts = { readonly [Table in keyof StagingTables]: number };

/** The staging tables of one plan. A plan that begins again has new ones, and the old ones accept nothing more. */
export interface Staging {
  readonly planNo: number;
  /** Number of rows that one statement inserts. */
  readonly batchSize: number;
  /**
   * Inserts rows in batches. A row that is there already, by the unique index of its table, is left as it is.
   * @returns the number of rows that are new
   * Throws StagingLost if the plan has been begun again or is gone.
   */
  insert<Table extends keyof StagingTables>(
    table: Table,
    rows: readonly StagingRow<Table>[],
  ): Promise<number>;
  /** Counts the given rows that are there with other content, by their `webex_id`. */
  conflicting(table: ObservedTable, rows: readonly StagingRow<ObservedTable>[]): Promise<number>;
  /** Removes rows by their `webex_id`, members by the id of their group. Returns how many there were. */
  remove(table: ObservedTable | 'sync_held_members', ids: readonly string[]): Promise<number>;
  /** Removes all rows of a table. */
  clear(table: keyof StagingTables): Promise<void>;
  /** Counts all rows. PostgreSQL empties these tables when it recovers from a crash, so fewer than inserted: begin again. */
  counts(): Promise<StagingCounts>;
  /** Brings the statistics up to date that the database plans queries with. Call it after the last insert. */
  analyze(): Promise<void>;
  /** Removes all rows. The tables go as well, if no query of another plan holds them up; if one does, later. Idempotent. */
  drop(): Promise<void>;
}

export interface StagingRepository {
  /**
   * Makes the staging tables of a plan, empty. Those of an earlier attempt are dropped.
   * @param epoch of the worker that makes the plan; higher than in every earlier attempt
   */
  open(planNo: number, epoch: number): Promise<Staging>;
  /** Drops the staging tables of plans that are not being made. */
  dropAbandoned(): Promise<void>;
}

/** The staging tables are not those of this attempt: the plan has been begun again, or is gone. */
export class StagingLost extends Error {
  override readonly name = 'StagingLost';
}

/** The embedded database answers nothing else during a statement; a server does. */
const BATCH_SIZES = { embedded: 200, postgresql: 1_000 };
/** How long dropping a table waits for queries of other plans. */
const DROP_WAIT = "set local lock_timeout = '3s'";

/** The staging tables in this database. */
export function createStagingRepository(
  db: Kysely<Tables>,
  kind: keyof typeof BATCH_SIZES,
): StagingRepository {
  return {
    async open(planNo, epoch) {
      const [plan, attempt] = [wholeNumber(planNo), wholeNumber(epoch)];
      await dropPartitions(db, await partitionsOf(db, plan));
      await db.transaction().execute(async (transaction) => {
        for (const table of STAGING_TABLES) await createPartition(transaction, table, plan, attempt);
      });
      return new PlanStaging(db, plan, attempt, BATCH_SIZES[kind]);
    },
    async dropAbandoned() {
      const plans = await db
        .selectFrom('sync_plans')
        .select('plan_no')
        .where('state', 'in', ['QUEUED', 'READING', 'OBSERVING', 'COMPARING'])
        .execute();
      const underWay = new Set(plans.map(({ plan_no }) => plan_no));
      const found = await partitionsOf(db);
      await dropPartitions(
        db,
        found.filter(({ planNo }) => !underWay.has(planNo)),
      );
    },
  };
}

class PlanStaging implements Staging {
  readonly planNo: number;
  readonly batchSize: number;
  readonly #db: Kysely<Tables>;
  readonly #epoch: number;

  constructor(db: Kysely<Tables>, planNo: number, epoch: number, batchSize: number) {
    this.#db = db;
    this.planNo = planNo;
    this.#epoch = epoch;
    this.batchSize = batchSize;
  }

  async insert<Table extends keyof StagingTables>(table: Table, rows: readonly StagingRow<Table>[]) {
    let inserted = 0;
    for (let from = 0; from < rows.length; from += this.batchSize) {
      inserted += await this.#insertBatch(table, rows.slice(from, from + this.batchSize));
    }
    return inserted;
  }

  async #insertBatch(table: keyof StagingTables, rows: readonly unknown[]): Promise<number> {
    const columns = Object.entries(STAGING_COLUMNS[table]);
    const names = sql.join(columns.map(([name]) => sql.ref(name)));
    const types = sql.join(columns.map(([name, type]) => sql`${sql.ref(name)} ${sql.raw(type)}`));
    const result = await sql`
      insert into ${this.#partition(table)} (plan_no, ${names})
      select ${sql.lit(this.planNo)}, ${names} from jsonb_to_recordset(${storableJson(rows)}::jsonb) as given(${types})
      on conflict do nothing`
      .execute(this.#db)
      .catch(lost);
    return Number(result.numAffectedRows ?? 0);
  }

  async conflicting(table: ObservedTable, rows: readonly unknown[]) {
    const columns = Object.entries(STAGING_COLUMNS[table]);
    const types = sql.join(columns.map(([name, type]) => sql`${sql.ref(name)} ${sql.raw(type)}`));
    const here = columns.map(([name]) => sql.ref(`stored.${name}`));
    const given = columns.map(([name]) => sql.ref(`given.${name}`));
    const result = await sql<{ count: number }>`
      select count(*)::integer as count
      from jsonb_to_recordset(${storableJson(rows)}::jsonb) as given(${types})
      join ${this.#partition(table)} as stored on stored.webex_id = given.webex_id
      where (${sql.join(here)}) is distinct from (${sql.join(given)})`
      .execute(this.#db)
      .catch(lost);
    return result.rows[0]?.count ?? 0;
  }

  async remove(table: ObservedTable | 'sync_held_members', ids: readonly string[]) {
    const column = sql.ref(table === 'sync_held_members' ? 'group_id' : 'webex_id');
    const result = await sql`delete from ${this.#partition(table)} where ${column} = any(${ids}::text[])`
      .execute(this.#db)
      .catch(lost);
    return Number(result.numAffectedRows ?? 0);
  }

  async clear(table: keyof StagingTables) {
    await sql`truncate ${this.#partition(table)}`.execute(this.#db).catch(lost);
  }

  /** By its own name: a worker that has lost the plan must not touch a newer attempt. */
  #partition(table: keyof StagingTables) {
    return sql.table(nameOf(table, this.planNo, this.#epoch));
  }

  async counts(): Promise<StagingCounts> {
    const counted = STAGING_TABLES.map(
      (table) => sql`(select count(*)::integer from ${this.#partition(table)}) as ${sql.ref(table)}`,
    );
    const result = await sql<StagingCounts>`select ${sql.join(counted)}`.execute(this.#db).catch(lost);
    const [row] = result.rows;
    if (row === undefined) throw new StagingLost('The counts have no row');
    return row;
  }

  async analyze() {
    const names = STAGING_TABLES.map((table) => this.#partition(table));
    await sql`analyze ${sql.join(names)}`.execute(this.#db).catch(lost);
  }

  async drop() {
    const found = await partitionsOf(this.#db, this.planNo);
    await dropPartitions(
      this.#db,
      found.filter(({ epoch }) => epoch === this.#epoch),
    );
  }
}

interface Partition {
  readonly name: string;
  readonly table: keyof StagingTables;
  readonly planNo: number;
  readonly epoch: number;
}

/** Names hold numbers of our own only, never anything of a caller. */
function nameOf(table: keyof StagingTables, planNo: number, epoch: number): string {
  return `${table}_${planNo}_${epoch}`;
}

async function createPartition(
  db: Transaction<Tables>,
  table: keyof StagingTables,
  planNo: number,
  epoch: number,
): Promise<void> {
  const name = nameOf(table, planNo, epoch);
  // Attached afterwards, which queries of other plans do not hold up, as they would `partition of`.
  await sql`create unlogged table ${sql.table(name)} (like ${sql.table(table)} including all)`.execute(db);
  await sql`alter table ${sql.table(table)} attach partition ${sql.table(name)} for values in (${sql.lit(planNo)})`.execute(
    db,
  );
}

/** The partitions of a plan, or of all plans. */
async function partitionsOf(db: Kysely<Tables>, planNo?: number): Promise<Partition[]> {
  const { rows } = await sql<{ name: string }>`
    select child.relname as name
    from pg_inherits join pg_class child on child.oid = inhrelid join pg_class parent on parent.oid = inhparent
    where parent.relname in (${sql.join(STAGING_TABLES)}) and parent.relkind = 'p'`.execute(db);
  const found = rows.flatMap(({ name }) => readName(name));
  return planNo === undefined ? found : found.filter((partition) => partition.planNo === planNo);
}

function readName(name: string): Partition[] {
  const [, start, planNo, epoch] = /^(sync_[a-z_]+)_(\d+)_(\d+)$/.exec(name) ?? [];
  const table = STAGING_TABLES.find((candidate) => candidate === start);
  return table === undefined ? [] : [{ name, table, planNo: Number(planNo), epoch: Number(epoch) }];
}

async function dropPartitions(db: Kysely<Tables>, partitions: readonly Partition[]): Promise<void> {
  for (const { name } of partitions) {
    const partition = sql.table(name);
    try {
      // Rows go at once. The table itself waits for every query that is under way on its parent.
      await sql`truncate ${partition}`.execute(db);
      await db.transaction().execute(async (transaction) => {
        await sql.raw(DROP_WAIT).execute(transaction);
        await sql`drop table ${partition}`.execute(transaction);
      });
    } catch (error) {
      if (!isLockTimeout(error) && !isMissingTable(error)) throw error;
    }
  }
}

function wholeNumber(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError('Not a number of a plan');
  return value;
}

/** The JSON text of rows, of what PostgreSQL can hold. Most rows hold nothing that it refuses. */
function storableJson(rows: readonly unknown[]): string {
  const text = JSON.stringify(rows);
  return /\\u(?:0000|d[89a-f])/.test(text) ? toJson(rows) : text;
}

function lost(error: unknown): never {
  if (isMissingTable(error))
    throw new StagingLost('The staging tables of this attempt are gone', { cause: error });
  throw error;
}
