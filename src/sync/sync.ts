import type { Store } from '../store/store.ts';
import { type FileLimits, SyncFiles } from './sources/files.ts';

/** What the gateway gives to synchronization. */
export interface SyncTools {
  readonly store: Store;
  readonly fileLimits: FileLimits;
}

/** The entry to synchronization. */
export class Sync {
  readonly files: SyncFiles;

  constructor({ store, fileLimits }: SyncTools) {
    this.files = new SyncFiles(store.sync.files, fileLimits);
  }

  /** Deletes what is kept for a limited time and has expired. Throws StoreUnavailable. */
  async forgetOld(): Promise<void> {
    await this.files.forgetOld();
  }
}
