import type { Connectors } from '../../connectors/connectors.ts';
import type { OpenOrganization, Organizations } from '../../connectors/organizations.ts';
import type { Meter } from '../../datasources/http/meter.ts';
import { createMeter } from '../../datasources/http/meter.ts';
import type { LockHandle } from '../../store/locks/with-lock.ts';
import type { SyncRunRow } from '../../store/sync/tables.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { ItemCarrier, type ItemTools } from './carry-item.ts';
import { RunJudge } from './judge-run.ts';
import { RunCourse } from './run-course.ts';
import { RunSeats } from './run-seats.ts';

export interface RunTools extends ItemTools {
  readonly organizations: Pick<Organizations, 'open'>;
  readonly connectors: Pick<Connectors, 'get' | 'grant'>;
  readonly metrics: Metrics;
  /** What the time is multiplied with that an item waits before it is tried again. Default: 1. Tests wait less. */
  readonly waitFactor?: number;
}

/** The lease of a run. */
export interface RunLease extends LockHandle {
  /** Aborted when the run is to be left to another worker. */
  readonly signal: AbortSignal;
}

/** How often it is asked whether removing items are too old, in milliseconds. */
const STALE_EVERY_MS = 10_000;

/** Carries runs out: everything between a plan that is applied and a run that has ended. */
export class RunCarrier {
  readonly #tools: RunTools;

  constructor(tools: RunTools) {
    this.#tools = tools;
  }

  /**
   * Carries a run out that a worker has taken. Resolves when the run has ended or is paused, or when the lease is lost or
   * to be given back; items under way are ended first.
   * Throws StoreUnavailable. Another worker then goes on when the lease has run out.
   */
  async carry(run: SyncRunRow, lease: RunLease): Promise<void> {
    const meter = createMeter();
    const open = () => this.#open(run, lease, meter);
    const judge = new RunJudge();
    const course = new RunCourse(this.#tools, { run, lease, meter, judge });
    if (!(await course.begin(open))) return;
    const carriage = {
      ...{ run, judge, open, lease, seats: new RunSeats() },
      ownId: await this.#ownId(run),
      isStale: this.#staleness(run),
    };
    await course.carry(new ItemCarrier(this.#tools, carriage));
  }

  #open(run: SyncRunRow, lease: RunLease, meter: Meter): Promise<OpenOrganization> {
    const call = { lane: 'background', meter, mayStart: () => lease.isHeld } as const;
    return this.#tools.organizations.open(run.connector_id, call);
  }

  async #ownId({ connector_id: id }: SyncRunRow): Promise<string | null> {
    const { connectors } = this.#tools;
    return (await connectors.grant(await connectors.get(id)))?.personId ?? null;
  }

  /** Whether removing items are too old: the plan's lifetime is over, or a newer plan of its mapping was applied. */
  #staleness({ plan_id }: SyncRunRow): () => Promise<boolean> {
    const { plans, runs } = this.#tools.store.sync;
    let known: { readonly until: number; readonly isStale: Promise<boolean> } | undefined;
    const ask = async () => {
      const plan = await plans.get(plan_id);
      if (plan === null) return true;
      const isOver = plan.expires_at !== null && plan.expires_at.getTime() <= Date.now();
      return isOver || (await runs.hasLater(plan));
    };
    return () => {
      const now = performance.now();
      if (known === undefined || known.until < now) known = { until: now + STALE_EVERY_MS, isStale: ask() };
      return known.isStale;
    };
  }
}
