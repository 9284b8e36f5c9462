import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { storable, toJson } from '../audit-event-rows.ts';
import { isConnectorId } from '../connectors.ts';
import { isUniqueViolation } from '../database-failures.ts';
import type { Tables } from '../tables.ts';
import { anyOf, isGiven } from './any-of.ts';
import type { PlanRequest, Verdict } from './documents.ts';
import type { PlanFilter } from './filters.ts';
import type { SyncPlanRow } from './tables.ts';
import type { PlanState } from './words.ts';

export interface NewPlan {
  readonly connectorId: string;
  readonly request: PlanRequest;
  readonly mappingName: string | null;
  /** 0 for a mapping that comes with the request. */
  readonly mappingVersion: number | null;
  readonly requestedBy: string;
  /** Makes it safe to ask again for a day: hash of the caller's key, and of what is asked for. */
  readonly once?: { readonly key: string; readonly hash: string };
}

/** Plans, as callers see them. All methods throw StoreUnavailable. */
export interface SyncPlanRepository {
  /**
   * Stores a plan that is to be made. With a key that the same caller has used within a day, returns that plan.
   * Throws a foreign key violation if the connector is gone.
   */
  create(plan: NewPlan): Promise<{ readonly plan: SyncPlanRow; readonly isNew: boolean }>;
  /** Null: no plan has this id, or the text is no id. */
  get(id: string): Promise<SyncPlanRow | null>;
  /** The newest first. @param after number of the plan before the page */
  page(
    connectorId: string,
    filter: PlanFilter,
    first: number,
    after?: number,
  ): Promise<{ readonly rows: SyncPlanRow[]; readonly hasNextPage: boolean }>;
  count(connectorId: string, filter: PlanFilter): Promise<number>;
  /** Whether a plan of this mapping was applied through this connector, and its run has ended. */
  hasApplied(connectorId: string, mappingName: string): Promise<boolean>;
  /** BLOCKED becomes READY. Undefined: the plan is not BLOCKED any more, or has another digest. */
  approve(
    id: string,
    approval: {
      readonly digest: string;
      readonly actor: string;
      readonly reason: string;
      readonly verdicts: readonly Verdict[];
    },
  ): Promise<SyncPlanRow | undefined>;
  /** Ends a plan that has not ended; its worker notices at once. Undefined: it has ended. */
  cancel(id: string): Promise<SyncPlanRow | undefined>;
  /** READY and BLOCKED plans whose time is over become EXPIRED. Returns their ids. */
  expire(): Promise<readonly string[]>;
  /** Deletes plans with their items: applied ones whose run ended so many days ago, others after 30 days at most. */
  forgetOld(days: number): Promise<void>;
}

/** Days that plans without a run are kept. */
const UNUSED_DAYS = 30;
/** What can still be canceled. */
const OPEN: readonly PlanState[] = ['QUEUED', 'READING', 'OBSERVING', 'COMPARING', 'READY', 'BLOCKED'];

/** The plans in this database. */
export function createSyncPlanRepository(db: Kysely<Tables>): SyncPlanRepository {
  const select = (connectorId: string, filter: PlanFilter) => {
    let query = db.selectFrom('sync_plans').where('connector_id', '=', connectorId);
    if (isGiven(filter.states)) query = query.where('state', '=', anyOf(filter.states));
    if (filter.from !== undefined) query = query.where('requested_at', '>=', filter.from);
    if (filter.to !== undefined) query = query.where('requested_at', '<', filter.to);
    if (filter.requestedBy !== undefined)
      query = query.where('requested_by', '=', storable(filter.requestedBy));
    if (filter.mapping !== undefined) query = query.where('mapping_name', '=', storable(filter.mapping));
    return query;
  };
  return {
    async create(plan) {
      for (;;) {
        try {
          return { plan: await insert(db, plan), isNew: true };
        } catch (error) {
          if (!isUniqueViolation(error) || plan.once === undefined) throw error;
        }
        const earlier = await findAsked(db, plan.requestedBy, plan.once.key);
        // Else its day was over, and it has let the key go.
        if (earlier !== undefined) return { plan: earlier, isNew: false };
      }
    },
    async get(id) {
      if (!isConnectorId(id)) return null;
      const row = await db.selectFrom('sync_plans').selectAll().where('id', '=', id).executeTakeFirst();
      return row ?? null;
    },
    async page(connectorId, filter, first, after) {
      const query = select(connectorId, filter)
        .selectAll()
        .orderBy('plan_no', 'desc')
        .limit(first + 1);
      const rows = await (after === undefined ? query : query.where('plan_no', '<', after)).execute();
      return { rows: rows.slice(0, first), hasNextPage: rows.length > first };
    },
    async count(connectorId, filter) {
      const { count } = await select(connectorId, filter)
        .select(sql<number>`count(*)::integer`.as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },
    async hasApplied(connectorId, mappingName) {
      const applied = await db
        .selectFrom('sync_plans')
        .innerJoin('sync_runs', 'sync_runs.plan_id', 'sync_plans.id')
        .select('sync_plans.id')
        .where('sync_plans.connector_id', '=', connectorId)
        .where('mapping_name', '=', mappingName)
        .where('sync_runs.state', 'in', ['COMPLETED', 'COMPLETED_WITH_ERRORS'])
        .limit(1)
        .executeTakeFirst();
      return applied !== undefined;
    },
    approve(id, { digest, actor, reason, verdicts }) {
      return db
        .updateTable('sync_plans')
        .set({
          ...{ state: 'READY', approved_by: actor, approved_at: sql<Date>`now()` },
          ...{ approval_reason: storable(reason), verdicts: toJson(verdicts) },
          revision: sql<number>`revision + 1`,
        })
        .where('id', '=', id)
        .where('state', '=', 'BLOCKED')
        .where('digest', '=', Buffer.from(digest, 'hex'))
        .where('expires_at', '>', sql<Date>`now()`)
        .returningAll()
        .executeTakeFirst();
    },
    cancel(id) {
      return db
        .updateTable('sync_plans')
        .set({
          ...{ state: 'CANCELED', holder: null, lease_until: null },
          // What its worker still writes has the epoch before.
          ...{ epoch: sql<number>`epoch + 1`, revision: sql<number>`revision + 1` },
        })
        .where('id', '=', id)
        .where('state', 'in', OPEN)
        .returningAll()
        .executeTakeFirst();
    },
    async expire() {
      const rows = await db
        .updateTable('sync_plans')
        .set({ state: 'EXPIRED', revision: sql<number>`revision + 1` })
        .where('state', 'in', ['READY', 'BLOCKED'])
        .where('expires_at', '<=', sql<Date>`now()`)
        .returning('id')
        .execute();
      return rows.map(({ id }) => id);
    },
    async forgetOld(days) {
      const unused = Math.min(days, UNUSED_DAYS);
      await sql`
        delete from sync_plans plan where not plan.state in ('QUEUED', 'READING', 'OBSERVING', 'COMPARING')
        and case when exists (select from sync_runs run where run.plan_id = plan.id)
          then exists (select from sync_runs run
            where run.plan_id = plan.id and run.ended_at < now() - ${days}::double precision * interval '1 day')
          else plan.requested_at < now() - ${unused}::double precision * interval '1 day' end`.execute(db);
    },
  };
}

function insert(db: Kysely<Tables>, plan: NewPlan): Promise<SyncPlanRow> {
  return db
    .insertInto('sync_plans')
    .values({
      ...{ id: randomUUID(), connector_id: plan.connectorId, organization_id: null, state: 'QUEUED' },
      ...{ request: toJson(plan.request), requested_by: plan.requestedBy },
      ...{ mapping_name: plan.mappingName, mapping_version: plan.mappingVersion },
      ...{ request_key: plan.once?.key ?? null, request_hash: plan.once?.hash ?? null },
      ...{
        lists: null,
        counts: null,
        seats: null,
        verdicts: null,
        estimate: null,
        progress: null,
        phases: null,
      },
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The plan of this key. One that is older than a day lets the key go. */
async function findAsked(
  db: Kysely<Tables>,
  requestedBy: string,
  key: string,
): Promise<SyncPlanRow | undefined> {
  await db
    .updateTable('sync_plans')
    .set({ request_key: null })
    .where('requested_by', '=', requestedBy)
    .where('request_key', '=', key)
    .where('requested_at', '<', sql<Date>`now() - interval '1 day'`)
    .execute();
  return db
    .selectFrom('sync_plans')
    .selectAll()
    .where('requested_by', '=', requestedBy)
    .where('request_key', '=', key)
    .executeTakeFirst();
}
