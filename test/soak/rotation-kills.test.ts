import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { freshFolder } from '../databases.ts';
import { kill, startProgram } from '../processes.ts';
import { ROUNDS, random } from './rounds.ts';

// kill -9 at random moments of a rotation: of the process that has the folder and writes, which the command asks,
// and of the command where it rotates by itself.

const HOLDER = join(import.meta.dirname, '../features/store-holder.ts');

/** A process that has the folder, and stores secrets until it is killed; says which ones are on disk. */
function startWriter(dataDir: string) {
  const child = spawn(process.execPath, [HOLDER, dataDir, 'write'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
  });
  const closed = once(child, 'close');
  return {
    /** Names of the connectors stored so far; the last line may be a part. */
    stored: () => said.split('\n').slice(1, -1),
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** Stores some secrets, for a rotation that nobody writes beside. */
async function fill(dataDir: string): Promise<string[]> {
  const writer = startWriter(dataDir);
  await expect.poll(() => writer.stored().length, { timeout: 20_000 }).toBeGreaterThan(50);
  await writer.kill();
  return writer.stored();
}

describe(`${ROUNDS} kills -9 during rotations of the key file`, () => {
  it('lose no stored secret, and leave one key in the end', async () => {
    await using folder = await freshFolder();
    const { dataDir } = folder;
    const options = { dataDir, secretKeys: [] };
    const keyFile = join(dataDir, 'secret.key');
    await (await openStore(options)).close();
    let count = 0;
    const found = { notBegun: 0, rotated: 0, brokenOff: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = readFileSync(keyFile, 'utf8');
      const isServed = round % 2 === 0;
      // Every third one anywhere, also before anything has begun.
      const isAnywhere = round % 3 === 2;
      const kept = isServed ? [] : await fill(dataDir);
      const writer = isServed ? startWriter(dataDir) : undefined;
      if (writer !== undefined)
        await expect.poll(() => writer.stored().length, { timeout: 20_000 }).toBeGreaterThan(3);
      const command = startProgram('cli/rotate-keys.ts', { DATA_DIR: dataDir });
      const hasBegun = () => readFileSync(keyFile, 'utf8') !== before || command.child.exitCode !== null;
      if (!isAnywhere) await expect.poll(hasBegun, { interval: 2, timeout: 20_000 }).toBe(true);
      await sleep(random() * (isAnywhere ? 2_000 : 400));
      await writer?.kill();
      await kill(command);
      const stored = [...kept, ...(writer?.stored() ?? [])];
      count += stored.length;
      const killed = readFileSync(keyFile, 'utf8');
      if (killed === before) found.notBegun += 1;
      else if (killed.includes(',')) found.brokenOff += 1;
      else found.rotated += 1;

      const store = await openStore(options);
      // What the process that was killed had begun is finished.
      const note = join(dataDir, 'key-rotation');
      const isAnswered = () => !existsSync(note) || /^(done|failed)/.test(readFileSync(note, 'utf8'));
      await expect.poll(isAnswered, { timeout: 20_000 }).toBe(true);
      const secrets = new Map((await store.connectors.list()).map((each) => [each.name, each.clientSecret]));
      // Few enough values that some rotations come to their end.
      for (const { id } of await store.connectors.list()) await store.connectors.delete(id);
      await store.close();
      const lost = stored.filter((name) => secrets.get(name) !== `secret of ${name}`);
      expect(lost, `of ${stored.length} stored, in round ${round}`).toEqual([]);
      expect(readFileSync(keyFile, 'utf8')).toMatch(/^[^,]+\n$/);
      if (!isAnywhere)
        expect(readFileSync(keyFile, 'utf8'), `after ${JSON.stringify(command.output)}`).not.toBe(before);
      expect(readdirSync(dataDir).filter((name) => name.endsWith('.unfinished'))).toEqual([]);
    }
    process.stdout.write(`${JSON.stringify(found)} with ${count} secrets\n`);
    expect(found.brokenOff).toBeGreaterThan(0);
  });
});
