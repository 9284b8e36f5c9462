import { emptyFolder } from '../databases.ts';
import { startProgram } from '../processes.ts';
import { atMost, duration, median, type Question } from '../question.ts';
import type { Writing } from '../store-process.ts';

const ROWS = 100_000;
const QUICK_ROWS = 10_000;
const INSERTS = 300;

/** What does writing to the embedded database do to the gateway's thread? */
export const embeddedDatabase: Question = {
  name: 'embedded-database',
  async measure({ quick }) {
    const rows = quick ? QUICK_ROWS : ROWS;
    const runs = quick ? 1 : 5;
    const writings: Writing[] = [];
    const inserts: { ms: number; mainMs: number }[] = [];
    for (let run = 0; run < runs; run += 1) {
      await using program = await startProgram('bench/store-process.ts', {
        input: { dataDir: await emptyFolder() },
        isGateway: true,
      });
      await program.ask('insert', { count: INSERTS });
      const { ms, mainMs } = await program.ask<{ ms: number[]; mainMs: number }>('insert', {
        count: INSERTS,
      });
      inserts.push({ ms: median(ms), mainMs });
      writings.push(await program.ask<Writing>('write', { count: rows }));
    }
    const of = (value: (writing: Writing) => number) => median(writings.map(value));
    const [p50, p99, worst] = [
      of(({ delays }) => delays.p50),
      of(({ delays }) => delays.p99),
      of(({ delays }) => delays.max),
    ];
    return [
      {
        what: `${rows.toLocaleString('en')} audit events written, 200 a statement: processor time of the main thread, of all threads, and delay of timers`,
        gateway: `${duration(of(({ mainMs }) => mainMs))}, ${duration(of(({ processorMs }) => processorMs))}; delay ${duration(p50)} (99 %: ${duration(p99)}, worst ${duration(worst)})`,
        runs,
        goals: [atMost('99 % of delays', Math.round(p99), 100, ' ms')],
      },
      {
        what: 'one audit event written, synced to disk: time, and processor time of the main thread',
        gateway: `${duration(median(inserts.map(({ ms }) => ms)))}, ${median(inserts.map(({ mainMs }) => mainMs)).toFixed(2)} ms`,
        runs: runs * INSERTS,
      },
    ];
  },
};
