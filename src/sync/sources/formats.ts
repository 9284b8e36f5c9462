import type { SyncFileFormat } from '../../store/sync/words.ts';
import { readCsv } from './csv.ts';
import { readJsonArray } from './json-array.ts';
import { readJsonLines } from './json-lines.ts';
import type { SourceBatch } from './source.ts';

/** A batch of a file's records. */
export interface ParsedBatch extends Omit<SourceBatch, 'end'> {
  /** Names of the columns of CSV, in its first batch. */
  readonly columns?: readonly string[];
}

/** How each format is read. Throws UnreadableFile where it cannot go on. */
export const FORMATS: Readonly<
  Record<SyncFileFormat, (texts: AsyncIterable<string>) => AsyncIterable<ParsedBatch>>
> = { CSV: readCsv, JSON_LINES: readJsonLines, JSON: readJsonArray };
