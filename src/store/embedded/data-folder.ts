import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the database of a data folder is. */
export function databaseFolder(dataDir: string): string {
  return join(dataDir, 'database');
}

/** Makes a file, or the list of names in a folder, durable. Throws the errors of node:fs. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** How many files are synced side by side: the disk then writes many in the time of one. */
const SYNCED_AT_ONCE = 16;

/** Makes a folder and everything below it durable. Rejects with the errors of node:fs. */
export async function syncTree(folder: string): Promise<void> {
  const below = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = below
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  const remaining = [folder, ...paths].values();
  const syncRemaining = async () => {
    for (const path of remaining) {
      await using file = await open(path, 'r');
      await file.sync();
    }
  };
  await Promise.all(Array.from({ length: SYNCED_AT_ONCE }, syncRemaining));
}
