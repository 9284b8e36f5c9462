import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { StoreUnavailable } from '../../errors/start.ts';
import { keyFilePath, unfinishedPath } from '../secrets/key-file.ts';
import { Backend } from './backend.ts';
import { databaseFolder, syncPath, syncTree } from './data-folder.ts';
import { DURABLE_START_PARAMS, DurableFileSystem } from './durable-file-system.ts';
import { type EmbeddedLock, lockDataDir } from './embedded-lock.ts';
import { makeEmptyDatabase } from './empty-database.ts';
import { keepPrivate } from './private-files.ts';
import type { Program } from './program.ts';
import { RecoveryMark } from './recovery-mark.ts';

export interface EmbeddedDatabase {
  readonly backend: Backend;
  /** To be closed before the database. */
  readonly mark: RecoveryMark;
  /** Closes the database, then lets the next process in. */
  close(): Promise<void>;
}

/**
 * Opens the database in `dataDir`, making folder (mode 0700) and database if there are none, and
 * holds it for this process alone. Folder and key file are closed to other users. What a process that was killed has left half made is removed.
 * Throws StoreInUse, or StoreUnavailable when the database is damaged or the folder cannot be used.
 */
export async function openEmbeddedDatabase(dataDir: string, program: Program): Promise<EmbeddedDatabase> {
  const lock = takeDataDir(dataDir);
  try {
    const folder = databaseFolder(dataDir);
    for (const path of [unfinishedPath(folder), unfinishedPath(keyFilePath(dataDir))]) {
      rmSync(path, { recursive: true, force: true });
    }
    if (!existsSync(folder)) await makeDatabase(dataDir, folder);
    const pglite = await openExisting(folder, dataDir, program);
    const backend = new Backend(pglite);
    const mark = await RecoveryMark.keep(backend, dataDir);
    return {
      backend,
      mark,
      async close() {
        try {
          await backend.close();
        } finally {
          lock.release();
        }
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function takeDataDir(dataDir: string): EmbeddedLock {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreUnavailable(
      `The data folder ${dataDir} cannot be made: ${String(error)}. Choose another DATA_DIR.`,
      { cause: error },
    );
  }
  keepPrivate(dataDir, () => isDataFolder(dataDir));
  const keyFile = keyFilePath(dataDir);
  if (existsSync(keyFile)) keepPrivate(keyFile);
  return lockDataDir(dataDir);
}

/** Whether a folder is a gateway's, or is empty: not one such as /var/lib that a wrong DATA_DIR names. */
function isDataFolder(path: string): boolean {
  const ours = [databaseFolder(path), keyFilePath(path)];
  // The root of a file system of its own has lost+found.
  return ours.some(existsSync) || readdirSync(path).every((name) => name === 'lost+found');
}

/** Made aside and renamed when it is complete, so that an interrupted first start leaves nothing half. */
async function makeDatabase(dataDir: string, folder: string): Promise<void> {
  if (existsSync(keyFilePath(dataDir))) {
    throw new StoreUnavailable(
      `The data folder ${dataDir} holds a key but no database. Restore the folder ${folder} from a backup; to begin with an empty database instead, move ${keyFilePath(dataDir)} away.`,
    );
  }
  const unfinished = unfinishedPath(folder);
  try {
    mkdirSync(unfinished, { mode: 0o700 });
    // Syncing once at the end is the same promise at a fraction of the time.
    await makeEmptyDatabase(unfinished);
    await syncTree(unfinished);
    renameSync(unfinished, folder);
    syncPath(dataDir);
  } catch (error) {
    throw new StoreUnavailable(
      `No database could be made in the data folder ${dataDir}: ${String(error)}. See that it is writable and has some space left.`,
      { cause: error },
    );
  }
}

async function openExisting(folder: string, dataDir: string, program: Program): Promise<PGlite> {
  // Without this file PGlite would quietly begin an empty database over what is left of the old one.
  if (!existsSync(join(folder, 'PG_VERSION'))) {
    throw damaged(folder, dataDir, `PG_VERSION is missing among ${readdirSync(folder).length} entries`);
  }
  const complaints: string[] = [];
  let said = '';
  try {
    return await PGlite.create({
      fs: new DurableFileSystem(folder),
      startParams: [...DURABLE_START_PARAMS],
      ...program,
      onStderr(text) {
        said = text.trim();
        const begin = text.search(/FATAL|PANIC/);
        if (begin !== -1) complaints.push(text.slice(begin).trim());
        return false;
      },
    });
  } catch (error) {
    throw damaged(
      folder,
      dataDir,
      complaints.at(-1) ?? (error instanceof Error ? String(error) : said),
      error,
    );
  }
}

function damaged(folder: string, dataDir: string, reason: string, cause?: unknown): StoreUnavailable {
  return new StoreUnavailable(
    `The database in ${folder} does not open; it is damaged or incomplete (${reason}). Restore the data folder ${dataDir} from a backup; to begin with an empty one instead, move it away.`,
    { cause },
  );
}
