import { canonicalName } from '../../datasources/webex/canonical.ts';
import { InvalidInput, NotFound } from '../../errors/request.ts';
import type { Narrow } from '../../store/sync/documents.ts';
import type { SyncStore } from '../../store/sync/sync-store.ts';
import type { SyncPlanRow } from '../../store/sync/tables.ts';
import type { Action } from '../../store/sync/words.ts';
import type { AskedPlan } from './asked-plan.ts';

/** What is planned again. */
export interface Retry {
  /** The plan whose run is retried: it names mapping and source. */
  readonly plan: SyncPlanRow;
  /** The records and groups whose items were not applied, without actions that remove access. */
  readonly narrow: Narrow;
}

/** Actions that a retry may repeat. Those that remove access are planned from the source again. */
const REPEATED: readonly Action[] = [
  ...(['CREATE', 'UPDATE', 'RENAME', 'ENABLE', 'LINK', 'RELINK', 'SET_MANAGER'] as const),
  ...(['CREATE_GROUP', 'UPDATE_GROUP', 'CHANGE_MEMBERS'] as const),
];
const PAGE = 1_000;
const ENDED: ReadonlySet<string> = new Set(['COMPLETED', 'COMPLETED_WITH_ERRORS', 'CANCELED', 'FAILED']);

/**
 * The part of an earlier plan that its run has not applied. It is read from the same source and compared again.
 * Throws NotFound, InvalidInput if there is nothing to plan again, StoreUnavailable.
 */
export async function readRetry(
  store: Pick<SyncStore, 'runs' | 'plans' | 'items'>,
  { connectorId, mapping }: AskedPlan,
  runId: string,
): Promise<Retry> {
  if (mapping !== undefined)
    throw new InvalidInput(
      'input.mapping',
      'cannot be given with retryOf: a retry has the mapping of its plan.',
    );
  const run = await store.runs.get(runId);
  const plan = run === null ? null : await store.plans.get(run.plan_id);
  if (run === null || plan === null || plan.connector_id !== connectorId) throw new NotFound('run', runId);
  if (!ENDED.has(run.state))
    throw new InvalidInput('input.retryOf', 'has not ended. Wait for its end, or cancel it.');
  const { keys, groups } = await unapplied(store, plan.id);
  if (keys.length + groups.length === 0)
    throw new InvalidInput(
      'input.retryOf',
      'has nothing to plan again: all items were applied, or remove access. Plan removals from the source again.',
    );
  const limits = plan.request.narrow?.limits;
  return { plan, narrow: { keys, groups, actions: REPEATED, ...(limits === undefined ? {} : { limits }) } };
}

async function unapplied(store: Pick<SyncStore, 'items'>, planId: string) {
  const [keys, groups] = [new Set<string>(), new Set<string>()];
  const filter = {
    outcomes: ['PARTIALLY_APPLIED', 'DRIFTED', 'FAILED', 'UNKNOWN', 'SKIPPED'] as const,
    ...{ actions: REPEATED, ofRun: true },
  };
  let after: number | undefined;
  for (;;) {
    const { rows, hasNextPage } = await store.items.page(planId, filter, PAGE, after);
    for (const { kind, name, source_key } of rows) {
      if (kind === 'GROUP') groups.add(canonicalName(name));
      else if (source_key !== null) keys.add(source_key);
    }
    after = rows.at(-1)?.seq;
    if (!hasNextPage || after === undefined) return { keys: [...keys], groups: [...groups] };
  }
}
