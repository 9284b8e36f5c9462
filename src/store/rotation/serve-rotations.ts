import { GatewayError } from '../../errors/gateway-error.ts';
import { type Database, IN_MEMORY } from '../database.ts';
import { type KeyOptions, sealsWithKeyFile } from '../secrets/keys.ts';
import { type Opener, rotateKeyFile, type Settled } from './key-file-rotation.ts';
import type { Resealing } from './reseal.ts';
import { countResealed, KEYS_ARE_CONFIGURED, reportResealing, reportRotation } from './rotation-report.ts';
import { type Attendance, answerPending, attendRotations } from './rotation-request.ts';

/** Where it is told that keys were exchanged, and whether they were. */
export interface RotationLog {
  readonly info: (
    facts: { readonly keyId: string; readonly sealedAnew: number; readonly report: readonly string[] },
    sentence: 'the key file was rotated' | 'values sealed with an older key were re-sealed',
  ) => void;
  readonly error: (
    facts: { readonly error: { readonly name: string; readonly message?: string | undefined } },
    sentence: 'the key file could not be rotated',
  ) => void;
}

/**
 * Rotates the key file when `npm run rotate-keys` asks the gateway that has the data folder. Other databases are
 * rotated without a gateway's help.
 */
export function serveRotations(
  options: KeyOptions & Opener,
  { db, kind }: Database,
  { sealer, resealing, hasFinished }: Settled,
  log: RotationLog | undefined,
): Attendance {
  const { dataDir, isCommand = false } = options;
  if (kind !== 'embedded' || dataDir === IN_MEMORY || isCommand) return { close: () => Promise.resolve() };
  if (hasFinished && resealing) answerPending(dataDir, { isDone: true, lines: reportRotation(resealing) });
  return attendRotations(dataDir, async (signal) => {
    if (!sealsWithKeyFile(options)) return { isDone: false, lines: [KEYS_ARE_CONFIGURED] };
    try {
      const resealing = await rotateKeyFile(dataDir, db, sealer, signal);
      tellOfResealing(log, resealing, 'the key file was rotated');
      return { isDone: true, lines: reportRotation(resealing) };
    } catch (error) {
      if (!signal.aborted) log?.error({ error: nameOf(error) }, 'the key file could not be rotated');
      throw error;
    }
  });
}

/** Logs that values were re-sealed. */
export function tellOfResealing(
  log: RotationLog | undefined,
  resealing: Resealing,
  sentence: Parameters<RotationLog['info']>[1],
): void {
  const report = reportResealing(resealing);
  log?.info({ keyId: resealing.keyId, sealedAnew: countResealed(resealing), report }, sentence);
}

/** What a library says may hold values; only our own sentences are made for being read. */
function nameOf(error: unknown): { readonly name: string; readonly message?: string } {
  if (error instanceof GatewayError) return { name: error.name, message: error.message };
  return { name: error instanceof Error ? error.name : 'NotAnError' };
}
