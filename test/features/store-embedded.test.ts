import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { StoreInUse, StoreUnavailable } from '../../src/errors/start.ts';
import { openDatabase } from '../../src/store/database.ts';
import { openStore } from '../../src/store/store.ts';
import { CONNECTOR, freshFolder } from '../databases.ts';

const HOLDER = fileURLToPath(new URL('./store-holder.ts', import.meta.url));
const WITNESS = fileURLToPath(new URL('./preloaded-witness.cjs', import.meta.url));
const SEED = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000);
const KILLS = 1;

/** Starts a process that holds the folder; resolves once it does. Disposing kills it. */
async function startHolder(dataDir: string, task: 'hold' | 'write', flags: readonly string[] = []) {
  const child = spawn(process.execPath, [...flags, HOLDER, dataDir, task], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  while ((await nextLine(lines)) !== 'ready');
  return {
    lines,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      child.stdout.resume();
      await closed;
    },
    kill: () => child.kill('SIGKILL'),
  };
}

async function nextLine(lines: AsyncIterator<string, unknown>): Promise<string> {
  const line = await lines.next();
  if (line.done === true) throw new Error('The process ended without another line.');
  return line.value;
}

const NEW_CONNECTOR = {
  name: 'Example',
  ...CONNECTOR,
  clientSecret: 'secret',
};

describe('a data folder', () => {
  test('is made with its key, both for their owner alone, and with checksums on the pages of its database', async () => {
    await using folder = await freshFolder();
    const dataDir = join(folder.dataDir, 'new', 'folder');
    const store = await openStore({ dataDir, secretKeys: [] });
    await store.close();
    expect(readdirSync(dataDir).sort()).toEqual([
      'database',
      'gateway.lock',
      'recovery-mark.json',
      'secret.key',
    ]);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(statSync(join(dataDir, 'secret.key')).mode & 0o777).toBe(0o600);
    const database = await openDatabase({ dataDir });
    const { rows } = await sql<{ data_checksums: string }>`show data_checksums`.execute(database.db);
    await database.close();
    expect(rows).toEqual([{ data_checksums: 'on' }]);
  });

  test('that others may use is closed to them, and so is its key, when it is opened', async () => {
    await using folder = await freshFolder();
    const { dataDir } = folder;
    const keyFile = join(dataDir, 'secret.key');
    await (await openStore({ dataDir, secretKeys: [] })).close();
    chmodSync(dataDir, 0o755);
    chmodSync(keyFile, 0o644);
    await (await openStore({ dataDir, secretKeys: [] })).close();
    expect([dataDir, keyFile].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
  });

  test('is left as it is, and refused, if others may use it and it holds other files: it may be theirs', async () => {
    await using folder = await freshFolder();
    const dataDir = join(folder.dataDir, 'mounted');
    mkdirSync(join(dataDir, 'lost+found'), { recursive: true });
    chmodSync(dataDir, 0o755);
    await (await openStore({ dataDir: join(dataDir, 'new'), secretKeys: [] })).close();
    await expect(openStore({ dataDir, secretKeys: [] })).rejects.toThrow(
      /mode 755\).* holds files that are not the gateway's\. Run chmod go= .* or set DATA_DIR to a new folder/,
    );
    expect(statSync(dataDir).mode & 0o777).toBe(0o755);
    rmSync(join(dataDir, 'new'), { recursive: true });
    await (await openStore({ dataDir, secretKeys: [] })).close();
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  });

  test('keeps what was stored', async () => {
    await using folder = await freshFolder();
    const { dataDir } = folder;
    const store = await openStore({ dataDir, secretKeys: [] });
    const made = await store.connectors.create(NEW_CONNECTOR);
    await store.close();
    const again = await openStore({ dataDir, secretKeys: [] });
    expect(await again.connectors.list()).toEqual([made]);
    await again.close();
  });

  test('belongs to one store of a process at a time', async () => {
    await using folder = await freshFolder();
    const store = await openStore(folder.options);
    await expect(openStore(folder.options)).rejects.toThrow(StoreInUse);
    await store.connectors.create(NEW_CONNECTOR);
    await store.close();
    await store.close();
    const again = await openStore(folder.options);
    expect(await again.connectors.list()).toHaveLength(1);
    await again.close();
  });

  test('belongs to one process at a time, and is free as soon as that is killed', async () => {
    await using folder = await freshFolder();
    const { dataDir } = folder;
    await using holder = await startHolder(dataDir, 'hold');
    await expect(openStore({ dataDir, secretKeys: [] })).rejects.toThrow(StoreInUse);
    await expect(openStore({ dataDir, secretKeys: [] })).rejects.toThrow(dataDir);
    await holder[Symbol.asyncDispose]();
    const again = await openStore({ dataDir, secretKeys: [] });
    await again.close();
  });

  test(`loses no acknowledged row in a kill while writing (TEST_SEED=${SEED})`, async () => {
    await using folder = await freshFolder();
    const { dataDir } = folder;
    const acknowledged: string[] = [];
    let random = SEED;
    for (let round = 0; round < KILLS; round++) {
      await using holder = await startHolder(dataDir, 'write');
      const { lines } = holder;
      random = (random * 48_271 + 11) % 2_147_483_647;
      for (let count = random % 150; count >= 0; count--) acknowledged.push(await nextLine(lines));
      holder.kill();
      // What it had still said before it died counts as well.
      for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
        acknowledged.push(line.value);
      }
      await holder[Symbol.asyncDispose]();
      const after = await openStore({ dataDir, secretKeys: [] });
      const secrets = new Map(
        (await after.connectors.list()).map(({ name, clientSecret }) => [name, clientSecret]),
      );
      await after.close();
      const lost = acknowledged.filter((name) => secrets.get(name) !== `secret of ${name}`);
      expect(lost, `of ${acknowledged.length} acknowledged`).toEqual([]);
    }
  });

  test('has the write-ahead log synced to disk before a write is acknowledged', async () => {
    await using folder = await freshFolder();
    await using holder = await startHolder(folder.dataDir, 'write', ['--require', WITNESS]);
    const wal = join(folder.dataDir, 'database', 'pg_wal');
    const log = new Set(readdirSync(wal).map((name) => String(statSync(join(wal, name)).ino)));
    let isSynced = false;
    for (let acknowledged = 0; acknowledged < 20; ) {
      const line = await nextLine(holder.lines);
      const inode = /^synced (\d+)$/.exec(line)?.[1];
      if (inode !== undefined) isSynced ||= log.has(inode);
      else {
        expect(isSynced, `write ${acknowledged}`).toBe(true);
        isSynced = false;
        acknowledged += 1;
      }
    }
  });
});

describe('a first start that was interrupted', () => {
  test('while the database was made begins again', async () => {
    await using folder = await freshFolder();
    const { dataDir } = folder;
    rmSync(join(dataDir, 'database'), { recursive: true });
    mkdirSync(join(dataDir, 'database.unfinished', 'base'), { recursive: true });
    writeFileSync(join(dataDir, 'database.unfinished', 'PG_VERSION'), '1');
    const store = await openStore(folder.options);
    expect(await store.connectors.list()).toEqual([]);
    await store.close();
    expect(existsSync(join(dataDir, 'database.unfinished'))).toBe(false);
  });
});

describe('a damaged database is refused, with the folder and the remedy named:', () => {
  const firstLog = (folder: string) => readdirSync(folder).find((name) => /^0/.test(name)) ?? '';
  const entries = (folder: string) =>
    readdirSync(folder)
      .filter((name) => name !== 'postmaster.pid')
      .sort();
  const damages: [string, (database: string) => void][] = [
    ['PG_VERSION missing', (database) => rmSync(join(database, 'PG_VERSION'))],
    [
      'everything missing',
      (database) => {
        rmSync(database, { recursive: true });
        mkdirSync(database);
      },
    ],
    ['pg_control cut', (database) => truncateSync(join(database, 'global', 'pg_control'), 100)],
    [
      'pg_control overwritten',
      (database) => writeFileSync(join(database, 'global', 'pg_control'), Buffer.alloc(8192, 7)),
    ],
    ['the tables missing', (database) => rmSync(join(database, 'base'), { recursive: true })],
    [
      'the write-ahead log cut',
      (database) => truncateSync(join(database, 'pg_wal', firstLog(join(database, 'pg_wal'))), 1000),
    ],
  ];

  test.each(damages)('%s', async (_what, damage) => {
    await using folder = await freshFolder();
    const database = join(folder.dataDir, 'database');
    damage(database);
    const before = entries(database);
    // Twice: the first refusal lets go of the folder, and makes nothing better or worse.
    for (let attempt = 0; attempt < 2; attempt++) {
      const refusal = await openStore(folder.options).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(StoreUnavailable);
      expect(String(refusal)).toContain(database);
      expect(String(refusal)).toMatch(/backup/);
    }
    expect(entries(database)).toEqual(before);
  });

  test('the database missing while its key is there', async () => {
    await using folder = await freshFolder();
    const { dataDir } = folder;
    const store = await openStore({ dataDir, secretKeys: [] });
    await store.close();
    rmSync(join(dataDir, 'database'), { recursive: true });
    await expect(openStore({ dataDir, secretKeys: [] })).rejects.toThrow(/database.*backup/);
  });

  test('the data folder being a file', async () => {
    await using folder = await freshFolder();
    const dataDir = join(folder.dataDir, 'file');
    writeFileSync(dataDir, '');
    await expect(openStore({ dataDir, secretKeys: [] })).rejects.toThrow(StoreUnavailable);
  });
});
