import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenOrganization } from '../../connectors/organizations.ts';
import type { Meter } from '../../datasources/http/meter.ts';
import type { HeldRun } from '../../store/sync/run-work.ts';
import type { SyncItemRow, SyncRunRow } from '../../store/sync/tables.ts';
import type { PauseReason } from '../../store/sync/words.ts';
import type { ItemCarrier } from './carry-item.ts';
import type { RunJudge } from './judge-run.ts';
import { openForRun } from './open-for-run.ts';
import { OutcomeQueue } from './outcome-queue.ts';
import type { RunLease, RunTools } from './run-carrier.ts';
import { WaveClock } from './wave-clock.ts';

/** What a course needs besides tools. */
interface Course {
  readonly run: SyncRunRow;
  readonly lease: RunLease;
  readonly meter: Meter;
  readonly judge: RunJudge;
}

/** How the work on a run stops. */
type Stop =
  | { readonly kind: 'PAUSE'; readonly reason: PauseReason; readonly message: string }
  | { readonly kind: 'CANCEL' }
  | { readonly kind: 'LOST' };

/** Items under way for each connection of the pool, so that none waits for the database. */
const ITEMS_PER_CONNECTION = 1.3;
const MOST_CLAIMED = 25;
/** How long a run waits at most before it looks again, in milliseconds. */
const LOOK_AGAIN_MS = 1_000;

/** One run in the hands of one worker, from where it is to where it pauses or ends. */
export class RunCourse {
  readonly #tools: RunTools;
  readonly #course: Course;
  readonly #held: HeldRun;
  readonly #outcomes: OutcomeQueue;
  readonly #clock: WaveClock;
  readonly #underWay = new Set<Promise<void>>();
  /** Claimed, and not begun. The flag: its try was begun before. */
  #claimed: { readonly item: SyncItemRow; readonly isResumed: boolean }[] = [];
  #width = 1;
  #stop: Stop | undefined;
  /** Until when nothing is sent, as of performance.now(). */
  #holdUntil = 0;

  constructor(tools: RunTools, course: Course) {
    this.#tools = tools;
    this.#course = course;
    const { run, meter } = course;
    this.#held = run;
    this.#outcomes = new OutcomeQueue(tools, run, meter);
    this.#clock = new WaveClock(run.phases, meter);
  }

  /**
   * Opens the organization and settles what only changes links.
   * @returns whether there is more to do: false once the run is paused, has ended, or is lost
   */
  async begin(open: () => Promise<OpenOrganization>): Promise<boolean> {
    const { run, lease } = this.#course;
    const organization = await openForRun(open, lease.signal);
    if (organization === undefined) return false;
    if ('reason' in organization) {
      await this.#pause(organization.reason, organization.message);
      return false;
    }
    if (organization.admin.organizationId !== run.organization_id) {
      await this.#end('FAILED', OTHER_ORGANIZATION);
      return false;
    }
    this.#width = Math.ceil(ITEMS_PER_CONNECTION * organization.connector.maximumConnections);
    if (organization.connector.readOnly) {
      await this.#pause(
        'READ_ONLY',
        'The connector is read-only. Allow changes in its settings, then resume the run.',
      );
      return false;
    }
    if (run.wanted === 'CANCEL') return true;
    for (;;) {
      const settled = await this.#tools.store.sync.runWork.settleLinks(this.#held);
      if (settled === undefined || this.#course.lease.signal.aborted) return false;
      if (settled === 0) return true;
      await this.#outcomes.tell();
    }
  }

  /** Carries all items out that are left. Throws StoreUnavailable. */
  async carry(carrier: ItemCarrier): Promise<void> {
    const { run } = this.#course;
    this.#obey(run);
    while (this.#stop === undefined && !this.#course.lease.signal.aborted) {
      await this.#claim();
      while (this.#claimed.length > 0 && this.#underWay.size < this.#width && !this.#isHeldBack)
        this.#start(carrier);
      if (this.#underWay.size === 0 && this.#outcomes.size === 0 && !(await this.#next())) break;
      await this.#somethingHappens();
      await this.#flush(false);
    }
    await this.#windUp();
  }

  get #isHeldBack(): boolean {
    return performance.now() < this.#holdUntil;
  }

  /** Claims more items if there is room: first those whose try was begun before. */
  async #claim(): Promise<void> {
    const room = Math.min(MOST_CLAIMED, 2 * this.#width) - this.#claimed.length;
    if (this.#isHeldBack || room < this.#width) return;
    const { runWork } = this.#tools.store.sync;
    for (const item of await runWork.resume(this.#held, room)) this.#claimed.push({ item, isResumed: true });
    const wave = this.#clock.wave ?? (await this.#enterWave());
    if (wave === undefined) return;
    const left = Math.min(MOST_CLAIMED, 2 * this.#width) - this.#claimed.length;
    if (left <= 0) return;
    for (const item of await runWork.claim(this.#held, wave, left))
      this.#claimed.push({ item, isResumed: false });
  }

  /** Goes on to the lowest wave that is not done. Undefined: all are done, or the run is lost. */
  async #enterWave(): Promise<number | undefined> {
    const { runWork } = this.#tools.store.sync;
    const { wave } = await runWork.standing(this.#held);
    if (wave === null) return undefined;
    if (wave !== this.#clock.wave) {
      const run = await runWork.note(this.#held, wave, this.#clock.enter(wave));
      if (run === undefined) this.#stop = { kind: 'LOST' };
      else this.#obey(run);
    }
    return wave;
  }

  #start(carrier: ItemCarrier): void {
    const next = this.#claimed.shift();
    if (next === undefined) return;
    const { item, isResumed } = next;
    const work = carrier.carry(item, isResumed).then(({ verdict, changes }) => {
      // The process that has the run now finds out what became of the item.
      if (!this.#course.lease.isHeld) return;
      this.#outcomes.add(item, verdict);
      if (verdict.kind === 'AGAIN') {
        this.#holdUntil = Math.max(this.#holdUntil, performance.now() + verdict.holdMs);
        if (verdict.pause !== undefined)
          this.#stop ??= { kind: 'PAUSE', reason: verdict.pause, message: verdict.error.message };
        return;
      }
      const { outcome, error, refused } = verdict;
      const { name, action } = item;
      const { judge } = this.#course;
      judge.settled({ name, action, outcome, code: error?.code, message: error?.message, changes, refused });
      if (judge.pauses !== undefined)
        this.#stop ??= { kind: 'PAUSE', reason: 'ERRORS', message: judge.pauses };
    });
    this.#underWay.add(work);
    work.finally(() => this.#underWay.delete(work)).catch(() => undefined);
  }

  /**
   * Nothing is under way: waits for what is due later, goes on to the next wave, or ends.
   * @returns whether there is more to do
   */
  async #next(): Promise<boolean> {
    if (this.#claimed.length > 0) return this.#wait(this.#holdUntil - performance.now());
    const { run } = this.#outcomes;
    const { wave, planned, sending, nextMs } = await this.#tools.store.sync.runWork.standing(this.#held);
    if (wave === null) {
      await this.#complete();
      return false;
    }
    if (run.stop_at !== null && run.settled >= run.stop_at) {
      this.#stop = {
        kind: 'PAUSE',
        reason: 'STOP_AFTER',
        message: `Stopped after ${run.settled} items, as asked. Resume the run to carry out the rest.`,
      };
      return false;
    }
    if (wave !== this.#clock.wave) {
      await this.#enterWave();
      return this.#stop === undefined;
    }
    const waits = planned + sending > 0 ? Math.min(LOOK_AGAIN_MS, nextMs ?? LOOK_AGAIN_MS) : LOOK_AGAIN_MS;
    return this.#wait(Math.max(waits, this.#holdUntil - performance.now()));
  }

  /** Waits, a second at most, and looks what is wanted meanwhile. */
  async #wait(milliseconds: number): Promise<boolean> {
    const { signal } = this.#course.lease;
    const pause = Math.max(10, Math.min(LOOK_AGAIN_MS, milliseconds));
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await this.#flush(true);
    return true;
  }

  async #somethingHappens(): Promise<void> {
    if (this.#underWay.size > 0) await Promise.race(this.#underWay);
  }

  /** Stores outcomes once there are enough of them, and looks what is wanted. */
  async #flush(isForced: boolean): Promise<void> {
    const isIdle = this.#underWay.size === 0;
    if (!isForced && !isIdle && !this.#outcomes.isDue) return;
    const run = await this.#outcomes.flush();
    if (run === undefined) this.#stop = { kind: 'LOST' };
    else this.#obey(run);
  }

  #obey({ wanted }: SyncRunRow): void {
    if (wanted === 'CANCEL') this.#stop = { kind: 'CANCEL' };
    else if (wanted === 'PAUSE')
      this.#stop ??= {
        kind: 'PAUSE',
        reason: 'BY_CALLER',
        message: 'A caller paused the run. Resume it to go on.',
      };
  }

  /** Ends what is under way, gives back what was not begun, and says how the run stands. */
  async #windUp(): Promise<void> {
    await Promise.all(this.#underWay);
    if (!this.#course.lease.isHeld) return;
    for (const { item, isResumed } of this.#claimed) this.#outcomes.giveBack(item, isResumed);
    this.#claimed = [];
    const run = await this.#outcomes.flush();
    if (run === undefined) return;
    this.#obey(run);
    const stop = this.#stop;
    if (stop === undefined || stop.kind === 'LOST') return;
    if (stop.kind === 'CANCEL') await this.#end('CANCELED', null);
    else await this.#pause(stop.reason, stop.message);
  }

  async #complete(): Promise<void> {
    await this.#tools.store.sync.runWork.note(this.#held, this.#clock.wave ?? 0, this.#clock.end());
    await this.#end((await this.#outcomes.hasErrors()) ? 'COMPLETED_WITH_ERRORS' : 'COMPLETED', null);
  }

  async #pause(reason: PauseReason, message: string): Promise<void> {
    const { run } = this.#course;
    this.#tools.logger.warn({ run: run.id, reason }, 'a run of a synchronization is paused');
    await this.#tools.store.sync.runWork.pause(this.#held, reason, message);
    await this.#outcomes.tell();
  }

  async #end(state: 'COMPLETED' | 'COMPLETED_WITH_ERRORS' | 'CANCELED' | 'FAILED', message: string | null) {
    const { run } = this.#course;
    await this.#tools.store.sync.runWork.end(this.#held, state, message);
    this.#tools.logger.info({ run: run.id, outcome: state }, 'a run of a synchronization has ended');
    await this.#outcomes.tell();
  }
}

const OTHER_ORGANIZATION =
  'The connector was connected to another organization than the plan was made for. Nothing was sent there. Make a new plan.';
