import { UnreadableFile } from '../../errors/source.ts';
import type { ParsedBatch } from './formats.ts';
import { parseObject } from './objects.ts';
import { BatchBuilder, LARGEST_RECORD } from './source.ts';

/**
 * Reads one JSON object a line. A line that is not one is a problem, and reading continues. Empty lines are skipped.
 * Throws UnreadableFile for a line of more than 1 MiB.
 */
export async function* readJsonLines(texts: AsyncIterable<string>): AsyncGenerator<ParsedBatch> {
  const batch = new BatchBuilder();
  let lineNumber = 0;
  for await (const line of linesOf(texts)) {
    lineNumber += 1;
    if (line.trim() === '') continue;
    const at = `line ${lineNumber}`;
    const read = parseObject(line);
    if ('problem' in read) batch.addProblem({ at, ...read.problem });
    else batch.add({ at, is: 'VALUE', value: read.value }, line.length);
    if (batch.isFull) yield batch.take();
  }
  yield batch.take();
}

async function* linesOf(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let line = '';
  let lineNumber = 1;
  const checkLength = () => {
    if (line.length <= LARGEST_RECORD) return;
    throw new UnreadableFile(
      `line ${lineNumber}`,
      'The line has more than 1 MiB. Each record must be on a line of its own.',
    );
  };
  for await (const text of texts) {
    const [first = '', ...others] = text.split('\n');
    line += first;
    checkLength();
    for (const next of others) {
      yield line;
      lineNumber += 1;
      line = next;
    }
  }
  yield line;
}
