import type { Store } from '../store/store.ts';
import type { SyncPlanRow, SyncRunRow } from '../store/sync/tables.ts';
import type { PlanState, RunState } from '../store/sync/words.ts';
import { watch } from './watch.ts';

const PLAN_IS_MADE: Readonly<Record<PlanState, boolean>> = {
  QUEUED: false,
  READING: false,
  OBSERVING: false,
  COMPARING: false,
  READY: true,
  UNCHANGED: true,
  BLOCKED: true,
  APPLIED: true,
  FAILED: true,
  CANCELED: true,
  EXPIRED: true,
};

const RUN_HAS_ENDED: Readonly<Record<RunState, boolean>> = {
  QUEUED: false,
  RUNNING: false,
  PAUSED: false,
  COMPLETED: true,
  COMPLETED_WITH_ERRORS: true,
  CANCELED: true,
  FAILED: true,
};

/** Plans and runs as they change, whichever process works on them. */
export class Watches {
  readonly #store: Pick<Store, 'sync' | 'notices'>;

  constructor(store: Pick<Store, 'sync' | 'notices'>) {
    this.#store = store;
  }

  /**
   * A plan as it is now, and whenever it changes until it is made, has failed or is canceled.
   * @param signal ends it: with a GatewayError as its reason by throwing that, else after the state at that moment
   * Throws StoreUnavailable if the first state cannot be read.
   */
  plan(id: string, signal: AbortSignal): AsyncGenerator<SyncPlanRow, void, void> {
    const { sync, notices } = this.#store;
    const read = () => sync.plans.get(id);
    const isLast = ({ state }: SyncPlanRow) => PLAN_IS_MADE[state];
    return watch(notices, { topic: 'sync plan', id, read, isLast }, signal);
  }

  /** As `plan`, for a run, until it has ended. A run that is paused has not ended. */
  run(id: string, signal: AbortSignal): AsyncGenerator<SyncRunRow, void, void> {
    const { sync, notices } = this.#store;
    const read = () => sync.runs.get(id);
    const isLast = ({ state }: SyncRunRow) => RUN_HAS_ENDED[state];
    return watch(notices, { topic: 'sync run', id, read, isLast }, signal);
  }
}
