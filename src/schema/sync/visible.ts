import { NotFound } from '../../errors/request.ts';
import type { SyncPlanRow, SyncRunRow } from '../../store/sync/tables.ts';
import type { Context } from '../base/context.ts';
import { type GlobalId, readOwnId } from '../base/global-ids.ts';
import type { ItemShape } from './refs.ts';

// Plans, items and runs as a caller sees them: those of connectors that the caller may use for what the field at hand takes.

/**
 * The plan that a caller names by its global id.
 * @param field where it stands in the caller's request
 * Rejects with InvalidInput, NotFound, Forbidden.
 */
export async function planOf(context: Context, id: string, field: string): Promise<SyncPlanRow> {
  const plan = await planById(readOwnId(id, 'SyncPlan', field), context);
  if (plan === null) throw new NotFound('plan', id);
  return plan;
}

/** As `planOf`, for a run. */
export async function runOf(context: Context, id: string, field: string): Promise<SyncRunRow> {
  const run = await runById(readOwnId(id, 'SyncRun', field), context);
  if (run === null) throw new NotFound('run', id);
  return run;
}

/** The plan with this id; null if it does not exist, or its connector does not exist for the caller. Rejects with Forbidden. */
export async function planById(id: string, context: Context): Promise<SyncPlanRow | null> {
  const plan = await context.sync.plans.get(id);
  return plan !== null && (await isVisible(plan.connector_id, context)) ? plan : null;
}

/** As `planById`, for a run. */
export async function runById(id: string, context: Context): Promise<SyncRunRow | null> {
  const run = await context.sync.runs.get(id);
  return run !== null && (await isVisible(run.connector_id, context)) ? run : null;
}

/** The item that a global id names, as `planById`. */
export async function itemById(
  { connectorId: planId, webexId: seq }: GlobalId,
  context: Context,
): Promise<ItemShape | null> {
  const plan = /^[1-9]\d{0,8}$/.test(seq) ? await planById(planId, context) : null;
  const item = plan && (await context.sync.plans.item(plan.id, Number(seq)));
  return plan === null || item === null ? null : { item, connectorId: plan.connector_id };
}

async function isVisible(connectorId: string, context: Context): Promise<boolean> {
  try {
    await context.connector(connectorId);
    return true;
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
}
