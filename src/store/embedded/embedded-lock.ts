import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreInUse, StoreUnavailable } from '../../errors/start.ts';

const SQLITE_BUSY = 5;

/** Holds a data folder, or one file in it, for this process. */
export interface EmbeddedLock {
  /** Lets the next process in. Idempotent. */
  release(): void;
}

/**
 * Takes the data folder for this process alone. The operating system drops the lock with the process,
 * however that ends, so there is never a stale one.
 * Throws StoreInUse when another holder has it, StoreUnavailable when the folder cannot be written.
 */
export function lockDataDir(dataDir: string): EmbeddedLock {
  return lockFile(dataDir, 'gateway.lock', () => new StoreInUse(dataDir));
}

/**
 * Takes a lock of its own in the data folder, that is dropped with the process.
 * Throws what `taken` makes when another holder has it, StoreUnavailable when the folder cannot be written.
 */
export function lockFile(dataDir: string, name: string, taken: () => Error): EmbeddedLock {
  let file: DatabaseSync | undefined;
  try {
    // SQLite serves for its file locking only: nothing is ever written to it.
    file = new DatabaseSync(join(dataDir, name));
    file.exec('pragma locking_mode = exclusive; begin exclusive');
  } catch (error) {
    file?.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) {
      throw taken();
    }
    throw new StoreUnavailable(
      `The data folder ${dataDir} cannot be locked: ${String(error)}. It must be a local folder that the gateway may write to.`,
      { cause: error },
    );
  }
  const held = file;
  return {
    release() {
      if (held.isOpen) held.close();
    },
  };
}
