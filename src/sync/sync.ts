import type { Store } from '../store/store.ts';
import { Mappings } from './mapping/mappings.ts';
import { Previews } from './previews.ts';
import { type FileLimits, SyncFiles } from './sources/files.ts';

/** What the gateway gives to synchronization. */
export interface SyncTools {
  readonly store: Store;
  readonly fileLimits: FileLimits;
}

/** The entry to synchronization. */
export class Sync {
  readonly files: SyncFiles;
  readonly mappings: Mappings;
  readonly previews: Previews;

  constructor({ store, fileLimits }: SyncTools) {
    this.files = new SyncFiles(store.sync.files, fileLimits);
    this.mappings = new Mappings(store.sync.mappings);
    this.previews = new Previews(store.sync.files);
  }

  /** Deletes what is kept for a limited time and has expired. Throws StoreUnavailable. */
  async forgetOld(): Promise<void> {
    await this.files.forgetOld();
    await this.mappings.forgetOld();
  }
}
