import { type Kysely, sql } from 'kysely';
import { storable } from '../audit-event-rows.ts';
import type { Tables } from '../tables.ts';
import { anyOf, isGiven } from './any-of.ts';
import type { PlanCount } from './documents.ts';
import type { ItemFilter } from './filters.ts';
import type { SyncItemRow } from './tables.ts';

/** Items of plans, to read. All methods throw StoreUnavailable. */
export interface SyncItemRepository {
  /** In the order of their numbers. @param after number of the item before the page */
  page(
    planId: string,
    filter: ItemFilter,
    first: number,
    after?: number,
  ): Promise<{ readonly rows: SyncItemRow[]; readonly hasNextPage: boolean }>;
  count(planId: string, filter: ItemFilter): Promise<number>;
  get(planId: string, seq: number): Promise<SyncItemRow | null>;
  /** Items by number, in the order of their numbers. Numbers of no item are left out. */
  ofSeqs(planId: string, seqs: readonly number[]): Promise<SyncItemRow[]>;
  /** Items by kind, situation, action and why they are withheld. */
  counts(planId: string): Promise<PlanCount[]>;
}

/** The largest value of an `integer`. */
const LARGEST_INTEGER = 2_147_483_647;

/** Items that a run carries out. */
export const isOfRun = sql<boolean>`withheld is null and action not in ('NONE', 'REPORT')`;

/** The items in this database. */
export function createSyncItemRepository(db: Kysely<Tables>): SyncItemRepository {
  const select = (planId: string, filter: ItemFilter) => {
    const { actions, situations, outcomes, withheld, kinds, settledAfter } = filter;
    let query = db.selectFrom('sync_items').where('plan_id', '=', planId);
    if (isGiven(actions)) query = query.where('action', '=', anyOf(actions));
    if (isGiven(situations)) query = query.where('situation', '=', anyOf(situations));
    if (isGiven(outcomes)) query = query.where('state', '=', anyOf(outcomes));
    if (isGiven(withheld)) query = query.where('withheld', '=', anyOf(withheld));
    if (isGiven(kinds)) query = query.where('kind', '=', anyOf(kinds));
    if (settledAfter !== undefined) query = query.where('revision', '>', bounded(settledAfter));
    for (const condition of textConditions(filter)) query = query.where(condition);
    return filter.ofRun === true ? query.where(isOfRun) : query;
  };
  return {
    async page(planId, filter, first, after) {
      const query = select(planId, filter)
        .selectAll()
        .orderBy('seq')
        .limit(first + 1);
      const rows = await (after === undefined ? query : query.where('seq', '>', bounded(after))).execute();
      return { rows: rows.slice(0, first), hasNextPage: rows.length > first };
    },
    async count(planId, filter) {
      const { count } = await select(planId, filter)
        .select(sql<number>`count(*)::integer`.as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },
    async get(planId, seq) {
      const [row] = await this.ofSeqs(planId, [seq]);
      return row ?? null;
    },
    async ofSeqs(planId, seqs) {
      const possible = seqs.filter((seq) => bounded(seq) === seq);
      if (possible.length === 0) return [];
      return db
        .selectFrom('sync_items')
        .selectAll()
        .where('plan_id', '=', planId)
        .where('seq', '=', anyOf(possible))
        .orderBy('seq')
        .execute();
    },
    counts(planId) {
      return db
        .selectFrom('sync_items')
        .select(['kind', 'situation', 'action', 'withheld', sql<number>`count(*)::integer`.as('count')])
        .where('plan_id', '=', planId)
        .groupBy(['kind', 'situation', 'action', 'withheld'])
        .orderBy('kind')
        .orderBy('situation')
        .orderBy('action')
        .orderBy('withheld')
        .execute();
    },
  };
}

function textConditions({ nameStartsWith, sourceKey, field, errorCode }: ItemFilter) {
  const conditions = [];
  if (nameStartsWith !== undefined) {
    const pattern = `${storable(nameStartsWith).replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    conditions.push(sql<boolean>`name like ${pattern}`);
  }
  if (sourceKey !== undefined) conditions.push(sql<boolean>`source_key = ${storable(sourceKey)}`);
  if (field !== undefined) {
    const change = JSON.stringify([{ field: storable(field) }]);
    conditions.push(sql<boolean>`changes @> ${change}::jsonb`);
  }
  if (errorCode !== undefined) conditions.push(sql<boolean>`error->>'code' = ${storable(errorCode)}`);
  return conditions;
}

/** The number, as far as the column can hold it. */
function bounded(value: number): number {
  return Math.max(-1, Math.min(Math.trunc(value), LARGEST_INTEGER));
}
