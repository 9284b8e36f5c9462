import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { startThread } from '../../src/store/embedded/worker-thread.ts';
import { freshFolder } from '../databases.ts';
import { askPort, freePort, kill, startProgram } from '../processes.ts';

const WITNESS = join(import.meta.dirname, '../features/preloaded-witness.cjs');

/** A change that has to reach the disk. */
const CREATE = `mutation { createConnector(input: { name: "n", clientId: "c", clientSecret: "s" }) { error { code } } }`;

describe('the thread of the embedded database', () => {
  it('ends the gateway with a sentence and exit code 1 when it dies, and the request under way with STORE_UNAVAILABLE', async () => {
    await using folder = await freshFolder();
    const port = await freePort();
    const dying = join(folder.dataDir, 'dying');
    const server = startProgram('server.ts', {
      PORT: port,
      DATA_DIR: folder.dataDir,
      LOG_LEVEL: 'silent',
      NODE_OPTIONS: `--require ${WITNESS}`,
      DIES_WHEN: dying,
    });
    try {
      await server.listening;
      writeFileSync(dying, '');
      expect(JSON.stringify(await askPort(port, CREATE))).toContain('STORE_UNAVAILABLE');
      const { code, stderr } = await server.ended;
      expect([code, stderr]).toEqual([
        1,
        `The database (embedded, in the folder ${folder.dataDir}) is lost: its thread has ended (exit code 3). Start the gateway again.\n`,
      ]);
    } finally {
      await kill(server);
    }
  });

  // Emscripten knows no number of the second.
  it.each([
    'EIO',
    'Unknown system error -117',
  ])('acknowledges nothing that the disk refuses with %s, and ends the gateway', async (code) => {
    await using folder = await freshFolder();
    const port = await freePort();
    const failing = join(folder.dataDir, 'failing');
    const server = startProgram('server.ts', {
      PORT: port,
      DATA_DIR: folder.dataDir,
      LOG_LEVEL: 'silent',
      NODE_OPTIONS: `--require ${WITNESS}`,
      DIES_WHEN: failing,
      FAILS_WITH: code,
    });
    try {
      await server.listening;
      writeFileSync(failing, '');
      expect(JSON.stringify(await askPort(port, CREATE))).toContain('STORE_UNAVAILABLE');
      const ended = await server.ended;
      expect([ended.code, ended.stderr]).toEqual([
        1,
        `The database (embedded, in the folder ${folder.dataDir}) is lost: its thread has ended (a file could not be read or written (58030)). Start the gateway again.\n`,
      ]);
    } finally {
      await kill(server);
    }
  });

  it('undoes what a connection has begun and not committed when it goes', async () => {
    await using folder = await freshFolder();
    const thread = await startThread({ dataDir: folder.dataDir });
    const connect = async () => {
      const client = new Client({ stream: () => thread.connect(), ssl: false, password: '' });
      await client.connect();
      return client;
    };
    const first = await connect();
    await first.query('create table kept (n integer)');
    await first.query('begin');
    await first.query('insert into kept values (1)');
    await first.end();
    const second = await connect();
    expect((await second.query('select * from kept')).rows).toEqual([]);
    await second.query('insert into kept values (9007199254740993::int8 % 10)');
    expect((await second.query('select n, 9007199254740993::int8 as large from kept')).rows).toEqual([
      { n: 3, large: '9007199254740993' },
    ]);
    await second.end();
    await thread.close();
  });
});
