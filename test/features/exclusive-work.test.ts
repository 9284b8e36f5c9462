import { setImmediate as nextTurn } from 'node:timers/promises';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { lastingDatabase, runSql } from '../databases.ts';

/** For what takes milliseconds on a machine that is not busy. */
const PATIENCE = { interval: 5, timeout: 10_000 };

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
    await Promise.all(Array.from({ length: 10 }, () => store.withLock('same', alone)));
    expect(most).toBe(1);
    // Each of these ends only once a second one is at work.
    const company = Promise.withResolvers<void>();
    const together = async () => {
      running += 1;
      if (running > 1) company.resolve();
      await company.promise;
    };
    await Promise.all(Array.from({ length: 30 }, (_, index) => store.withLock(`name ${index}`, together)));
    expect(running).toBe(30);
  });

  it('may wait for other work by hundreds at once', async () => {
    await using database = await lastingDatabase();
    await using store = await openStore(database.options);
    const nested = (index: number) =>
      store.withLock(`outer ${index}`, () =>
        store.withLock(`inner ${index % 7}`, () => Promise.resolve(index)),
      );
    const indexes = Array.from({ length: 600 }, (_, index) => index);
    expect(await Promise.all(indexes.map(nested))).toEqual(indexes);
  });

  it('lets the next one in after a failure, which is handed on', async () => {
    await using database = await lastingDatabase();
    await using store = await openStore(database.options);
    await expect(store.withLock('name', () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await store.withLock('name', () => Promise.resolve('done'))).toBe('done');
  });

  it('is done in the order in which it was requested, and leaves the queue if its caller gives up', async () => {
    await using database = await lastingDatabase();
    await using store = await openStore(database.options);
    const order: number[] = [];
    const busy = Promise.withResolvers<void>();
    const first = store.withLock('name', () => busy.promise);
    const impatience = new AbortController();
    const waiting = [1, 2, 3, 4].map((number) =>
      store.withLock(
        'name',
        async () => {
          order.push(number);
        },
        number === 2 ? impatience.signal : undefined,
      ),
    );
    impatience.abort(new Error('gone'));
    await expect(waiting[1]).rejects.toThrow('gone');
    // Later work waits for the one at work all the same.
    const last = store.withLock('name', async () => {
      order.push(5);
    });
    expect(order).toEqual([]);
    busy.resolve();
    await Promise.all([first, waiting[0], waiting[2], waiting[3], last]);
    expect(order).toEqual([1, 3, 4, 5]);
  });

  it.runIf(process.env.TEST_DATABASE_URL)('is done in order among processes, too', async () => {
    await using database = await lastingDatabase();
    const { options } = database;
    const stores = [await openStore(options), await openStore(options), await openStore(options)];
    const client = new Client({ connectionString: options.databaseUrl });
    await client.connect();
    const queued = async () => {
      const { rows } = await client.query<{ count: number }>(
        "select count(*)::integer as count from pg_locks where locktype = 'advisory' and objsubid = 2 and database = (select oid from pg_database where datname = current_database())",
      );
      return rows[0]?.count;
    };
    const order: string[] = [];
    const busy = Promise.withResolvers<void>();
    const enter = (index: number, name: string) =>
      stores[index]?.withLock('name', async () => {
        order.push(name);
        if (name === 'first') await busy.promise;
      });
    const all = [enter(0, 'first')];
    await expect.poll(() => order, PATIENCE).toEqual(['first']);
    for (const [index, name] of [
      [1, 'second'],
      [2, 'third'],
      [0, 'fourth'],
    ] as const) {
      const before = await queued();
      all.push(enter(index, name));
      // Within a process one waits for the lock, the others for that one.
      if (index > 0) await expect.poll(queued, PATIENCE).toBe(Number(before) + 1);
    }
    busy.resolve();
    await Promise.all(all);
    expect(order).toEqual(['first', 'second', 'third', 'fourth']);
    await client.end();
    await Promise.all(stores.map((store) => store.close()));
  });

  it.runIf(process.env.TEST_DATABASE_URL)(
    'counts what it came to, also when PostgreSQL loses the lock meanwhile',
    async () => {
      await using database = await lastingDatabase();
      await using store = await openStore(database.options);
      const result = await store.withLock('name', async (lock) => {
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

  it.runIf(process.env.TEST_DATABASE_URL)(
    'keeps no lock of a statement that fails after it has taken some',
    async () => {
      await using database = await lastingDatabase();
      const failing = `create function public.hashtextextended(name text, seed bigint) returns bigint language plpgsql as $$
        begin
          if name = 'failing' then raise exception 'out of memory' using errcode = '53200'; end if;
          return pg_catalog.hashtextextended(name, seed);
        end $$`;
      await runSql(database, failing);
      const url = new URL(database.options.databaseUrl ?? '');
      url.searchParams.set('options', '-c search_path=public,pg_catalog');
      await using store = await openStore({ ...database.options, databaseUrl: url.href });
      const work = () => Promise.resolve('done');
      await store.withLock('before', work);
      const names = ['one', 'two', 'failing', 'three'];
      const all = await Promise.allSettled(names.map((name) => store.withLock(name, work)));
      expect(all.map(({ status }) => status)).toEqual(names.map(() => 'rejected'));
      // Another process gets each of them.
      await using other = await openStore(database.options);
      const signal = AbortSignal.timeout(10_000);
      for (const name of names) expect(await other.withLock(name, work, signal)).toBe('done');
    },
  );
});
