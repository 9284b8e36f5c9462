import type { Kysely } from 'kysely';
import { SecretKeyMismatch, StoreUnavailable } from '../../errors/start.ts';
import { adoptKeys, forgetOtherKeys, verifyKeys } from '../secrets/key-check.ts';
import { keyFilePath, newFileKey, readKeyFile, replaceKeyFile } from '../secrets/key-file.ts';
import { type KeyOptions, keysOf, sealsWithKeyFile } from '../secrets/keys.ts';
import { createSealer, type KeyRing } from '../secrets/secrets.ts';
import type { Tables } from '../tables.ts';
import { type Resealing, resealAll } from './reseal.ts';

/** The keys of an open store, and what was sealed again with them. */
export interface Settled {
  readonly sealer: KeyRing;
  /** Undefined if nothing was searched. */
  readonly resealing?: Resealing;
  /** Whether that has finished a rotation of the key file that was broken off. */
  readonly hasFinished: boolean;
}

/** For whom the store is opened. */
export interface Opener {
  /** A command, which is done in a moment: it adds no key, and seals nothing again. */
  readonly isCommand?: boolean | undefined;
}

/**
 * Finds the keys and checks that they open what is stored. The gateway of an embedded database, which is the only
 * process there, seals with the first key what another one has sealed, and finishes with that a rotation of the key file
 * that was broken off. On PostgreSQL other gateways may not know the first key yet, so nothing is sealed again.
 * Throws SecretKeyMismatch, and then no value is lost, and StoreUnavailable.
 */
export async function settleKeys(options: KeyOptions & Opener, db: Kysely<Tables>): Promise<Settled> {
  const keys = await keysOf(options, db);
  const sealer = createSealer(keys);
  if (options.isCommand === true) {
    await verifyKeys(db, sealer);
    return { sealer, hasFinished: false };
  }
  const isBesideOthers = options.databaseUrl !== undefined;
  await adoptKeys(db, keys, isBesideOthers);
  if (isBesideOthers) return { sealer, hasFinished: false };
  const resealing = await resealAll(db, sealer);
  const hasFinished = sealsWithKeyFile(options) && keys.length > 1 && resealing.remaining.length === 0;
  if (hasFinished) replaceKeyFile(options.dataDir, keys.slice(0, 1));
  await forgetOtherKeys(db, hasFinished ? [sealer.keyId] : sealer.keyIds);
  return { sealer, resealing, hasFinished };
}

/**
 * Puts a new key into the key file, seals everything with it, and takes the old one out: for the process that has
 * the data folder, while it reads and writes. Wherever it is broken off, the file holds every key that something
 * is sealed with, and the next start, or the next rotation, goes on from there.
 * @param sealer seals with the key in the file; afterwards with the new one
 * Throws SecretKeyMismatch when the file is not the one that is in use, StoreUnavailable, and the signal's reason.
 */
export async function rotateKeyFile(
  dataDir: string,
  db: Kysely<Tables>,
  sealer: KeyRing,
  signal?: AbortSignal,
): Promise<Resealing> {
  const inFile = readKeyFile(dataDir);
  if (inFile.length === 0) {
    throw new SecretKeyMismatch(
      `The key file ${keyFilePath(dataDir)} is gone. Put it back from a backup, before the gateway is stopped: it does not start without. Nothing was changed.`,
    );
  }
  await verifyKeys(db, createSealer(inFile));
  // With more than one key the file is that of a rotation that was broken off.
  const keys = inFile.length > 1 ? inFile : [newFileKey(), ...inFile];
  const rest = keys.slice(0, 1);
  if (keys !== inFile) replaceKeyFile(dataDir, keys);
  // The old keys go on opening in this process: what was read a moment ago may be sealed with one.
  sealer.exchange(keys);
  await adoptKeys(db, keys);
  const resealing = await resealAll(db, sealer, signal);
  if (resealing.remaining.length > 0) {
    throw new StoreUnavailable(
      'Some values are sealed with the old key all the same: something else writes to the database. Both keys were kept; try again.',
    );
  }
  replaceKeyFile(dataDir, rest);
  await forgetOtherKeys(db, [sealer.keyId]);
  return resealing;
}
