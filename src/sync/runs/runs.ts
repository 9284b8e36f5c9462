import type { Connectors } from '../../connectors/connectors.ts';
import { NotFound, ReadOnlyConnector } from '../../errors/request.ts';
import { AlreadyEnded, PlanChanged, PlanNotApplicable } from '../../errors/sync.ts';
import type { Store } from '../../store/store.ts';
import type { OnlyItems } from '../../store/sync/documents.ts';
import type { RunFilter } from '../../store/sync/filters.ts';
import type { RunCursor } from '../../store/sync/runs.ts';
import type { SyncPlanRow, SyncRunRow } from '../../store/sync/tables.ts';
import type { PlanState } from '../../store/sync/words.ts';

/** Which plan to carry out, and how far. */
export interface AskedRun {
  readonly planId: string;
  /** Of the plan as it was reviewed, hexadecimal. */
  readonly digest: string;
  /** Only these actions, or these items. Default: all. */
  readonly only?: OnlyItems | undefined;
  /** After how many items the run pauses. Default: it goes to its end. */
  readonly stopAfter?: number | undefined;
}

export interface RunsTools {
  readonly store: Pick<Store, 'sync' | 'notices'>;
  readonly connectors: Pick<Connectors, 'get' | 'grant'>;
  /** Tells all workers that there is work. */
  readonly wake: () => Promise<void>;
}

/** Days that a run may be paused before it is canceled: by then its plan says little about Webex. */
const LONGEST_PAUSE_DAYS = 7;

/** Runs of plans, for callers. */
export class Runs {
  readonly #tools: RunsTools;

  constructor(tools: RunsTools) {
    this.#tools = tools;
  }

  /** Null: no run has this id, or the text is no id. Throws StoreUnavailable. */
  get(id: string): Promise<SyncRunRow | null> {
    return this.#runs.get(id);
  }

  ofPlan(planId: string): Promise<SyncRunRow | null> {
    return this.#runs.ofPlan(planId);
  }

  /** Runs of a connector, the newest first. @param after the run before the page */
  page(
    connectorId: string,
    filter: RunFilter,
    first: number,
    after?: RunCursor,
  ): Promise<{ readonly rows: SyncRunRow[]; readonly hasNextPage: boolean }> {
    return this.#runs.page(connectorId, filter, first, after);
  }

  count(connectorId: string, filter: RunFilter): Promise<number> {
    return this.#runs.count(connectorId, filter);
  }

  /** Whether the connector has a run that has not ended. */
  hasOpen(connectorId: string): Promise<boolean> {
    return this.#runs.hasOpen(connectorId);
  }

  /**
   * Begins to carry a plan out. The same request again answers with the run that there is.
   * @param actor who asks, as the audit trail names them
   * Throws NotFound, PlanChanged, PlanNotApplicable, ReadOnlyConnector.
   */
  async apply({ planId, digest, only, stopAfter }: AskedRun, actor: string): Promise<SyncRunRow> {
    const asked = { only: plainOnly(only), stopAfter: stopAfter ?? null };
    const { plans } = this.#tools.store.sync;
    const plan = await plans.get(planId);
    if (plan === null) throw new NotFound('plan', planId);
    const known = plan.digest?.toString('hex');
    if (known !== undefined && known !== digest.toLowerCase()) throw new PlanChanged(known);
    const earlier = await this.#runs.ofPlan(planId);
    if (earlier !== null) return sameRun(earlier, plan, asked);
    await this.#assertApplicable(plan);
    const run = await this.#runs.create({ planId, digest, ...asked, startedBy: actor });
    if (run === undefined) {
      // Another request was faster, or the plan has just expired.
      const other = await this.#runs.ofPlan(planId);
      if (other !== null) return sameRun(other, plan, asked);
      throw notApplicable((await plans.get(planId))?.state ?? 'EXPIRED');
    }
    await this.#tell(run);
    await this.#tools.store.notices.publish('sync plan', { id: planId }).catch(() => undefined);
    return run;
  }

  /** Pauses a run after the items under way. Throws NotFound, AlreadyEnded. */
  pause(id: string): Promise<SyncRunRow> {
    return this.#changed(id, this.#runs.want(id, 'PAUSE'));
  }

  /** Lets a paused run go on. Throws NotFound, AlreadyEnded. */
  resume(id: string): Promise<SyncRunRow> {
    return this.#changed(id, this.#runs.resume(id));
  }

  /** Ends a run after the items under way; what was applied stays. Throws NotFound, AlreadyEnded. */
  cancel(id: string): Promise<SyncRunRow> {
    return this.#changed(id, this.#runs.want(id, 'CANCEL'));
  }

  /** Cancels runs that have been paused for seven days. Throws StoreUnavailable. */
  async cancelForgotten(): Promise<void> {
    for (const id of await this.#runs.pausedFor(LONGEST_PAUSE_DAYS)) await this.#runs.want(id, 'CANCEL');
  }

  get #runs() {
    return this.#tools.store.sync.runs;
  }

  async #assertApplicable(plan: SyncPlanRow): Promise<void> {
    const { connectors } = this.#tools;
    if (plan.state !== 'READY') throw notApplicable(plan.state);
    if (plan.expires_at !== null && plan.expires_at.getTime() <= Date.now()) throw notApplicable('EXPIRED');
    const connector = await connectors.get(plan.connector_id);
    if (connector.readOnly) throw new ReadOnlyConnector();
    const organizationId = (await connectors.grant(connector))?.organizationId;
    if (organizationId !== plan.organization_id) {
      throw new PlanNotApplicable(
        plan.state,
        'The connector is not connected to the organization that the plan was made for. Connect it to that organization, or make a new plan.',
      );
    }
    if (await this.#runs.hasLater(plan)) {
      throw new PlanNotApplicable(
        plan.state,
        'A plan of the same mapping that was made later is applied already, so this one is out of date. Make a new plan.',
      );
    }
  }

  async #changed(id: string, changing: Promise<SyncRunRow | undefined>): Promise<SyncRunRow> {
    const run = await changing;
    if (run === undefined) {
      const ended = await this.#runs.get(id);
      if (ended === null) throw new NotFound('run', id);
      throw new AlreadyEnded(ended.state);
    }
    await this.#tell(run);
    return run;
  }

  async #tell({ id }: SyncRunRow): Promise<void> {
    await this.#tools.store.notices.publish('sync run', { id }).catch(() => undefined);
    await this.#tools.wake();
  }
}

/** What is asked for, in one form for all ways to ask. */
interface Asked {
  readonly only: OnlyItems | null;
  readonly stopAfter: number | null;
}

/** The run that a plan has, if it was asked for in the same way. */
function sameRun(run: SyncRunRow, plan: SyncPlanRow, { only, stopAfter }: Asked): SyncRunRow {
  const isSame = run.stop_after === stopAfter && textOf(run.only_items) === textOf(only);
  if (isSame) return run;
  throw new PlanNotApplicable(
    plan.state,
    'The plan has a run already, with other items or another number to stop after. Watch that run, or make a new plan for the rest.',
    run.id,
  );
}

function textOf(only: OnlyItems | null): string {
  const { actions = [], seqs = [] } = only ?? {};
  return JSON.stringify(only === null ? null : [actions, seqs]);
}

function plainOnly(only: OnlyItems | undefined): OnlyItems | null {
  if (only === undefined) return null;
  const { actions = [], seqs = [] } = only;
  return {
    actions: [...new Set(actions)].sort(),
    seqs: [...new Set(seqs)].sort((one, other) => one - other),
  };
}

const REASONS: Readonly<Record<PlanState, string>> = {
  QUEUED: 'The plan is not made yet. Wait until it is READY.',
  READING: 'The plan is not made yet. Wait until it is READY.',
  OBSERVING: 'The plan is not made yet. Wait until it is READY.',
  COMPARING: 'The plan is not made yet. Wait until it is READY.',
  READY: 'The plan changed meanwhile. Read it again.',
  UNCHANGED: 'The plan changes nothing, so there is nothing to apply.',
  BLOCKED:
    'The plan exceeds limits of its policy. Its verdicts say which, and whether an administrator can approve it.',
  APPLIED: 'The plan is applied already.',
  FAILED: 'The plan could not be made. Its error says why.',
  CANCELED: 'The plan was canceled. Make a new plan.',
  EXPIRED: 'The plan is too old. Make a new plan.',
};

function notApplicable(state: PlanState): PlanNotApplicable {
  return new PlanNotApplicable(state, REASONS[state]);
}
