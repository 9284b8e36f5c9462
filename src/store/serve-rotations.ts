import { type Database, IN_MEMORY } from './database.ts';
import { rotateKeyFile, type Settled } from './key-file-rotation.ts';
import { type KeyOptions, sealsWithKeyFile } from './keys.ts';
import type { Resealing } from './reseal.ts';
import { countResealed, KEYS_ARE_CONFIGURED, reportResealing, reportRotation } from './rotation-report.ts';
import { type Attendance, answerPending, attendRotations } from './rotation-request.ts';

/** Where it is told that keys were exchanged. */
export interface RotationLog {
  info(facts: object, sentence: string): void;
  error(facts: object, sentence: string): void;
}

/**
 * Rotates the key file when `npm run rotate-keys` asks the process that has the data folder. Other databases are
 * rotated without a gateway's help.
 */
export function serveRotations(
  options: KeyOptions,
  { db, kind }: Database,
  { sealer, resealing, hasFinished }: Settled,
  log: RotationLog | undefined,
): Attendance {
  const { dataDir } = options;
  if (kind !== 'embedded' || dataDir === IN_MEMORY) return { close: () => Promise.resolve() };
  if (hasFinished) answerPending(dataDir, { isDone: true, lines: reportRotation(resealing) });
  return attendRotations(dataDir, async (signal) => {
    if (!sealsWithKeyFile(options)) return { isDone: false, lines: [KEYS_ARE_CONFIGURED] };
    try {
      const resealing = await rotateKeyFile(dataDir, db, sealer, signal);
      tellOfResealing(log, resealing, 'the key file was rotated');
      return { isDone: true, lines: reportRotation(resealing) };
    } catch (error) {
      if (!signal.aborted) log?.error({ reason: String(error) }, 'the key file could not be rotated');
      throw error;
    }
  });
}

/** Logs that values were sealed anew. */
export function tellOfResealing(log: RotationLog | undefined, resealing: Resealing, sentence: string): void {
  const report = reportResealing(resealing);
  log?.info({ key: resealing.keyId, sealedAnew: countResealed(resealing), report }, sentence);
}
