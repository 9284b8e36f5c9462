import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidConfiguration, StoreInUse, StoreUnavailable } from '../../errors/start.ts';
import { type Database, IN_MEMORY, openDatabase } from '../database.ts';
import { databaseFolder } from '../embedded/data-folder.ts';
import { lockFile } from '../embedded/embedded-lock.ts';
import { requireLatest } from '../migrate.ts';
import { adoptKeys, forgetOtherKeys, verifyKeys } from '../secrets/key-check.ts';
import { type KeyOptions, keysOf, requireKeys, sealsWithKeyFile } from '../secrets/keys.ts';
import { createSealer, type Sealer } from '../secrets/secrets.ts';
import { rotateKeyFile } from './key-file-rotation.ts';
import { type Resealing, resealAll } from './reseal.ts';
import { KEYS_ARE_CONFIGURED, reportResealing, reportRotation } from './rotation-report.ts';
import { askForRotation, type Rotation, removeNote } from './rotation-request.ts';
import { COMMAND_NAME, findGatewaysWithOtherKeys, type SealingGateway } from './sealing-gateways.ts';

/** Longer than it takes a gateway that has lost its connections to PostgreSQL to make the one that it always keeps. */
const WATCH_MS = 11_000;

/**
 * Seals everything with the first key while gateways serve: on PostgreSQL with the first of those configured, in a
 * data folder with a new one in its key file. It can be broken off anywhere and done again.
 * @param watchMs how long gateways with other keys are looked for on PostgreSQL before anything is done
 * Throws InvalidConfiguration, SecretKeyMismatch, StoreTooNew, StoreUnavailable.
 */
export async function rotateKeys(options: KeyOptions, watchMs = WATCH_MS): Promise<Rotation> {
  requireKeys(options);
  return options.databaseUrl === undefined ? rotateInFolder(options) : rotateOnServer(options, watchMs);
}

async function rotateOnServer(options: KeyOptions, watchMs: number): Promise<Rotation> {
  const database = await openDatabase({ ...options, applicationName: COMMAND_NAME, poolSize: 2 });
  try {
    const { db, location } = database;
    await requireLatest(db, location);
    const sealer = createSealer(options.secretKeys);
    await verifyKeys(db, sealer);
    for (const wait of [0, watchMs]) {
      await sleep(wait);
      const before = await findGatewaysWithOtherKeys(db, sealer.keyId);
      if (before.length > 0)
        return { isDone: false, lines: [othersSeal(before, sealer, 'Nothing was done')] };
    }
    await adoptKeys(db, options.secretKeys);
    const resealing = await resealAll(db, sealer);
    const after = await findGatewaysWithOtherKeys(db, sealer.keyId);
    const lines = reportResealing(resealing);
    if (after.length > 0)
      return { isDone: false, lines: [...lines, othersSeal(after, sealer, 'Not done yet')] };
    const conclusion = concludeConfigured(resealing, sealer, lines);
    if (conclusion.isDone) await forgetOtherKeys(db, [sealer.keyId]);
    return conclusion;
  } finally {
    await database.close();
  }
}

function othersSeal(gateways: readonly SealingGateway[], sealer: Sealer, state: string): string {
  const which = gateways.map(
    ({ keyId, address }) =>
      `${keyId === null ? 'an unknown key' : `the key "${keyId}"`}${address === null ? '' : ` (at ${address})`}`,
  );
  return `${state}: a gateway still seals with ${which.join(', with ')}. Put "${sealer.keyId}" first into SECRET_KEYS of every gateway and keep the old key behind it, restart them one after the other, and run this again.`;
}

function concludeConfigured(resealing: Resealing, sealer: Sealer, lines: readonly string[]): Rotation {
  if (resealing.remaining.length > 0) {
    const sentence = `Not done yet: something still seals with an old key. Put "${sealer.keyId}" first into SECRET_KEYS of every gateway, restart them, and run this again. Until then keep the old key.`;
    return { isDone: false, lines: [...lines, sentence] };
  }
  const others = sealer.keyIds.slice(1).map((id) => `"${id}"`);
  const next =
    others.length === 0 ? '' : ` Take ${others.join(', ')} out of SECRET_KEYS now, with the next restart.`;
  return {
    isDone: true,
    lines: [...lines, `Done: everything is sealed with "${sealer.keyId}".${next}`],
  };
}

async function rotateInFolder(options: KeyOptions): Promise<Rotation> {
  const { dataDir } = options;
  if (dataDir === IN_MEMORY || !existsSync(databaseFolder(dataDir))) {
    throw new InvalidConfiguration(
      'DATA_DIR',
      `is ${dataDir}, and there is no database in it. Set it, or DATABASE_URL, as for the gateway.`,
    );
  }
  const isBusy = `Another npm run rotate-keys is at work in the data folder ${dataDir}. Wait for it to end.`;
  const alone = lockFile(dataDir, 'key-rotation.lock', () => new StoreUnavailable(isBusy));
  try {
    const database = await openUnlessInUse(options);
    return database === undefined ? await rotateInUse(options) : await rotateUnused(options, database);
  } finally {
    alone.release();
  }
}

/** Undefined if a gateway has the folder. */
async function openUnlessInUse(options: KeyOptions): Promise<Database | undefined> {
  try {
    return await openDatabase(options);
  } catch (error) {
    if (error instanceof StoreInUse) return undefined;
    throw error;
  }
}

async function rotateUnused(options: KeyOptions, database: Database): Promise<Rotation> {
  try {
    const { db, location } = database;
    await requireLatest(db, location);
    const keys = await keysOf(options, db);
    const sealer = createSealer(keys);
    await adoptKeys(db, keys);
    removeNote(options.dataDir);
    if (sealsWithKeyFile(options)) {
      const resealing = await rotateKeyFile(options.dataDir, db, sealer);
      return { isDone: true, lines: reportRotation(resealing) };
    }
    const resealing = await resealAll(db, sealer);
    return concludeConfigured(resealing, sealer, reportResealing(resealing));
  } finally {
    await database.close();
  }
}

async function rotateInUse(options: KeyOptions): Promise<Rotation> {
  if (!sealsWithKeyFile(options)) return { isDone: false, lines: [KEYS_ARE_CONFIGURED] };
  const answer = await askForRotation(options.dataDir);
  if (answer !== undefined) return answer;
  const silent = `The gateway that has the data folder ${options.dataDir} does not answer. If it was stopped meanwhile, run this again; if it runs an older version, restart it first. Whatever was begun is finished by its next start.`;
  return { isDone: false, lines: [silent] };
}
