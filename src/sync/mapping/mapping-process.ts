import { type ChildProcess, fork } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ColumnMissing, ExpressionTooSlow, MappingNotStarted } from '../../errors/sync.ts';
import type { MappedRecord, SourceRecord } from '../words.ts';
import type { ResolvedMapping } from './mapping.ts';

/** What the program is told to do. */
export type ProgramOrder =
  | { readonly do: 'open'; readonly mapping: ResolvedMapping }
  | { readonly do: 'map'; readonly records: readonly SourceRecord[]; readonly milliseconds: number };

/** What the program answers. */
export type ProgramAnswer =
  | { readonly state: 'open' }
  | { readonly state: 'mapped'; readonly records: readonly MappedRecord[] }
  | { readonly state: 'too slow'; readonly row: number };

const PROGRAM = fileURLToPath(new URL('./mapping-program.ts', import.meta.url));
/** In megabytes. */
const MEMORY = 128;
/** For a batch, in milliseconds. */
const TIME = 2_000;
/** For a program that does not interrupt itself. */
const GRACE = 500;
/** For a program to start on a busy machine, in milliseconds. */
const START_TIME = 30_000;
/** Records that one call may map. */
export const MOST_RECORDS = 500;

/**
 * Maps records in a process of its own, which has no environment, little memory and little time: an expression can use
 * up any amount of both, and in a thread it would take the gateway with it.
 */
export class MappingProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  /** Index of the record that is mapped now. */
  #row = 0;
  #waiting: ((answer: ProgramAnswer | 'ended') => void) | undefined;
  #hasEnded = false;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (answer: ProgramAnswer) => this.#settle(answer));
    child.on('error', () => this.#settle('ended'));
    child.on('close', () => {
      this.#hasEnded = true;
      this.#settle('ended');
    });
    child.stdout?.on('data', (rows: Buffer) => {
      if (rows.length >= 4) this.#row = rows.readUInt32LE(rows.length - 4);
    });
  }

  /**
   * Starts a process for a mapping.
   * @param columns of a CSV file; undefined for sources whose records have different attributes
   * Throws ColumnMissing, and MappingNotStarted.
   */
  static async open(
    mapping: ResolvedMapping,
    { columns }: { readonly columns?: readonly string[] | undefined } = {},
  ): Promise<MappingProcess> {
    const missing =
      columns === undefined ? [] : mapping.rules.columns.filter((name) => !columns.includes(name));
    if (missing.length > 0) throw new ColumnMissing(missing, columns ?? []);
    const cache = getCompileCacheDir();
    const child = fork(PROGRAM, {
      execArgv: [`--max-old-space-size=${MEMORY}`, '--max-semi-space-size=8', '--disable-sigusr1'],
      // Nothing of the gateway's environment, which may hold secrets. The cache halves the time to start.
      env: cache === undefined ? {} : { NODE_COMPILE_CACHE: cache },
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    });
    const opened = new MappingProcess(child);
    const answer = await opened.#ask({ do: 'open', mapping }, START_TIME);
    if (answer === 'ended' || answer.state !== 'open') {
      await opened.close();
      throw new MappingNotStarted();
    }
    return opened;
  }

  /**
   * Maps records, 500 at most. Call it for one batch after the other.
   * Throws ExpressionTooSlow that names the record which took too much time or memory; the process has ended then.
   */
  async map(records: readonly SourceRecord[]): Promise<readonly MappedRecord[]> {
    if (records.length > MOST_RECORDS) throw new RangeError(`More than ${MOST_RECORDS} records in a batch.`);
    if (records.length === 0) return [];
    this.#row = 0;
    const answer = await this.#ask({ do: 'map', records, milliseconds: TIME }, TIME + GRACE);
    if (answer !== 'ended' && answer.state === 'mapped') return answer.records;
    await this.close();
    const row = answer !== 'ended' && answer.state === 'too slow' ? answer.row : this.#row;
    throw new ExpressionTooSlow(records[Math.min(row, records.length - 1)]?.at ?? 'the first record');
  }

  /** Ends the process. Idempotent. */
  async close(): Promise<void> {
    if (this.#hasEnded) return;
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Sends an order; `ended` if the process ended, or had to be ended because it did not answer in time. */
  async #ask(order: ProgramOrder, milliseconds: number): Promise<ProgramAnswer | 'ended'> {
    if (this.#hasEnded) return 'ended';
    const { promise, resolve } = Promise.withResolvers<ProgramAnswer | 'ended'>();
    this.#waiting = resolve;
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), milliseconds);
    this.#child.send(order, (error) => {
      if (error !== null) this.#child.kill('SIGKILL');
    });
    const answer = await promise;
    clearTimeout(timer);
    return answer;
  }

  #settle(answer: ProgramAnswer | 'ended'): void {
    this.#waiting?.(answer);
    this.#waiting = undefined;
  }
}
