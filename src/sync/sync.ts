import type { Connectors } from '../connectors/connectors.ts';
import type { Organizations } from '../connectors/organizations.ts';
import type { Provisioning } from '../provisioning/provisioning.ts';
import type { Store } from '../store/store.ts';
import type { StagingRepository } from '../store/sync/staging.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { Mappings } from './mapping/mappings.ts';
import { PlanExports } from './plans/export.ts';
import { Plans } from './plans/plans.ts';
import { Previews } from './previews.ts';
import { Runs } from './runs/runs.ts';
import { ScheduleWorker } from './schedules/schedule-worker.ts';
import { Schedules } from './schedules/schedules.ts';
import { type FileLimits, SyncFiles } from './sources/files.ts';
import { Watches } from './watches.ts';
import { createWorker } from './work-kinds.ts';
import { announceWork, type SyncWorker } from './worker.ts';

/** What the gateway gives to synchronization. */
export interface SyncTools {
  readonly store: Store;
  readonly organizations: Organizations;
  readonly connectors: Connectors;
  readonly provisioning: Pick<Provisioning, 'users' | 'groups' | 'noteRefusal'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** How synchronization is configured. */
export interface SyncSettings {
  readonly fileLimits: FileLimits;
  /** Whether this process makes plans and carries out runs. */
  readonly worker: boolean;
  /** Plans, and runs, that this process works on at the same time. */
  readonly atOnce: number;
  /** Seconds that a plan can be applied. */
  readonly planLifetime: number;
  /** Days that plans with a run are kept. */
  readonly history: number;
  /** Whether callers may approve their own plans. */
  readonly selfApproval: boolean;
}

/** The entry to synchronization. */
export class Sync {
  readonly files: SyncFiles;
  readonly mappings: Mappings;
  readonly plans: Plans;
  readonly previews: Previews;
  readonly runs: Runs;
  readonly schedules: Schedules;
  readonly scheduleWorker: ScheduleWorker;
  readonly watches: Watches;
  readonly exports: PlanExports;
  readonly #staging: StagingRepository;
  readonly #worker: SyncWorker | undefined;

  constructor(tools: SyncTools, settings: SyncSettings) {
    const { store, connectors, logger, metrics } = tools;
    const { fileLimits, selfApproval, history } = settings;
    this.files = new SyncFiles(store.sync.files, fileLimits);
    this.mappings = new Mappings(store.sync.mappings);
    this.previews = new Previews(store.sync.files);
    this.watches = new Watches(store);
    this.#staging = store.sync.staging;
    const { mappings } = this;
    const wake = (id?: string) => announceWork(store.notices, id);
    this.runs = new Runs({ store, connectors, wake });
    this.plans = new Plans({ store, mappings, selfApproval, history, wake });
    this.exports = new PlanExports(store.sync, this.files);
    this.schedules = new Schedules({ store, mappings });
    const { plans, runs } = this;
    const disabled = () => metrics.sync.scheduleDisabled();
    this.scheduleWorker = new ScheduleWorker({ store, logger, plans, runs, disabled });
    const fireSchedules = () => this.scheduleWorker.fireDue();
    if (settings.worker) this.#worker = createWorker(tools, settings, { mappings, fireSchedules });
    this.#worker?.start();
  }

  /** Deletes what is kept for a limited time and has expired. Throws StoreUnavailable. */
  async forgetOld(): Promise<void> {
    await this.plans.forgetOld();
    await this.runs.cancelForgotten();
    await this.files.forgetOld();
    await this.mappings.forgetOld();
    await this.#staging.dropAbandoned();
  }

  /** Takes no more work, and gives back what is under way. Resolves within four seconds. Idempotent. */
  async close(): Promise<void> {
    await this.#worker?.close();
  }
}
