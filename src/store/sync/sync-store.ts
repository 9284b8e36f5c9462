import type { Database } from '../database.ts';
import type { KeyRing } from '../secrets/secrets.ts';
import { type ClosingRepository, createClosingRepository } from './closing.ts';
import { createSyncFileRepository, type SyncFileRepository } from './files.ts';
import { createSyncItemRepository, type SyncItemRepository } from './items.ts';
import { createSyncMappingRepository, type SyncMappingRepository } from './mappings.ts';
import { createMissingLinksRepository, type MissingLinksRepository } from './missing-links.ts';
import { createPlanWorkRepository, type PlanWorkRepository } from './plan-work.ts';
import { createSyncPlanRepository, type SyncPlanRepository } from './plans.ts';
import { createRunWorkRepository, type RunWorkRepository } from './run-work.ts';
import { createSyncRunRepository, type SyncRunRepository } from './runs.ts';
import { createSyncScheduleRepository, type SyncScheduleRepository } from './schedules.ts';
import { createStagingRepository, type StagingRepository } from './staging.ts';

/** What synchronization remembers, one repository for each table. */
export interface SyncStore {
  /** Does work whose statements may take longer than those of requests: comparing the staging tables of a plan. */
  readonly unhurried: Database['unhurried'];
  readonly files: SyncFileRepository;
  readonly mappings: SyncMappingRepository;
  readonly schedules: SyncScheduleRepository;
  readonly staging: StagingRepository;
  readonly plans: SyncPlanRepository;
  readonly planWork: PlanWorkRepository;
  readonly items: SyncItemRepository;
  readonly closing: ClosingRepository;
  readonly missingLinks: MissingLinksRepository;
  readonly runs: SyncRunRepository;
  readonly runWork: RunWorkRepository;
  /** Ends the leases of all workers. Only if no other process can be on this database. */
  voidLeases(): Promise<void>;
}

/** The tables of synchronization in this database. Contents of files are sealed with this sealer. */
export function createSyncStore(
  database: Pick<Database, 'db' | 'kind' | 'unhurried'>,
  sealer: KeyRing,
): SyncStore {
  const { db, kind } = database;
  const [planWork, runWork] = [createPlanWorkRepository(db), createRunWorkRepository(db)];
  return {
    unhurried: (work) => database.unhurried(work),
    files: createSyncFileRepository(db, sealer),
    mappings: createSyncMappingRepository(db),
    schedules: createSyncScheduleRepository(db),
    staging: createStagingRepository(db, kind),
    plans: createSyncPlanRepository(db),
    planWork,
    items: createSyncItemRepository(db),
    closing: createClosingRepository(db),
    missingLinks: createMissingLinksRepository(db),
    runs: createSyncRunRepository(db),
    runWork,
    async voidLeases() {
      await planWork.voidLeases();
      await runWork.voidLeases();
    },
  };
}
