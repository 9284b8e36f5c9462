import type { SyncProblem } from '../../store/sync/words.ts';
import type { SourceRecord } from '../words.ts';

/** Bytes that one record may have. */
export const LARGEST_RECORD = 1024 * 1024;

/** Names of the fields that the records of a source have. */
export interface SourceShape {
  readonly names: readonly string[];
  /** Whether no record can have another field, as in CSV. Otherwise the names are those of the first records. */
  readonly isComplete: boolean;
}

/** Some records in the order of the source, and the parts that could not be used, one for each unusable record. */
export interface SourceBatch {
  /** At most 500, or 1 MiB. */
  readonly records: readonly SourceRecord[];
  /** A problem never holds a value of the record. */
  readonly problems: readonly SyncProblem[];
  /**
   * Set on the last batch only. ALL: every record of the source has come, so a record that did not come does not exist.
   * CHANGES: records that did not come may exist. If reading ends without a batch that has it, reading has failed.
   */
  readonly end?: 'ALL' | 'CHANGES';
}

/** Where records come from. */
export interface Source {
  describe(): Promise<SourceShape>;
  /**
   * Reads from the beginning, a batch at a time. No more than two batches are in memory.
   * Throws UnreadableFile, FileIncomplete, StoreUnavailable, and the signal's reason.
   */
  read(signal: AbortSignal): AsyncIterable<SourceBatch>;
}

const MOST_RECORDS = 500;
/** Length of the texts of a batch. */
const MOST_TEXT = 1024 * 1024;

/** Gathers records and problems until they fill a batch. */
export class BatchBuilder {
  #records: SourceRecord[] = [];
  #problems: SyncProblem[] = [];
  #size = 0;

  get isFull(): boolean {
    return this.#records.length + this.#problems.length >= MOST_RECORDS || this.#size >= MOST_TEXT;
  }

  /** @param size length of the record's text */
  add(record: SourceRecord, size: number): void {
    this.#records.push(record);
    this.#size += size;
  }

  addProblem(problem: SyncProblem): void {
    this.#problems.push(problem);
  }

  /** Returns what was gathered, and begins again. */
  take(): SourceBatch {
    const batch = { records: this.#records, problems: this.#problems };
    this.#records = [];
    this.#problems = [];
    this.#size = 0;
    return batch;
  }
}
