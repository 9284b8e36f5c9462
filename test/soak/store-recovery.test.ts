import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { freshFolder } from '../databases.ts';
import { startWorld } from '../world.ts';

const HOLDER = join(import.meta.dirname, '../features/store-holder.ts');
const PATIENCE = { interval: 20, timeout: 20_000 };
/** As in the tests' empty database. */
const SEGMENT = 1_048_576;

function acknowledgedTo(dataDir: string): string {
  const path = join(dataDir, 'recovery-mark.json');
  if (!existsSync(path)) return '';
  const { acknowledgedTo: position }: { acknowledgedTo: string } = JSON.parse(readFileSync(path, 'utf8'));
  return position;
}

/** Overwrites the last so many bytes before a position of the write-ahead log, and what is behind it in the same file. */
function damageLog(dataDir: string, position: string, bytes: number): void {
  const [high = '0', low = '0'] = position.split('/');
  const from = Number.parseInt(low, 16) - bytes;
  const segment = Math.floor(from / SEGMENT);
  const name = ['1', high, segment.toString(16)].map((part) => part.toUpperCase().padStart(8, '0')).join('');
  const file = openSync(join(dataDir, 'database', 'pg_wal', name), 'r+');
  writeSync(file, Buffer.alloc(SEGMENT - (from % SEGMENT), 0xff), 0, undefined, from % SEGMENT);
  closeSync(file);
}

/** What a gateway on this folder says of the recovery in its log and metrics. */
async function toldOn(dataDir: string) {
  await using store = await openStore({ dataDir, secretKeys: [] });
  await using world = await startWorld({ store, connector: false });
  const lines = world.log
    .filter((line) => line.includes('was killed or crashed'))
    .map((line) => JSON.parse(line));
  const metrics = await world.gateway.fetchMetrics(new Request('http://gateway.test/metrics'));
  const lost = /^webex_gateway_recovery_lost_bytes (\d+)$/m.exec(await metrics.text())?.[1];
  return { lines, lost: Number(lost) };
}

describe('an embedded database', () => {
  it('whose process was killed tells after its recovery whether acknowledged writes are missing, once', async () => {
    await using folder = await freshFolder();
    await using damaged = await freshFolder();
    const { dataDir } = folder;
    const writer = spawn(process.execPath, [HOLDER, dataDir, 'write'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(writer, 'close');
    let count = 0;
    writer.stdout.on('data', (data: Buffer) => {
      count += data.toString().split('\n').length - 1;
    });
    await expect.poll(() => count, PATIENCE).toBeGreaterThan(1);
    const before = acknowledgedTo(dataDir);
    await expect.poll(() => acknowledgedTo(dataDir), PATIENCE).not.toBe(before);
    writer.kill('SIGKILL');
    await ended;
    rmSync(damaged.dataDir, { recursive: true });
    cpSync(dataDir, damaged.dataDir, { recursive: true });
    const position = acknowledgedTo(dataDir);
    damageLog(damaged.dataDir, position, 3_000);

    expect(await toldOn(dataDir)).toMatchObject({ lines: [{ level: 30, bytesLost: 0 }], lost: 0 });
    expect(await toldOn(dataDir)).toEqual({ lines: [], lost: 0 });

    // A command that comes first recovers the database, and leaves it to the gateway to tell.
    await (await openStore({ dataDir: damaged.dataDir, secretKeys: [], isCommand: true })).close();
    const { lines, lost } = await toldOn(damaged.dataDir);
    expect(lines).toMatchObject([{ level: 50, acknowledgedTo: position, bytesLost: lost }]);
    expect(lost).toBeGreaterThanOrEqual(3_000);
  });
});
