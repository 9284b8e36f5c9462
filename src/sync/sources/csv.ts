import { CsvError, type Parser, parse } from 'csv-parse';
import { UnreadableFile } from '../../errors/source.ts';
import type { SyncProblem } from '../../store/sync/words.ts';
import type { JsonObject } from '../words.ts';
import { findHeader, readColumns } from './csv-header.ts';
import type { ParsedBatch } from './formats.ts';
import { BatchBuilder, LARGEST_RECORD } from './source.ts';

const QUOTE_NEVER_CLOSED =
  'A quote is opened in the record that begins there, and never closed. Close it, or double it if it belongs to the value.';

/** What is wrong, by the code of the library. Its own messages hold values. */
const REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: QUOTE_NEVER_CLOSED,
  CSV_INVALID_CLOSING_QUOTE:
    'In the record that begins there, text follows a closing quote. Double quotes that belong to a value.',
  INVALID_OPENING_QUOTE:
    'In the record that begins there, a quote is in the middle of a value. Put the whole value in quotes, and double the quotes in it.',
  CSV_MAX_RECORD_SIZE:
    'The record that begins there has more than 1 MiB. Check whether a quote in it is never closed.',
};

/**
 * Reads CSV with a header. The separator is the one of `,` `;` tab and `|` that the header has most; lines end in CR, LF or
 * CRLF. A row with too few or too many fields is a problem of its line, and reading continues. The first batch has the
 * names of the columns.
 * Throws UnreadableFile: for the header, and for a quote that makes it unclear where the next row begins.
 */
export async function* readCsv(texts: AsyncIterable<string>): AsyncGenerator<ParsedBatch> {
  const pieces = texts[Symbol.asyncIterator]();
  const { head, separator } = await findHeader(pieces);
  using rows = new RowReader(separator);
  const batch = new BatchBuilder();
  let columns: readonly string[] | undefined;
  for (let piece: string | undefined = head; ; ) {
    const isLast = piece === undefined;
    for (const { cells, line } of piece === undefined ? await rows.end() : await rows.push(piece)) {
      if (columns === undefined) {
        columns = readColumns(cells, line);
        yield { records: [], problems: [], columns };
        continue;
      }
      if (cells.length === 1 && cells[0] === '') continue;
      const problem = raggedness(cells, columns, line);
      if (problem === undefined) {
        batch.add({ at: `line ${line}`, is: 'VALUE', value: toObject(columns, cells) }, sizeOf(cells));
      } else batch.addProblem(problem);
      if (batch.isFull) yield batch.take();
    }
    if (isLast) break;
    const next = await pieces.next();
    piece = next.done === true ? undefined : next.value;
  }
  if (columns === undefined)
    throw new UnreadableFile('line 1', 'The file is empty. Begin it with the names of the columns.');
  yield batch.take();
}

interface Row {
  readonly cells: readonly string[];
  /** Where it begins. */
  readonly line: number;
}

/** The library with our own lines: it counts line breaks in quotes twice, and names the line where a record ends. */
class RowReader implements Disposable {
  readonly #parser: Parser;
  #rows: Row[] = [];
  #line = 1;

  constructor(separator: string) {
    this.#parser = parse({
      delimiter: separator,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      max_record_size: LARGEST_RECORD,
      on_record: (cells: string[]) => {
        this.#rows.push({ cells, line: this.#line });
        this.#line += 1 + cells.reduce((breaks, cell) => breaks + countBreaks(cell), 0);
        return null;
      },
    });
    // The callback of the write receives the error. Without a listener the process would end.
    this.#parser.on('error', () => undefined);
    this.#parser.resume();
  }

  /** Returns the rows that are complete now. Throws UnreadableFile. */
  push(text: string): Promise<readonly Row[]> {
    return this.#hand((done) => this.#parser.write(text, done));
  }

  end(): Promise<readonly Row[]> {
    return this.#hand((done) => this.#parser.end(done));
  }

  async #hand(write: (done: (error?: Error | null) => void) => void): Promise<readonly Row[]> {
    const { promise, resolve } = Promise.withResolvers<Error | null | undefined>();
    write(resolve);
    const error = await promise;
    if (error) throw this.#explain(error);
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  #explain(error: Error): Error {
    const reason = error instanceof CsvError ? REASONS[error.code] : undefined;
    return reason === undefined ? error : new UnreadableFile(`line ${this.#line}`, reason);
  }

  [Symbol.dispose](): void {
    this.#parser.destroy();
  }
}

/** A line break of two characters counts once. */
function countBreaks(text: string): number {
  if (!text.includes('\n') && !text.includes('\r')) return 0;
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}

function raggedness(
  cells: readonly string[],
  columns: readonly string[],
  line: number,
): SyncProblem | undefined {
  if (cells.length === columns.length) return undefined;
  const fields = `${cells.length} field${cells.length === 1 ? '' : 's'}`;
  const message = `The row has ${fields}, but the header has ${columns.length}. Put values that contain the separator in quotes.`;
  return { at: `line ${line}`, code: 'WRONG_FIELD_COUNT', message };
}

/** Columns may be called anything, also `__proto__`: no property of an object is set by name. */
function toObject(columns: readonly string[], cells: readonly string[]): JsonObject {
  return Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? '']));
}

function sizeOf(cells: readonly string[]): number {
  return cells.reduce((size, cell) => size + cell.length, 0);
}
