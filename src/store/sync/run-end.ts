import { sql, type Transaction } from 'kysely';
import { storable, toJson } from '../audit-event-rows.ts';
import type { Tables } from '../tables.ts';
import type { RunCount } from './documents.ts';
import { isOfRun } from './items.ts';
import type { SyncRunRow } from './tables.ts';

/** How a run can end. */
export type RunEnd = 'COMPLETED' | 'COMPLETED_WITH_ERRORS' | 'CANCELED' | 'FAILED';

/**
 * Ends a run. Items without an outcome get one: SKIPPED, or UNKNOWN if something of them may have been sent.
 * @param run as it was read in this transaction, locked
 * @param message what there is to do about it; null: nothing
 */
export async function endRun(
  trx: Transaction<Tables>,
  run: SyncRunRow,
  state: RunEnd,
  message: string | null,
): Promise<SyncRunRow> {
  const revision = run.revision + 1;
  const { rows } = await sql<RunCount>`with ended as (
      update sync_items set
        state = case when state = 'SENDING' then 'UNKNOWN' else 'SKIPPED' end,
        not_before = null, settled_at = now(), revision = ${revision}
      where plan_id = ${run.plan_id} and state in ('PLANNED', 'SENDING') and ${isOfRun}
      returning action, state as outcome)
    select action, outcome, count(*)::integer as count from ended group by action, outcome`.execute(trx);
  return trx
    .updateTable('sync_runs')
    .set({
      ...{ state, message: message === null ? null : storable(message), reason: null, revision },
      ...{ holder: null, lease_until: null, ended_at: sql<Date>`now()` },
      counts: toJson(addCounts(run.counts, rows)),
    })
    .where('id', '=', run.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Counts added up by action and outcome. Pure. */
export function addCounts(counts: readonly RunCount[], more: readonly RunCount[]): RunCount[] {
  const sums = new Map<string, RunCount>();
  for (const { action, outcome, count } of [...counts, ...more]) {
    const name = `${action} ${outcome}`;
    sums.set(name, { action, outcome, count: count + (sums.get(name)?.count ?? 0) });
  }
  return [...sums.values()];
}
