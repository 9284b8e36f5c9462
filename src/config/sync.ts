import { InvalidConfiguration } from '../errors/start.ts';
import { readCount, readNumber, readSwitch } from './values.ts';

/** How synchronization is configured. */
export interface SyncConfig {
  /** What an uploaded file may have: records, and bytes when decompressed. */
  readonly fileLimits: { readonly rows: number; readonly bytes: number };
  /** Whether this process makes plans and carries out runs. */
  readonly worker: boolean;
  /** Plans, and runs, that one process works on at the same time. */
  readonly atOnce: number;
  /** Seconds that a plan can be applied. */
  readonly planLifetime: number;
  /** Days that plans with a run are kept. */
  readonly history: number;
  /** Whether callers may approve their own plans. */
  readonly selfApproval: boolean;
}

const MEGABYTE = 1024 * 1024;
const HOUR = 3_600;
/** A process can do no more, whatever it is told. */
const MOST_AT_ONCE = 20;

/** Reads the variables of synchronization. Throws InvalidConfiguration. */
export function readSync(read: (name: string) => string | undefined): SyncConfig {
  return {
    fileLimits: {
      rows: readCount('SYNC_ROWS_LIMIT', read('SYNC_ROWS_LIMIT') ?? '250000', 'records'),
      bytes: Math.floor(
        MEGABYTE * readNumber('SYNC_FILE_LIMIT', read('SYNC_FILE_LIMIT') ?? '256', 2_000, 'megabytes'),
      ),
    },
    worker: readSwitch('SYNC_WORKER', read('SYNC_WORKER') ?? 'true'),
    atOnce: readAtOnce(read('SYNC_RUNS_AT_ONCE') ?? '2'),
    planLifetime: HOUR * readNumber('PLAN_LIFETIME', read('PLAN_LIFETIME') ?? '24', 720, 'hours'),
    history: readNumber('SYNC_HISTORY', read('SYNC_HISTORY') ?? '90', 3_650, 'days'),
    selfApproval: readSwitch('SYNC_SELF_APPROVAL', read('SYNC_SELF_APPROVAL') ?? 'false'),
  };
}

function readAtOnce(text: string): number {
  const count = readCount('SYNC_RUNS_AT_ONCE', text, 'runs');
  if (count <= MOST_AT_ONCE) return count;
  throw new InvalidConfiguration('SYNC_RUNS_AT_ONCE', `must be at most ${MOST_AT_ONCE}, not ${count}.`);
}
