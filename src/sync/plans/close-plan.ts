import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ClosingPlan, LimitTally } from '../../store/sync/closing.ts';
import type { ListReport, PlanEstimate, Verdict } from '../../store/sync/documents.ts';
import type { Staging } from '../../store/sync/staging.ts';
import type { SyncStore } from '../../store/sync/sync-store.ts';
import type { SyncPlanRow } from '../../store/sync/tables.ts';
import type { LimitName } from '../../store/sync/words.ts';
import type { Comparison } from '../compare/compare.ts';
import { judge } from '../guard/limits.ts';
import type { ResolvedMapping } from '../mapping/mapping.ts';
import type { Observation } from '../observe/observe.ts';
import type { PlanLog } from './plan-log.ts';
import type { SourceRead } from './read-source.ts';

export interface Closing {
  readonly store: SyncStore;
  readonly plan: SyncPlanRow;
  readonly staging: Staging;
  readonly organizationId: string;
  readonly mapping: ResolvedMapping;
  readonly observation: Observation;
  readonly source: SourceRead;
  readonly comparison: Comparison;
  readonly log: PlanLog;
  /** Seconds after which the plan can no longer be applied. */
  readonly planLifetime: number;
  /** Connections to Webex that a run uses. */
  readonly connections: number;
}

/** Version of what a digest is made of. */
const DIGEST_VERSION = 1;
/** Seconds of one request, if the observation made none. */
const USUAL_LATENCY = 0.3;

/**
 * Makes a plan of the drafts of a comparison: numbers them, judges them by the limits, and stores all as READY, UNCHANGED or
 * BLOCKED. Does nothing if the plan was lost or canceled. Throws StoreUnavailable.
 */
export async function closePlan(closing: Closing): Promise<void> {
  const { store, plan, staging, mapping, source, comparison, log, planLifetime } = closing;
  const own = { id: plan.id, planNo: plan.plan_no, epoch: plan.epoch };
  const total = await store.closing.number(own);
  if (!(await copyAll(store, own, total, staging.batchSize))) return;
  const { requests, hasChanges } = await store.closing.work(plan.id);
  const verdicts = await judgeAll(closing, own);
  const state = stateOf(verdicts, hasChanges);
  const isStored = await store.closing.finish(own, {
    ...{ state, hasChanges, verdicts, seats: comparison.seats, lifetime: planLifetime },
    digest: await store.closing.digest(plan.id, headOf(closing)),
    lists: [reportOf(source), ...closing.observation.lists],
    counts: [...(await store.items.counts(plan.id)), ...comparison.unstored],
    estimate: estimateOf(closing, requests),
    phases: log.phases,
  });
  if (isStored) await noteMissing(closing, verdicts, mapping.outline.name);
}

/** False: the plan is lost. */
async function copyAll(store: SyncStore, own: ClosingPlan, total: number, size: number): Promise<boolean> {
  if (!(await store.closing.clear(own))) return false;
  for (let from = 1; from <= total; from += size) {
    const to = Math.min(from + size - 1, total);
    if ((await store.closing.copy(own, from, to)) < to - from + 1) return false;
    // Awaited queries alone may keep timers and requests waiting.
    await nextTurn();
  }
  return true;
}

async function judgeAll(closing: Closing, own: ClosingPlan): Promise<Verdict[]> {
  const { store, plan, mapping, comparison } = closing;
  const tallies = await store.closing.tallies(own);
  const verdicts = judge({
    ...{ policy: mapping.outline.policy, narrow: plan.request.narrow, bases: comparison.bases },
    counts: sumsOf(tallies),
  });
  return verdicts.map((verdict) => ({
    ...verdict,
    examples: tallies.get(verdict.limit)?.examples ?? [],
  }));
}

function sumsOf(tallies: ReadonlyMap<LimitName, LimitTally>): Partial<Record<LimitName, number>> {
  const sums: Partial<Record<LimitName, number>> = {};
  for (const [limit, { sum }] of tallies) sums[limit] = sum;
  return sums;
}

function stateOf(verdicts: readonly Verdict[], hasChanges: boolean): 'READY' | 'UNCHANGED' | 'BLOCKED' {
  const isForbidden = verdicts.some(({ outcome }) => outcome === 'FORBIDDEN');
  if (isForbidden) return 'BLOCKED';
  if (!hasChanges) return 'UNCHANGED';
  return verdicts.some(({ outcome }) => outcome === 'NEEDS_APPROVAL') ? 'BLOCKED' : 'READY';
}

/** Neither ids of plans nor times: equal content has an equal digest. */
function headOf({ plan, organizationId, mapping }: Closing): string {
  const { narrow = null } = plan.request;
  const digestOfMapping = createHash('sha256').update(JSON.stringify(mapping)).digest('hex');
  return JSON.stringify([DIGEST_VERSION, plan.connector_id, organizationId, digestOfMapping, narrow]);
}

function reportOf({ records }: SourceRead): ListReport {
  return { name: 'source', complete: true, count: records, requests: 0 };
}

function estimateOf({ log, connections }: Closing, requests: number): PlanEstimate {
  const observing = log.phases.find(({ name }) => name === 'OBSERVING');
  const latency =
    observing === undefined || observing.requests === 0
      ? USUAL_LATENCY
      : observing.seconds / observing.requests;
  return { requests, seconds: Math.ceil((requests * latency) / connections) };
}

/** Grace periods begin with a plan that has read the whole source, and end when a key is seen again. */
async function noteMissing(closing: Closing, verdicts: readonly Verdict[], mappingName: string) {
  const { store, plan, organizationId, source } = closing;
  const owner = { connectorId: plan.connector_id, organizationId, mappingName };
  await store.missingLinks.clear(owner, plan.plan_no);
  const isTrusted = verdicts.every(
    ({ limit, outcome }) => !['SOURCE_SHRUNK', 'SOURCE_EMPTY'].includes(limit) || outcome === 'PASSED',
  );
  if (source.end === 'ALL' && isTrusted) await store.missingLinks.mark(owner, plan.id);
}
