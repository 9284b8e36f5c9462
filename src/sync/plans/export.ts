import { setImmediate as nextTurn } from 'node:timers/promises';
import { NotFound } from '../../errors/request.ts';
import { PlanNotApplicable } from '../../errors/sync.ts';
import type { ItemFilter } from '../../store/sync/filters.ts';
import type { SyncStore } from '../../store/sync/sync-store.ts';
import type { SyncItemRow, SyncPlanRow, SyncRunRow } from '../../store/sync/tables.ts';
import type { PlanState } from '../../store/sync/words.ts';
import type { FileReader, SyncFiles } from '../sources/files.ts';
import { FailedRows } from './failed-rows.ts';

/** How items are written to a file. */
export interface ItemWriter {
  /** What stands before the items. */
  readonly head: string;
  /** One item with its line break. */
  readonly write: (item: SyncItemRow) => string;
}

const PAGE = 1_000;
/** Length of the text that is sent at once. */
const PIECE = 64 * 1024;
const BEING_MADE: readonly PlanState[] = ['QUEUED', 'READING', 'OBSERVING', 'COMPARING'];
const FAILED: ItemFilter = { outcomes: ['FAILED', 'DRIFTED', 'UNKNOWN', 'PARTIALLY_APPLIED'] };

/** Plans and runs as files, read a page at a time while they are sent. */
export class PlanExports {
  readonly #sync: SyncStore;
  readonly #files: SyncFiles;

  constructor(sync: SyncStore, files: SyncFiles) {
    this.#sync = sync;
    this.#files = files;
  }

  /** The plan with this id. Throws NotFound, StoreUnavailable. */
  async plan(id: string): Promise<SyncPlanRow> {
    const plan = await this.#sync.plans.get(id);
    if (plan === null) throw new NotFound('plan', id);
    return plan;
  }

  /** The run with this id. Throws NotFound, StoreUnavailable. */
  async run(id: string): Promise<SyncRunRow> {
    const run = await this.#sync.runs.get(id);
    if (run === null) throw new NotFound('run', id);
    return run;
  }

  /**
   * All items of a plan, in the order of applying. Throws StoreUnavailable, and NotFound if the plan is deleted meanwhile:
   * then what was read is only a part.
   */
  async *items(plan: SyncPlanRow, { head, write }: ItemWriter): AsyncGenerator<string> {
    requireMade(plan);
    let piece = head;
    for await (const item of this.#itemsOf(plan.id, {})) {
      piece += write(item);
      if (piece.length < PIECE) continue;
      yield piece;
      piece = '';
    }
    yield piece;
  }

  /**
   * The records of a run that were not applied, as CSV: the rows as they came, with what went wrong. Without the columns of
   * the file if it is deleted, or if the reader may not see it.
   * Throws as `items`, and FileIncomplete.
   */
  async *failed(run: SyncRunRow, reader: FileReader, signal: AbortSignal): AsyncGenerator<string> {
    const plan = await this.plan(run.plan_id);
    const file = await this.#fileOf(plan, reader);
    const rows = new FailedRows(file?.columns ?? []);
    yield rows.head;
    if (file !== undefined) {
      for await (const item of this.#itemsOf(plan.id, FAILED)) rows.expect(item);
      for await (const { records } of this.#files.open(file).read(signal)) {
        const expected = records.filter(({ at }) => rows.isExpected(at));
        const items = await this.#sync.items.ofSeqs(plan.id, rows.seqsOf(expected));
        yield rows.write(expected, items);
      }
    }
    for await (const item of this.#itemsOf(plan.id, FAILED)) {
      if (!rows.isWritten(item)) yield rows.writeAlone(item);
    }
  }

  async *#itemsOf(planId: string, filter: ItemFilter): AsyncGenerator<SyncItemRow> {
    for (let after: number | undefined; ; ) {
      const { rows, hasNextPage } = await this.#sync.items.page(planId, filter, PAGE, after);
      yield* rows;
      if (!hasNextPage) break;
      after = rows.at(-1)?.seq;
      await nextTurn();
    }
    // Pages of a plan that was deleted meanwhile end early.
    await this.plan(planId);
  }

  async #fileOf({ request: { fileId } }: SyncPlanRow, reader: FileReader) {
    if (fileId === undefined) return undefined;
    return this.#files.get(fileId, reader).catch((error: unknown) => {
      if (error instanceof NotFound) return undefined;
      throw error;
    });
  }
}

function requireMade({ state }: SyncPlanRow): void {
  if (!BEING_MADE.includes(state)) return;
  throw new PlanNotApplicable(
    state,
    `The plan is still being made: its state is ${state}. Wait until it is READY.`,
  );
}
