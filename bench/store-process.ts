import { randomUUID } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { toRow } from '../src/store/audit-event-rows.ts';
import type { NewAuditEvent } from '../src/store/audit-events.ts';
import { openDatabase } from '../src/store/database.ts';
import { openStore } from '../src/store/store.ts';
import { answerCommands, readInput } from './commands.ts';

// An embedded database in a process of its own, and what writing to it does to the process's event loop.

/** What a row of the audit trail holds in the bench. */
const EVENT: Omit<NewAuditEvent, 'id'> = {
  actor: 'bench',
  operation: 'updateUser',
  requestId: 'bench',
  dryRun: false,
  connectorId: null,
  connectorName: 'bench',
  targetType: 'User',
  targetId: 'a target',
  targetName: 'someone@example.com',
  changes: [{ field: 'displayName', before: 'before', after: 'after' }],
  idempotencyKey: null,
  settled: undefined,
};
const ROWS_OF_A_STATEMENT = 200;

/** What was seen while rows were written. */
export interface Writing {
  /** How much later than asked for a timer of 10 ms fires at most, in milliseconds: half the time, and 99 of 100 times. */
  readonly delays: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Processor time of all threads, and of the main one, in milliseconds. */
  readonly processorMs: number;
  readonly mainMs: number;
}

const { dataDir } = readInput<{ dataDir: string }>();
const options = { dataDir, secretKeys: [] };
await (await openStore(options)).close();
const database = await openDatabase(options);
process.on('disconnect', () => void database.close());

answerCommands({}, async (command, input) => {
  const { count = 0 }: { count?: number } = input;
  if (command === 'write') return write(count);
  if (command === 'insert') return insertOneByOne(count);
  throw new Error(`There is no command ${command}.`);
});

async function write(rows: number): Promise<Writing> {
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  // It counts from one time that the timer fires to the next.
  await sleep(50);
  const before = [process.cpuUsage(), process.threadCpuUsage()] as const;
  for (let written = 0; written < rows; written += ROWS_OF_A_STATEMENT) await insert(ROWS_OF_A_STATEMENT);
  const [all, main] = [process.cpuUsage(before[0]), process.threadCpuUsage(before[1])];
  // The last delay is known when the timer has fired.
  await sleep(50);
  delays.disable();
  const ms = (nanoseconds: number) => nanoseconds / 1e6;
  return {
    delays: { p50: ms(delays.percentile(50)), p99: ms(delays.percentile(99)), max: ms(delays.max) },
    processorMs: (all.user + all.system) / 1_000,
    mainMs: (main.user + main.system) / 1_000,
  };
}

/** Milliseconds until each row is on the disk, and of processor time that the main thread takes for it. */
async function insertOneByOne(count: number): Promise<{ readonly ms: number[]; readonly mainMs: number }> {
  const ms: number[] = [];
  const before = process.threadCpuUsage();
  for (let index = 0; index < count; index += 1) {
    const began = performance.now();
    await insert(1);
    ms.push(performance.now() - began);
  }
  const main = process.threadCpuUsage(before);
  return { ms, mainMs: (main.user + main.system) / 1_000 / count };
}

async function insert(rows: number): Promise<void> {
  const values = Array.from({ length: rows }, () => toRow({ ...EVENT, id: randomUUID() }));
  await database.db.insertInto('audit_events').values(values).execute();
}
