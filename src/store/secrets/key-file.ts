import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { SecretKeyMismatch, StoreUnavailable } from '../../errors/start.ts';
import { syncPath } from '../embedded/data-folder.ts';
import { formatSecretKey, generateSecretKey, parseSecretKeys, type SecretKey } from './secrets.ts';

/** Where the embedded store keeps its key when the configuration gives none. */
export function keyFilePath(dataDir: string): string {
  return join(dataDir, 'secret.key');
}

/** Where something is made before it takes its place. */
export function unfinishedPath(path: string): string {
  return `${path}.unfinished`;
}

/** The keys in the key file, none if there is no file. Throws SecretKeyMismatch when it is damaged. */
export function readKeyFile(dataDir: string): SecretKey[] {
  const path = keyFilePath(dataDir);
  if (!existsSync(path)) return [];
  try {
    return parseSecretKeys(readFileSync(path, 'utf8').trim());
  } catch {
    // The cause is left out on purpose: nothing of the file belongs into a message.
    throw new SecretKeyMismatch(
      `The key file ${path} cannot be read or does not hold a key. Put it back from a backup, or set SECRET_KEYS. Stored values were left as they are.`,
    );
  }
}

/** A new random key with an id that no other key file has. */
export function newFileKey(): SecretKey {
  return generateSecretKey(`file-${randomBytes(4).toString('hex')}`);
}

/**
 * Makes the key file (mode 0600) with a new random key, durable before this returns.
 * Throws StoreUnavailable when it cannot be written; never replaces one that is there.
 */
export function makeKeyFile(dataDir: string): SecretKey {
  const key = newFileKey();
  // A link fails if the name exists; a rename would replace what is there.
  writeAside(dataDir, [key], (unfinished, path) => {
    linkSync(unfinished, path);
    rmSync(unfinished);
  });
  return key;
}

/**
 * Puts these keys in the place of those in the key file, the first seals; durable before this returns. Whenever the
 * process dies, the file holds either the old keys or the new ones.
 * Throws StoreUnavailable when it cannot be written.
 */
export function replaceKeyFile(dataDir: string, keys: readonly SecretKey[]): void {
  writeAside(dataDir, keys, renameSync);
}

function writeAside(
  dataDir: string,
  keys: readonly SecretKey[],
  putInPlace: (unfinished: string, path: string) => void,
): void {
  const path = keyFilePath(dataDir);
  const unfinished = unfinishedPath(path);
  try {
    rmSync(unfinished, { force: true });
    const descriptor = openSync(unfinished, 'wx', 0o600);
    try {
      writeFileSync(descriptor, `${keys.map(formatSecretKey).join(',')}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    putInPlace(unfinished, path);
    syncPath(dataDir);
  } catch (error) {
    throw new StoreUnavailable(`The key file ${path} cannot be written: ${String(error)}.`, { cause: error });
  }
}
