import type { Phase, PlanProgress } from '../../store/sync/documents.ts';
import type { PlanNote, PlanWorkRepository } from '../../store/sync/plan-work.ts';
import type { SyncPlanRow } from '../../store/sync/tables.ts';

const SECOND = 1_000;
/** Progress is stored at most so often, in milliseconds. */
const PROGRESS_MS = 1_000;

/** What a piece of work took. */
interface Cost {
  readonly requests: number;
}

/** Notes how far a plan is, and what its parts took, for who watches it. */
export class PlanLog {
  readonly #plan: Pick<SyncPlanRow, 'id' | 'epoch'>;
  readonly #work: PlanWorkRepository;
  readonly #changed: () => Promise<void>;
  readonly #phases: Phase[] = [];
  #progress: PlanProgress = { sourceRecords: 0, people: 0, groups: 0, requests: 0 };
  #notedAt = 0;

  /** @param changed tells who watches that something was noted */
  constructor(
    plan: Pick<SyncPlanRow, 'id' | 'epoch'>,
    work: PlanWorkRepository,
    changed: () => Promise<void>,
  ) {
    this.#plan = plan;
    this.#work = work;
    this.#changed = changed;
  }

  /** The parts that have ended, in the order in which they began. */
  get phases(): readonly Phase[] {
    return this.#phases.toSorted((one, other) => one.startedAt.localeCompare(other.startedAt));
  }

  /** Does a part of the work, and keeps what it took. The time of the processor is that of this thread. */
  async measure<Result extends Cost>(name: Phase['name'], work: () => Promise<Result>): Promise<Result> {
    const startedAt = new Date();
    const began = performance.now();
    const cpu = process.threadCpuUsage();
    const result = await work();
    const { user, system } = process.threadCpuUsage(cpu);
    this.#phases.push({
      ...{ name, startedAt: startedAt.toISOString(), endedAt: new Date().toISOString() },
      ...{ seconds: round((performance.now() - began) / SECOND), requests: result.requests },
      cpuSeconds: round((user + system) / 1_000_000),
    });
    return result;
  }

  /** Something more was read. Stored once a second at most. Never throws. */
  progress(progress: Partial<PlanProgress>): void {
    this.#progress = { ...this.#progress, ...progress };
    if (performance.now() - this.#notedAt < PROGRESS_MS) return;
    this.#notedAt = performance.now();
    // What is lost here is noted with the next progress.
    this.note({}).catch(() => undefined);
  }

  /** Stores what is given, and how far the plan is. Throws StoreUnavailable. */
  async note(note: PlanNote): Promise<void> {
    const { id, epoch } = this.#plan;
    const phases = this.#phases.length === 0 ? {} : { phases: this.phases };
    await this.#work.note(id, epoch, { ...note, ...phases, progress: this.#progress });
    await this.#changed();
  }
}

function round(seconds: number): number {
  return Math.round(seconds * 1_000) / 1_000;
}
