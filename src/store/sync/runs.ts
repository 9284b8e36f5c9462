import { randomUUID } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import { storable, toJson } from '../audit-event-rows.ts';
import { isConnectorId } from '../connectors.ts';
import type { Tables } from '../tables.ts';
import { anyOf, isGiven } from './any-of.ts';
import type { OnlyItems, RunCount } from './documents.ts';
import type { RunFilter } from './filters.ts';
import { isOfRun } from './items.ts';
import { linkedId } from './links.ts';
import { endRun } from './run-end.ts';
import type { SyncPlanRow, SyncRunRow } from './tables.ts';
import type { SyncKind } from './words.ts';

/** A run to begin. */
export interface NewRun {
  readonly planId: string;
  /** Of the plan as it was reviewed, hexadecimal. */
  readonly digest: string;
  /** Null: all items. */
  readonly only: OnlyItems | null;
  readonly stopAfter: number | null;
  readonly startedBy: string;
}

/** Where a page of runs goes on. */
export interface RunCursor {
  /** To the millisecond. */
  readonly createdAt: Date;
  readonly id: string;
}

/** Runs, as callers see them. All methods throw StoreUnavailable. */
export interface SyncRunRepository {
  /**
   * Begins the run of a plan that is READY, has this digest and has not expired; the plan is APPLIED then, and items that
   * were not chosen are SKIPPED. Undefined: the plan is not so, or has a run.
   */
  create(run: NewRun): Promise<SyncRunRow | undefined>;
  /** Null: no run has this id, or the text is no id. */
  get(id: string): Promise<SyncRunRow | null>;
  ofPlan(planId: string): Promise<SyncRunRow | null>;
  /** The newest first. @param after the run before the page */
  page(
    connectorId: string,
    filter: RunFilter,
    first: number,
    after?: RunCursor,
  ): Promise<{ readonly rows: SyncRunRow[]; readonly hasNextPage: boolean }>;
  count(connectorId: string, filter: RunFilter): Promise<number>;
  /** Runs by state, of all connectors. */
  states(): Promise<readonly { readonly state: SyncRunRow['state']; readonly count: number }[]>;
  /** Whether the connector has a run that is not ended. */
  hasOpen(connectorId: string): Promise<boolean>;
  /** Whether a plan that was made later, for the same connector and mapping, has a run. */
  hasLater(plan: Pick<SyncPlanRow, 'id' | 'plan_no' | 'connector_id' | 'mapping_name'>): Promise<boolean>;
  /** Webex's id of the record that a key of a plan's mapping is linked to now; undefined if it has no link. */
  linkedId(planId: string, kind: SyncKind, sourceKey: string): Promise<string | undefined>;
  /** Asks the worker of a run to pause it or to end it; one that no worker has is so at once. Undefined: it has ended. */
  want(id: string, wanted: 'PAUSE' | 'CANCEL'): Promise<SyncRunRow | undefined>;
  /** Lets a paused run go on, or takes back that it is to be paused. Undefined: it has ended. */
  resume(id: string): Promise<SyncRunRow | undefined>;
  /** Ids of runs that have been paused for so many days. */
  pausedFor(days: number): Promise<readonly string[]>;
}

/** Items that send something. The others only change links. */
export const doesSend = sql<boolean>`action not in ('LINK', 'UNLINK')
  and (action <> 'RELINK' or jsonb_array_length(changes) > 0)`;

const OPEN = sql<boolean>`state in ('QUEUED', 'RUNNING', 'PAUSED')`;
const revised = { revision: sql<number>`revision + 1` };

/** The runs in this database. */
export function createSyncRunRepository(db: Kysely<Tables>): SyncRunRepository {
  const select = (connectorId: string, filter: RunFilter) => {
    let query = db.selectFrom('sync_runs').where('connector_id', '=', connectorId);
    const { states, from, to, startedBy } = filter;
    if (states !== undefined && states.length > 0) query = query.where('state', '=', anyOf(states));
    if (from !== undefined) query = query.where('created_at', '>=', from);
    if (to !== undefined) query = query.where('created_at', '<', to);
    return startedBy === undefined ? query : query.where('started_by', '=', storable(startedBy));
  };
  const open = (id: string) => db.updateTable('sync_runs').where('id', '=', id).where(OPEN).returningAll();
  return {
    linkedId: (planId, kind, sourceKey) => linkedId(db, planId, kind, sourceKey),
    create: (run) => db.transaction().execute((trx) => begin(trx, run)),
    async get(id) {
      if (!isConnectorId(id)) return null;
      return (await db.selectFrom('sync_runs').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
    },
    async ofPlan(planId) {
      const query = db.selectFrom('sync_runs').selectAll().where('plan_id', '=', planId);
      return (await query.executeTakeFirst()) ?? null;
    },
    async page(connectorId, filter, first, after) {
      // JavaScript knows no microseconds.
      const at = sql<Date>`date_trunc('milliseconds', created_at)`;
      const query = select(connectorId, filter)
        .selectAll()
        .orderBy(at, 'desc')
        .orderBy('id', 'desc')
        .limit(first + 1);
      const behind = (cursor: RunCursor) =>
        sql<boolean>`(${at}, id) < (${cursor.createdAt}, ${cursor.id}::uuid)`;
      const rows = await (after === undefined ? query : query.where(behind(after))).execute();
      return { rows: rows.slice(0, first), hasNextPage: rows.length > first };
    },
    async count(connectorId, filter) {
      const { count } = await select(connectorId, filter)
        .select(sql<number>`count(*)::integer`.as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },
    states() {
      const count = sql<number>`count(*)::integer`.as('count');
      return db.selectFrom('sync_runs').select(['state', count]).groupBy('state').execute();
    },
    async hasOpen(connectorId) {
      const query = db
        .selectFrom('sync_runs')
        .select('id')
        .where('connector_id', '=', connectorId)
        .where(OPEN);
      return (await query.limit(1).executeTakeFirst()) !== undefined;
    },
    async hasLater({ id, plan_no, connector_id, mapping_name }) {
      const later = await db
        .selectFrom('sync_plans as plan')
        .innerJoin('sync_runs as run', 'run.plan_id', 'plan.id')
        .select('plan.id')
        .where('plan.connector_id', '=', connector_id)
        .where('plan.mapping_name', 'is not distinct from', mapping_name)
        .where('plan.plan_no', '>', plan_no)
        .where('plan.id', '<>', id)
        .limit(1)
        .executeTakeFirst();
      return later !== undefined;
    },
    async want(id, wanted) {
      if (wanted === 'CANCEL') {
        const ended = await db.transaction().execute((trx) => cancelIdle(trx, id));
        return (
          ended ??
          open(id)
            .set({ wanted, ...revised })
            .executeTakeFirst()
        );
      }
      const state = sql<'PAUSED' | 'RUNNING'>`case when state = 'QUEUED' then 'PAUSED' else state end`;
      const reason = sql<'BY_CALLER'>`case when state = 'QUEUED' then 'BY_CALLER' else reason end`;
      return open(id)
        .set({ wanted, state, reason, paused_at: sql<Date>`now()`, ...revised })
        .where('wanted', '<>', 'CANCEL')
        .executeTakeFirst();
    },
    resume(id) {
      // It stops once, and then goes to its end.
      const stop_at = sql<number | null>`case when settled >= stop_at then null else stop_at end`;
      const state = sql<'QUEUED' | 'RUNNING'>`case when state = 'PAUSED' then 'QUEUED' else state end`;
      return open(id)
        .set({ wanted: 'RUN', state, reason: null, message: null, stop_at, ...revised })
        .where('wanted', '<>', 'CANCEL')
        .executeTakeFirst();
    },
    async pausedFor(days) {
      const { rows } = await sql<{ id: string }>`select id from sync_runs
        where state = 'PAUSED' and paused_at < now() - ${days}::double precision * interval '1 day'`.execute(
        db,
      );
      return rows.map(({ id }) => id);
    },
  };
}

async function begin(trx: Transaction<Tables>, run: NewRun): Promise<SyncRunRow | undefined> {
  const { planId, digest, only, stopAfter, startedBy } = run;
  const plan = await trx
    .updateTable('sync_plans')
    .set({ state: 'APPLIED', ...revised })
    .where('id', '=', planId)
    .where('state', '=', 'READY')
    .where('digest', '=', Buffer.from(digest, 'hex'))
    .where('organization_id', 'is not', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .returning(['connector_id', 'organization_id'])
    .executeTakeFirst();
  if (plan === undefined || plan.organization_id === null) return undefined;
  const counts = only === null ? [] : await skip(trx, planId, only);
  const { total } = await trx
    .selectFrom('sync_items')
    .select(sql<number>`count(*)::integer`.as('total'))
    .where('plan_id', '=', planId)
    .where('state', '=', 'PLANNED')
    .where(isOfRun)
    .where(doesSend)
    .executeTakeFirstOrThrow();
  return trx
    .insertInto('sync_runs')
    .values({
      ...{ id: randomUUID(), plan_id: planId, connector_id: plan.connector_id },
      ...{
        organization_id: plan.organization_id,
        state: 'QUEUED',
        total,
        stop_after: stopAfter,
        stop_at: stopAfter,
      },
      ...{ only_items: only && toJson(only), counts: toJson(counts), phases: '[]', started_by: startedBy },
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Ends a run that no worker has. Undefined: a worker has it, or it has ended. */
async function cancelIdle(trx: Transaction<Tables>, id: string): Promise<SyncRunRow | undefined> {
  const run = await trx
    .selectFrom('sync_runs')
    .selectAll()
    .where('id', '=', id)
    .where('state', 'in', ['QUEUED', 'PAUSED'])
    .forUpdate()
    .executeTakeFirst();
  return run && endRun(trx, run, 'CANCELED', null);
}

/** Skips all items that were not chosen. An item must meet both conditions; one that is absent or empty is met by all. */
async function skip(trx: Transaction<Tables>, planId: string, only: OnlyItems): Promise<readonly RunCount[]> {
  const { actions, seqs } = only;
  const isChosen = sql.join(
    [
      sql`true`,
      ...(isGiven(actions) ? [sql`action = ${anyOf(actions)}`] : []),
      ...(isGiven(seqs) ? [sql`seq = ${anyOf(seqs)}`] : []),
    ],
    sql` and `,
  );
  const { rows } = await sql<RunCount>`with skipped as (
      update sync_items set state = 'SKIPPED', settled_at = now(), revision = 0
      where plan_id = ${planId} and ${isOfRun} and not (${isChosen})
      returning action)
    select action, 'SKIPPED' as outcome, count(*)::integer as count from skipped group by action`.execute(
    trx,
  );
  return rows;
}
