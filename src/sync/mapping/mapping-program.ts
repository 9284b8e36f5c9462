import { writeSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import type { MappedRecord, SourceRecord } from '../words.ts';
import { RecordMapper } from './map-record.ts';
import type { ProgramAnswer, ProgramOrder } from './mapping-process.ts';

// The program that maps records: `mapping-process.ts` starts it in a process of its own.

const STDOUT = 1;

let mapper: RecordMapper | undefined;
const row = Buffer.alloc(4);

process.on('message', (order: ProgramOrder) => {
  if (order.do === 'open') {
    mapper = new RecordMapper(order.mapping);
    answer({ state: 'open' });
  } else answer(mapAll(order.records, order.milliseconds));
});
// The gateway has ended.
process.on('disconnect', () => process.exit());

function mapAll(records: readonly SourceRecord[], milliseconds: number): ProgramAnswer {
  const mapped: MappedRecord[] = [];
  const work = () => {
    for (const [index, record] of records.entries()) {
      tellRow(index);
      if (mapper !== undefined) mapped.push(mapper.map(record));
    }
  };
  try {
    withinTime(work, milliseconds);
    return { state: 'mapped', records: mapped };
  } catch (error) {
    const isTooSlow =
      error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    if (!isTooSlow) throw error;
    return { state: 'too slow', row: mapped.length };
  }
}

/** Runs something, and interrupts it when its time is over: only what a script calls can be interrupted. */
function withinTime(work: () => void, milliseconds: number): void {
  Object.defineProperty(globalThis, 'work', { value: work, configurable: true });
  runInThisContext('work()', { timeout: milliseconds });
}

/** Tells at once which row is next, so that the gateway knows it even if this process ends in the middle. */
function tellRow(index: number): void {
  row.writeUInt32LE(index);
  try {
    writeSync(STDOUT, row);
  } catch {
    // The gateway reads slowly, and learns of a later row.
  }
}

function answer(news: ProgramAnswer): void {
  process.send?.(news);
}
