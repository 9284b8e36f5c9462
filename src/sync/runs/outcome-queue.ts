import type { Meter } from '../../datasources/http/meter.ts';
import type { ItemSettlement } from '../../store/sync/run-settle.ts';
import type { SyncItemRow, SyncRunRow } from '../../store/sync/tables.ts';
import type { ItemOutcome } from '../../store/sync/words.ts';
import { type ItemVerdict, looksAfter } from './item-outcome.ts';
import type { RunTools } from './run-carrier.ts';

/** Outcomes that are stored in one transaction, and how long the first of them waits for others, in milliseconds. */
const MOST_AT_ONCE = 25;
const LONGEST_WAIT_MS = 200;

const ERRORS: ReadonlySet<ItemOutcome> = new Set(['DRIFTED', 'FAILED', 'UNKNOWN', 'PARTIALLY_APPLIED']);
/** Codes of items that were skipped because of something else that went wrong. */
const ERROR_SKIPS: ReadonlySet<string> = new Set(['DEPENDENCY', 'DIRECTORY_SYNCHRONIZED', 'FIELDS_REFUSED']);

/** Outcomes of one run on their way into the database, many at once: a commit takes as long as some requests. */
export class OutcomeQueue {
  readonly #tools: Pick<RunTools, 'store' | 'metrics' | 'waitFactor'>;
  readonly #meter: Meter;
  #waiting: ItemSettlement[] = [];
  #actions = new Map<number, SyncItemRow['action']>();
  #since = 0;
  #told = { requests: 0, retries: 0, throttledMs: 0 };
  #run: SyncRunRow;

  constructor(tools: Pick<RunTools, 'store' | 'metrics' | 'waitFactor'>, run: SyncRunRow, meter: Meter) {
    this.#tools = tools;
    this.#run = run;
    this.#meter = meter;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** The run as it was last stored. */
  get run(): SyncRunRow {
    return this.#run;
  }

  /** Whether it is time to store what waits. */
  get isDue(): boolean {
    if (this.size === 0) return false;
    return this.size >= MOST_AT_ONCE || performance.now() - this.#since >= LONGEST_WAIT_MS;
  }

  add(item: SyncItemRow, verdict: ItemVerdict): void {
    const looks = looksAfter(item.looks, verdict);
    const { error, targetId } = verdict;
    this.#put(item, {
      ...{ seq: item.seq, error, targetId, looks, isFree: false, drift: null },
      ...(verdict.kind === 'SETTLED'
        ? { state: verdict.outcome, againMs: null, drift: verdict.drift }
        : {
            state: verdict.how === 'RETRY' ? 'PLANNED' : 'SENDING',
            againMs: verdict.afterMs * (this.#tools.waitFactor ?? 1),
            isFree: verdict.isFree && verdict.how === 'RETRY',
          }),
    });
  }

  /** An item that was claimed and not begun. */
  giveBack(item: SyncItemRow, isResumed: boolean): void {
    const { seq, error, looks, drift } = item;
    const state = isResumed ? 'SENDING' : 'PLANNED';
    this.#put(item, { seq, error, looks, drift, state, againMs: 0, targetId: null, isFree: !isResumed });
  }

  /**
   * Stores what waits, 25 outcomes in each transaction, and reads what is wanted of the run.
   * @returns the run; undefined if it belongs to another worker
   * Throws StoreUnavailable; then everything still waits.
   */
  async flush(): Promise<SyncRunRow | undefined> {
    do {
      const some = this.#waiting.slice(0, MOST_AT_ONCE);
      const spent = this.#spent();
      const settled = await this.#tools.store.sync.runWork.settle(this.#run, some, spent.since);
      if (settled === undefined) return undefined;
      this.#told = spent.now;
      this.#run = settled.run;
      this.#waiting = this.#waiting.slice(some.length);
      this.#since = performance.now();
      for (const { seq, state } of some) {
        const action = this.#actions.get(seq);
        this.#actions.delete(seq);
        if (action !== undefined && state !== 'PLANNED' && state !== 'SENDING')
          this.#tools.metrics.sync.settled(action, state);
      }
      if (some.length > 0) await this.tell();
    } while (this.#waiting.length >= MOST_AT_ONCE);
    return this.#run;
  }

  /** Tells everybody who watches the run. Never fails: they read it by themselves as well. */
  async tell(): Promise<void> {
    await this.#tools.store.notices.publish('sync run', { id: this.#run.id }).catch(() => undefined);
  }

  /** Whether an item has not become what its plan says. */
  async hasErrors(): Promise<boolean> {
    if (this.#run.counts.some(({ outcome }) => ERRORS.has(outcome))) return true;
    const { items } = this.#tools.store.sync;
    for (const errorCode of ERROR_SKIPS) {
      const skips = await items.count(this.#run.plan_id, { outcomes: ['SKIPPED'], errorCode });
      if (skips > 0) return true;
    }
    return false;
  }

  #put(item: SyncItemRow, settlement: ItemSettlement): void {
    if (this.size === 0) this.#since = performance.now();
    this.#waiting.push(settlement);
    this.#actions.set(item.seq, item.action);
  }

  #spent() {
    const { requests, retries, throttledMs } = this.#meter;
    const since = {
      requests: requests - this.#told.requests,
      retries: retries - this.#told.retries,
      throttledMs: throttledMs - this.#told.throttledMs,
    };
    return { since, now: { requests, retries, throttledMs } };
  }
}
