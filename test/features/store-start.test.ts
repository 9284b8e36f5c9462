import { inspect } from 'node:util';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { StoreTooNew, StoreUnavailable } from '../../src/errors/start.ts';
import { openDatabase } from '../../src/store/database.ts';
import { generateSecretKey } from '../../src/store/secrets/secrets.ts';
import { openStore, type StoreOptions } from '../../src/store/store.ts';
import { CONNECTOR, freshDatabase, lastingDatabase } from '../databases.ts';

const secretKeys = [generateSecretKey('test')];
const SERVER = process.env.TEST_DATABASE_URL;

async function run(options: StoreOptions, statement: string): Promise<void> {
  const raw = await openDatabase(options);
  await sql.raw(statement).execute(raw.db);
  await raw.close();
}

describe('a store', () => {
  test('answers while it is open, and not afterwards', async () => {
    await using database = await freshDatabase();
    const store = await openStore(database.options);
    expect(store.kind).toBe(SERVER === undefined ? 'embedded' : 'postgresql');
    await store.ping();
    await Promise.all([store.close(), store.close()]);
    await store.close();
    await expect(store.ping()).rejects.toThrow(StoreUnavailable);
  });

  test('shows nothing of its keys when inspected', async () => {
    await using database = await freshDatabase();
    const key = new Uint8Array(32).fill(211);
    const store = await openStore({ ...database.options, secretKeys: [{ id: 'known', key }] });
    expect(inspect(store, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toMatch(/211|d3 d3/);
    await store.close();
  });

  test('says in words of its own why a database cannot be brought up to date', async () => {
    await using database = await lastingDatabase();
    await run(database.options, 'create table connectors (canary text)');
    const refusal = await openStore(database.options).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StoreUnavailable);
    expect(String(refusal)).toMatch(/could not be brought to the newest schema: 42P07\.$/);
  });

  test('is refused a database of a newer version, which stays as it is', async () => {
    await using database = await lastingDatabase();
    const store = await openStore(database.options);
    await store.close();
    await run(database.options, `insert into store_migrations values ('9999-from-the-future', '2099')`);
    const refusal = await openStore(database.options).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StoreTooNew);
    expect(String(refusal)).toContain('9999-from-the-future');
    await run(database.options, `delete from store_migrations where name like '9999%'`);
    const again = await openStore(database.options);
    await again.close();
  });
});

describe('an unreachable PostgreSQL', () => {
  test.each([
    ['refuses connections', '127.0.0.1:1'],
    ['has a name that does not exist', 'database.invalid:5433'],
  ])('that %s is named without the password', async (_what, address) => {
    const databaseUrl = `postgres://someone:canary-password@${address}/gateway`;
    const refusal = await openStore({ databaseUrl, dataDir: 'unused', secretKeys }).catch(
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(StoreUnavailable);
    expect(String(refusal)).toContain(address);
    expect(inspect(refusal, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('canary');
  });
});

describe.skipIf(SERVER === undefined)('PostgreSQL (needs a server: TEST_DATABASE_URL)', () => {
  test('takes ten processes that start on it at once, while it is empty', async () => {
    await using database = await freshDatabase();
    const opening = Array.from({ length: 10 }, () => openStore({ ...database.options, poolSize: 2 }));
    const stores = await Promise.all(opening);
    await Promise.all(stores.map((store) => store.ping()));
    const made = await stores[0]?.connectors.create({
      name: 'Shared',
      ...CONNECTOR,
      clientSecret: 'secret',
    });
    for (const store of stores) expect(await store.connectors.list()).toEqual([made]);
    await Promise.all(stores.map((store) => store.close()));
  });

  test('is used again after it dropped every connection', async () => {
    await using database = await freshDatabase();
    await using store = await openStore(database.options);
    await store.ping();
    await run(
      database.options,
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    // Each connection of the pool may have to be tried before it is known to be gone.
    for (let attempt = 0; attempt < 4; attempt++) {
      await store.ping().catch((error: unknown) => expect(error).toBeInstanceOf(StoreUnavailable));
    }
    await store.ping();
    expect(await store.connectors.list()).toEqual([]);
  });

  test('without the database is named in a sentence', async () => {
    const url = new URL(SERVER ?? '');
    url.pathname = '/no_such_database';
    const opening = openStore({ databaseUrl: url.href, dataDir: 'unused', secretKeys });
    await expect(opening).rejects.toThrow(StoreUnavailable);
    await expect(opening).rejects.toThrow(/no_such_database/);
  });
});
