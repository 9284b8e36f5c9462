import type { Json, SyncProblem } from '../../store/sync/words.ts';
import type { SourceRecord } from '../words.ts';
import { readObject } from './objects.ts';
import type { Source } from './source.ts';

/** Rows that one request can have. */
export const MOST_ROWS = 500;

/**
 * Rows of a request. They never are the whole of a source: users who are not among them may still exist.
 * @param rows at most 500
 */
export function createInlineSource(rows: readonly Json[]): Source {
  const records: SourceRecord[] = [];
  const problems: SyncProblem[] = [];
  for (const [index, row] of rows.entries()) {
    const at = `row ${index + 1}`;
    const read = readObject(row);
    if ('problem' in read) problems.push({ at, ...read.problem });
    else records.push({ at, is: 'VALUE', value: read.value });
  }
  const names = new Set(records.flatMap(({ value }) => Object.keys(value ?? {})));
  return {
    describe: () => Promise.resolve({ names: [...names], isComplete: false }),
    async *read(signal) {
      signal.throwIfAborted();
      yield { records, problems, end: 'CHANGES' };
    },
  };
}
