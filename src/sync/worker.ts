import { hostname } from 'node:os';
import type { Notices } from '../store/notices.ts';
import type { DueWork } from '../store/sync/plan-work.ts';
import { describeError } from '../telemetry/error-facts.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { Drained, LeaseKeeper, LeaseLost } from './lease-keeper.ts';

/** Topic of the notices that there is work, or that a worker should look whether its lease still holds. */
const WORK = 'sync work';
/** How often a worker looks for work without a notice, in milliseconds. */
const IDLE_MS = 10_000;
/** The same while a lease of any worker may run out. */
const BUSY_MS = 5_000;
/** How long work may take to end when the process stops, in milliseconds. */
const DRAIN_MS = 4_000;

/**
 * Tells all workers that there is work. Never throws: they look by themselves as well.
 * @param id of work that was canceled: its worker looks whether its lease still holds
 */
export async function announceWork(notices: Notices, id?: string): Promise<void> {
  await notices.publish(WORK, id === undefined ? {} : { id }).catch(() => undefined);
}

/** A piece of work in the hands of this process. */
export interface TakenWork {
  readonly id: string;
  readonly epoch: number;
  /** Does it. Resolves when it has ended, or after the signal was aborted. */
  readonly work: (lease: LeaseKeeper) => Promise<void>;
}

/** One kind of work: plans to be made, or runs to be carried out. */
export interface WorkKind {
  /** What `DueWork` calls it. */
  readonly name: 'plans' | 'runs';
  /** Takes the next piece, if there is one. */
  take(holder: string): Promise<TakenWork | undefined>;
  renew(id: string, epoch: number): Promise<boolean>;
  giveBack(id: string, epoch: number): Promise<void>;
}

export interface WorkerTools {
  readonly notices: Notices;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly due: () => Promise<DueWork>;
  readonly kinds: readonly WorkKind[];
  /** Does what schedules are due for. */
  readonly fireSchedules: () => Promise<void>;
  /** Pieces of one kind that this process works on at the same time. */
  readonly atOnce: number;
}

/** Takes work that is due, among all processes on the database, and gives it back when the process stops. */
export class SyncWorker {
  readonly #tools: WorkerTools;
  readonly #holder = `${hostname()}/${process.pid}`;
  readonly #held = new Map<string, LeaseKeeper>();
  readonly #underWay = new Map<WorkKind, Set<Promise<void>>>();
  #unsubscribe: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isWoken = false;
  #isClosed = false;
  #closing: Promise<void> | undefined;
  #hasFailed = false;

  constructor(tools: WorkerTools) {
    this.#tools = tools;
    for (const kind of tools.kinds) this.#underWay.set(kind, new Set());
  }

  /** Begins to look for work. */
  start(): void {
    const look = () => this.#look();
    this.#unsubscribe = this.#tools.notices.subscribe(WORK, (notice) => this.#hear(notice), { onGap: look });
    look();
  }

  /** Takes nothing more, and gives back what it has. Resolves within four seconds. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    this.#unsubscribe?.();
    clearTimeout(this.#timer);
    for (const lease of this.#held.values()) lease.drain();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, DRAIN_MS);
    await Promise.race([this.#ended(), promise]);
    clearTimeout(timer);
  }

  async #ended(): Promise<void> {
    await this.#looking;
    // What was taken while this process began to stop.
    for (const lease of this.#held.values()) lease.drain();
    await Promise.all([...this.#underWay.values()].flatMap((works) => [...works]));
  }

  #hear(notice: unknown): void {
    const id = typeof notice === 'object' && notice !== null && 'id' in notice ? notice.id : undefined;
    if (typeof id === 'string') this.#held.get(id)?.check();
    else this.#look();
  }

  /** Looks for work, one look at a time. */
  #look(): void {
    if (this.#isClosed) return;
    this.#isWoken = true;
    this.#looking ??= this.#lookOften().finally(() => {
      this.#looking = undefined;
    });
  }

  async #lookOften(): Promise<void> {
    clearTimeout(this.#timer);
    let pause = IDLE_MS;
    try {
      while (this.#isWoken && !this.#isClosed) {
        this.#isWoken = false;
        pause = await this.#takeDue();
      }
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) {
        this.#tools.logger.warn(
          { error: describeError(error) },
          'could not look for synchronizations that are due; the gateway tries again',
        );
      }
      this.#hasFailed = true;
    }
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => this.#look(), pause);
    this.#timer.unref();
  }

  /** Takes what is due. Returns when to look again, in milliseconds. */
  async #takeDue(): Promise<number> {
    const due = await this.#tools.due();
    if (due.schedules) await this.#tools.fireSchedules();
    for (const kind of this.#tools.kinds) if (due[kind.name]) await this.#takeAll(kind);
    return due.leased || this.#held.size > 0 ? BUSY_MS : IDLE_MS;
  }

  async #takeAll(kind: WorkKind): Promise<void> {
    const underWay = this.#underWay.get(kind);
    while (underWay !== undefined && underWay.size < this.#tools.atOnce && !this.#isClosed) {
      const takenAt = performance.now();
      const taken = await kind.take(this.#holder);
      if (taken === undefined) return;
      const work = this.#work(kind, taken, takenAt);
      underWay.add(work);
      work.finally(() => {
        underWay.delete(work);
        // There may be more than this process could take.
        this.#look();
      });
    }
  }

  /** Never throws. */
  async #work(kind: WorkKind, { id, epoch, work }: TakenWork, takenAt: number): Promise<void> {
    const { logger, metrics } = this.#tools;
    const lease = new LeaseKeeper(epoch, takenAt, () => kind.renew(id, epoch));
    this.#held.set(id, lease);
    try {
      await work(lease);
    } catch (error) {
      if (!lease.signal.aborted) {
        logger.error({ error: describeError(error) }, 'a bug: work on a synchronization ended with an error');
      }
    } finally {
      lease.close();
      this.#held.delete(id);
    }
    const { reason } = lease.signal;
    if (reason instanceof LeaseLost) metrics.sync.leaseLost();
    if (!(reason instanceof Drained)) return;
    try {
      await kind.giveBack(id, epoch);
    } catch (error) {
      logger.warn(
        { error: describeError(error) },
        'could not give a synchronization back; another worker takes it when its lease ends',
      );
    }
  }
}
