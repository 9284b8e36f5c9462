import { setImmediate as nextTurn } from 'node:timers/promises';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { lastingDatabase } from '../databases.ts';

describe('work that may be done once at a time', () => {
  it('is done one after the other under one name, and side by side under others', async () => {
    await using database = await lastingDatabase();
    await using store = await openStore(database.options);
    let [running, most] = [0, 0];
    const alone = async () => {
      running += 1;
      most = Math.max(most, running);
      await nextTurn();
      running -= 1;
    };
    await Promise.all(Array.from({ length: 10 }, () => store.exclusively('same', alone)));
    expect(most).toBe(1);
    // Each of these ends only once a second one is at work.
    const company = Promise.withResolvers<void>();
    const together = async () => {
      running += 1;
      if (running > 1) company.resolve();
      await company.promise;
    };
    await Promise.all(Array.from({ length: 30 }, (_, index) => store.exclusively(`name ${index}`, together)));
    expect(running).toBe(30);
  });

  it('may wait for other work by hundreds at once', async () => {
    await using database = await lastingDatabase();
    await using store = await openStore(database.options);
    const nested = (index: number) =>
      store.exclusively(`outer ${index}`, () =>
        store.exclusively(`inner ${index % 7}`, () => Promise.resolve(index)),
      );
    const indexes = Array.from({ length: 600 }, (_, index) => index);
    expect(await Promise.all(indexes.map(nested))).toEqual(indexes);
  });

  it('lets the next one in after a failure, which is handed on', async () => {
    await using database = await lastingDatabase();
    await using store = await openStore(database.options);
    await expect(store.exclusively('name', () => Promise.reject(new Error('failed')))).rejects.toThrow(
      'failed',
    );
    expect(await store.exclusively('name', () => Promise.resolve('done'))).toBe('done');
  });

  it.runIf(process.env.TEST_DATABASE_URL)(
    'counts what it came to, also when PostgreSQL loses the lock meanwhile',
    async () => {
      await using database = await lastingDatabase();
      await using store = await openStore(database.options);
      const result = await store.exclusively('name', async (lock) => {
        expect(lock.isHeld).toBe(true);
        const client = new Client({ connectionString: database.options.databaseUrl });
        await client.connect();
        await client.query(
          "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
        );
        await client.end();
        await expect.poll(() => lock.isHeld, { interval: 5, timeout: 10_000 }).toBe(false);
        return 'stored';
      });
      expect(result).toBe('stored');
    },
  );
});
