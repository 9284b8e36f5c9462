import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backend } from './backend.ts';
import { syncPath } from './data-folder.ts';

/** How often it is noted how far the database has come, in milliseconds. */
const NOTE_EVERY_MS = 1_000;
/** Bytes of a page of the write-ahead log. */
const PAGE = 8_192;

/** How far the recovery of a database came after its process did not end well. */
export interface Recovery {
  /** Position in the write-ahead log at which the recovery ended, as PostgreSQL writes it. */
  readonly recoveredTo: string;
  /** Position up to which writes were known to be acknowledged. */
  readonly acknowledgedTo: string;
  /** Bytes between the two: 0 if nothing that was noted is missing. */
  readonly bytesLost: number;
}

interface Mark {
  readonly acknowledgedTo: string;
  readonly isOpen: boolean;
  /** Of an earlier opening that told nobody of it. */
  readonly untold?: Recovery | undefined;
}

/**
 * Notes beside an embedded database, once a second, up to which position of the write-ahead log writes were acknowledged.
 * A recovery cannot tell a log whose end is damaged from a shorter one, so the next opening compares.
 */
export class RecoveryMark {
  readonly #backend: Backend;
  readonly #dataDir: string;
  readonly #timer: NodeJS.Timeout;
  #noted: string;
  #work: Promise<void> | undefined;
  #recovery: Recovery | undefined;

  private constructor(backend: Backend, dataDir: string, noted: string, recovery: Recovery | undefined) {
    this.#backend = backend;
    this.#dataDir = dataDir;
    this.#noted = noted;
    this.#recovery = recovery;
    this.#timer = setInterval(() => this.#note(), NOTE_EVERY_MS);
    this.#timer.unref();
  }

  /** Compares a database that has just been opened with its mark, and keeps the mark from now on. */
  static async keep(backend: Backend, dataDir: string): Promise<RecoveryMark> {
    const mark = readMark(dataDir);
    const [found] = await backend.query<{ flushed: string; recoveredTo: string; missing: number | null }>(
      `select pg_current_wal_flush_lsn()::text as flushed, redo_lsn::text as "recoveredTo",
         pg_wal_lsn_diff($1::pg_lsn, redo_lsn)::double precision as missing from pg_control_checkpoint()`,
      [mark?.acknowledgedTo ?? null],
    );
    const flushed = found?.flushed ?? '0/0';
    let recovery = mark?.untold;
    if (mark !== undefined && found !== undefined && found.missing !== null) {
      const { recoveredTo, missing } = found;
      const bytesLost = Math.max(0, missing);
      if (bytesLost > 0 || (mark.isOpen && recovery === undefined)) {
        recovery = { recoveredTo, acknowledgedTo: mark.acknowledgedTo, bytesLost };
      }
    }
    await writeMark(dataDir, { acknowledgedTo: flushed, isOpen: true, untold: recovery }).catch(
      () => undefined,
    );
    return new RecoveryMark(backend, dataDir, flushed, recovery);
  }

  /** How far the last recovery came; undefined if the database was closed well, or this was reported already. */
  get recovery(): Recovery | undefined {
    return this.#recovery;
  }

  /** Marks the recovery as reported. */
  told(): void {
    this.#recovery = undefined;
    this.#noted = '';
  }

  /** Notes how far the database has come, and that it is closed. To be called before it is. Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#backend.closed) return;
    await this.#work;
    await this.#write(false);
  }

  #note(): void {
    this.#work ??= this.#write(true).finally(() => {
      this.#work = undefined;
    });
  }

  /** A mark that cannot be written, on a full disk, is older than it could be, and says nothing that is not so. */
  async #write(isOpen: boolean): Promise<void> {
    try {
      const [flushed] = await this.#backend.query<{ lsn: string; bytes: number }>(
        `select pg_current_wal_flush_lsn()::text as lsn,
           mod(pg_current_wal_flush_lsn() - '0/0'::pg_lsn, ${PAGE})::integer as bytes`,
      );
      if (flushed === undefined) return;
      const { lsn } = flushed;
      // At the end of a page the last record may not be whole.
      if (isOpen && (lsn === this.#noted || flushed.bytes === 0)) return;
      await writeMark(this.#dataDir, { acknowledgedTo: lsn, isOpen, untold: this.#recovery });
      this.#noted = lsn;
    } catch {
      // The database is closed or broken, which others tell of.
    }
  }
}

function markPath(dataDir: string): string {
  return join(dataDir, 'recovery-mark.json');
}

/** Undefined if no mark can be read: then nothing is compared. */
function readMark(dataDir: string): Mark | undefined {
  try {
    const mark: Partial<Mark> = JSON.parse(readFileSync(markPath(dataDir), 'utf8'));
    const { acknowledgedTo, isOpen = true, untold } = mark;
    if (typeof acknowledgedTo !== 'string' || !/^[\dA-F]{1,8}\/[\dA-F]{1,8}$/.test(acknowledgedTo))
      return undefined;
    return { acknowledgedTo, isOpen, untold };
  } catch {
    return undefined;
  }
}

/** Read as a whole or not at all: renamed into place, after it is on the disk. */
async function writeMark(dataDir: string, mark: Mark): Promise<void> {
  const path = markPath(dataDir);
  const unfinished = `${path}.unfinished`;
  const file = await open(unfinished, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify(mark));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  syncPath(dataDir);
}
