import type { SyncItemRow } from '../../store/sync/tables.ts';
import type { SourceRecord } from '../words.ts';
import { csvRow } from './csv-cells.ts';
import { valueText } from './item-texts.ts';

/** What is added to each row. */
const ADDED = ['sync_at', 'sync_key', 'sync_name', 'sync_code', 'sync_message'] as const;

/** Writes rows of a file that were not applied. Remembers one number for each of them. */
export class FailedRows {
  readonly #columns: readonly string[];
  /** Number of the item by the place of its record in the file. */
  readonly #expected = new Map<number, number>();
  readonly #written = new Set<number>();

  /** @param columns of the file. What an earlier export has added is left out */
  constructor(columns: readonly string[]) {
    const added: readonly string[] = ADDED;
    this.#columns = columns.filter((name) => !added.includes(name));
  }

  get head(): string {
    return csvRow([...this.#columns, ...ADDED]);
  }

  expect({ at, seq }: SyncItemRow): void {
    if (at !== null) this.#expected.set(placeIn(at), seq);
  }

  isExpected(at: string): boolean {
    return this.#expected.has(placeIn(at));
  }

  /** Numbers of the items of these records. */
  seqsOf(records: readonly SourceRecord[]): number[] {
    return records.flatMap(({ at }) => this.#expected.get(placeIn(at)) ?? []);
  }

  write(records: readonly SourceRecord[], items: readonly SyncItemRow[]): string {
    const bySeq = new Map(items.map((item) => [item.seq, item]));
    const rows = records.map(({ at, value }) => {
      const item = bySeq.get(this.#expected.get(placeIn(at)) ?? 0);
      if (item === undefined) return '';
      this.#written.add(item.seq);
      return csvRow([...this.#columns.map((name) => valueText(value?.[name])), ...whatFailed(item)]);
    });
    return rows.join('');
  }

  isWritten({ seq }: SyncItemRow): boolean {
    return this.#written.has(seq);
  }

  /** An item without a record in the file. */
  writeAlone(item: SyncItemRow): string {
    return csvRow([...this.#columns.map(() => ''), ...whatFailed(item)]);
  }
}

/** The number in `line 17`. A file has one kind of places only. */
function placeIn(at: string): number {
  return Number(at.slice(at.lastIndexOf(' ') + 1));
}

function whatFailed({ at, source_key: key, name, state, error, reason }: SyncItemRow): string[] {
  return [at ?? '', key ?? '', name, error?.code ?? state, error?.message ?? reason ?? ''];
}
