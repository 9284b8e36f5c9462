import { Counter, Histogram, type Registry } from 'prom-client';
import type { Action, ItemOutcome } from '../store/sync/words.ts';

/** Seconds. */
const PHASE_BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600];

/** A part of the work on a plan. */
export type PlanPhase = 'reading' | 'observing' | 'comparing' | 'closing';

/** Actions that send something to Webex. */
const SENT = [
  'CREATE',
  'UPDATE',
  'RENAME',
  'ENABLE',
  'DISABLE',
  'REMOVE_LICENSES',
  'DISABLE_AND_REMOVE_LICENSES',
  'DELETE',
  'RELINK',
  'SET_MANAGER',
  'CREATE_GROUP',
  'UPDATE_GROUP',
  'CHANGE_MEMBERS',
  'DELETE_GROUP',
] as const satisfies readonly Action[];
/** Outcomes that alerts look for: they begin at 0, so that the first one is seen. */
const ALARMING = ['FAILED', 'UNKNOWN'] as const satisfies readonly ItemOutcome[];

/** What the gateway measures of synchronization. */
export class SyncMetrics {
  readonly #seconds: Histogram<'phase'>;
  readonly #lost: Counter;
  readonly #disabled: Counter;
  readonly #items: Counter<'action' | 'outcome'>;

  /** @param registry that the metrics are added to */
  constructor(registry: Registry) {
    this.#seconds = new Histogram({
      name: 'webex_gateway_sync_plan_seconds',
      help: 'Time that a part of making a plan took, in seconds.',
      labelNames: ['phase'],
      buckets: PHASE_BUCKETS,
      registers: [registry],
    });
    this.#items = new Counter({
      name: 'webex_gateway_sync_items_total',
      help: 'Items of synchronizations that runs of this process have carried out.',
      labelNames: ['action', 'outcome'],
      registers: [registry],
    });
    for (const action of SENT) for (const outcome of ALARMING) this.#items.inc({ action, outcome }, 0);
    this.#lost = new Counter({
      name: 'webex_gateway_sync_lease_lost_total',
      help: 'Plans and runs that a worker of this process has lost while it worked on them.',
      registers: [registry],
    });
    this.#disabled = new Counter({
      name: 'webex_gateway_sync_schedules_disabled_total',
      help: 'Schedules that this process has switched off, because they failed three times in a row.',
      registers: [registry],
    });
  }

  /** A schedule was switched off, because it failed again and again. */
  scheduleDisabled(): void {
    this.#disabled.inc();
  }

  /** A part of making a plan has ended. */
  planned(phase: PlanPhase, seconds: number): void {
    this.#seconds.observe({ phase }, seconds);
  }

  /** An item of a run has an outcome. */
  settled(action: Action, outcome: ItemOutcome): void {
    this.#items.inc({ action, outcome });
  }

  /** A lease ended while its work went on: the database did not answer in time, or the plan was canceled. */
  leaseLost(): void {
    this.#lost.inc();
  }
}
