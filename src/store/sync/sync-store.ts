import type { Database } from '../database.ts';
import type { KeyRing } from '../secrets/secrets.ts';
import { createSyncFileRepository, type SyncFileRepository } from './files.ts';

/** What synchronization remembers, one repository for each table. */
export interface SyncStore {
  readonly files: SyncFileRepository;
}

/** The tables of synchronization in this database. Contents of files are sealed with this sealer. */
export function createSyncStore({ db }: Pick<Database, 'db'>, sealer: KeyRing): SyncStore {
  return {
    files: createSyncFileRepository(db, sealer),
  };
}
