import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type Store } from '../../src/store/store.ts';
import { type FreshDatabase, freshDatabase } from '../databases.ts';

let database: FreshDatabase;
let store: Store;
beforeAll(async () => {
  database = await freshDatabase();
  store = await openStore(database.options);
  await beginListening(store);
});
afterAll(async () => {
  await store.close();
  await database[Symbol.asyncDispose]();
});

/** Resolves when the store listens, so that nothing is missed any more. */
async function beginListening(to: Store): Promise<void> {
  const listening = Promise.withResolvers<void>();
  to.notices.subscribe('begin', () => undefined, { onGap: listening.resolve });
  if (to.kind === 'postgresql') await listening.promise;
}

/** Collects what is heard on a topic. */
function collect(from: Store, topic: string): unknown[] {
  const heard: unknown[] = [];
  from.notices.subscribe(topic, (payload) => heard.push(payload));
  return heard;
}

/** Resolves when everything that was published before on this store has been heard on it. */
async function settle(): Promise<void> {
  const last = Promise.withResolvers<void>();
  const unsubscribe = store.notices.subscribe('last', () => last.resolve());
  await store.notices.publish('last', {});
  await last.promise;
  unsubscribe();
}

describe('notices', () => {
  test('reach everybody who has subscribed to their topic, in order, and nobody else', async () => {
    const [one, other, stranger] = [
      collect(store, 'greetings'),
      collect(store, 'greetings'),
      collect(store, 'strangers'),
    ];
    const sent = Array.from({ length: 20 }, (_, number) => ({
      number,
      text: 'ä "quoted"\n€',
      nothing: null,
    }));
    for (const payload of sent) await store.notices.publish('greetings', payload);
    await settle();
    expect([one, other, stranger]).toEqual([sent, sent, []]);
  });

  test('come no more after unsubscribing', async () => {
    const heard: unknown[] = [];
    const unsubscribe = store.notices.subscribe('ends', (payload) => heard.push(payload));
    await store.notices.publish('ends', { number: 1 });
    await settle();
    unsubscribe();
    unsubscribe();
    await store.notices.publish('ends', { number: 2 });
    await settle();
    expect(heard).toEqual([{ number: 1 }]);
  });

  test('reach the others when one listener fails', async () => {
    store.notices.subscribe('failures', () => {
      throw new Error('at once');
    });
    store.notices.subscribe('failures', () => Promise.reject(new Error('later')));
    const heard = collect(store, 'failures');
    await store.notices.publish('failures', { number: 1 });
    await store.notices.publish('failures', { number: 2 });
    await settle();
    expect(heard).toEqual([{ number: 1 }, { number: 2 }]);
  });

  test('are refused when they are longer than PostgreSQL bears, and taken up to there', async () => {
    const heard = collect(store, 'long');
    const frame = JSON.stringify({ topic: 'long', payload: { text: '' } }).length;
    const longest = { text: 'x'.repeat(7_999 - frame) };
    await store.notices.publish('long', longest);
    await expect(store.notices.publish('long', { text: `${longest.text}x` })).rejects.toThrow(RangeError);
    await expect(store.notices.publish('long', { text: 'ä'.repeat(4_000) })).rejects.toThrow(RangeError);
    await settle();
    expect(heard).toEqual([longest]);
  });

  test('need nobody who listens', async () => {
    await store.notices.publish('nobody', { number: 1 });
    expect(collect(store, 'nobody')).toEqual([]);
  });

  test('end with the store, also while it has only begun to listen', async () => {
    await using own = await freshDatabase();
    const closing = await openStore(own.options);
    const heard: unknown[] = [];
    closing.notices.subscribe('end', (payload) => heard.push(payload));
    await Promise.all([closing.close(), closing.close()]);
    closing.notices.subscribe('end', (payload) => heard.push(payload));
    await closing.close();
    expect(heard).toEqual([]);
  });
});

describe.runIf(process.env.TEST_DATABASE_URL)(
  'notices on PostgreSQL (needs a server: TEST_DATABASE_URL)',
  () => {
    async function onDatabase(statement: string, parameters: string[] = []): Promise<unknown[]> {
      const client = new Client({ connectionString: database.options.databaseUrl });
      await client.connect();
      const { rows } = await client.query(statement, parameters);
      await client.end();
      return rows;
    }
    const listeners = "from pg_stat_activity where datname = current_database() and query like 'listen %'";

    test('reach another process', async () => {
      await using other = await openStore(database.options);
      await beginListening(other);
      const [here, there] = [collect(store, 'both'), collect(other, 'both')];
      await store.notices.publish('both', { from: 'here' });
      await other.notices.publish('both', { from: 'there' });
      const both = [{ from: 'here' }, { from: 'there' }];
      await expect.poll(() => [here, there]).toEqual([both, both]);
    });

    test('take one connection for all topics, which goes with the store', async () => {
      const before = await onDatabase(`select pid ${listeners}`);
      const other = await openStore(database.options);
      await beginListening(other);
      collect(other, 'one');
      collect(other, 'two');
      expect(await onDatabase(`select pid ${listeners}`)).toHaveLength(before.length + 1);
      await other.close();
      await expect.poll(() => onDatabase(`select pid ${listeners}`)).toHaveLength(before.length);
    });

    test('arrive again after the connection was cut, and a gap is reported before', async () => {
      const events: unknown[] = [];
      let gap = Promise.withResolvers<void>();
      store.notices.subscribe('cut', (payload) => events.push(payload), {
        onGap: () => {
          events.push('gap');
          gap.resolve();
        },
      });
      await settle();
      for (const number of [1, 2]) {
        events.length = 0;
        gap = Promise.withResolvers();
        await onDatabase(`select pg_terminate_backend(pid) ${listeners}`);
        await gap.promise;
        await store.notices.publish('cut', { number });
        await settle();
        expect(events).toEqual(['gap', { number }]);
      }
    });

    test('are not disturbed by what others say on the channel', async () => {
      const heard = collect(store, 'noise');
      for (const text of ['', 'nonsense', 'null', '7', '{"topic":7}', '[]']) {
        await onDatabase(`select pg_notify('webex_gateway_notices', $1)`, [text]);
      }
      await store.notices.publish('noise', { number: 1 });
      await settle();
      expect(heard).toEqual([{ number: 1 }]);
    });

    test('go over a connection like the others, with the options of the URL', async () => {
      const url = new URL(database.options.databaseUrl ?? '');
      url.searchParams.set('application_name', 'as the URL says');
      await using other = await openStore({ ...database.options, databaseUrl: url.href });
      await beginListening(other);
      const names = await onDatabase(`select application_name ${listeners}`);
      expect(names).toContainEqual({ application_name: 'as the URL says' });
    });

    test('that cannot be heard are reported once, and tried again', async () => {
      await using own = await freshDatabase();
      const name = new URL(own.options.databaseUrl ?? '').pathname.slice(1);
      await using deaf = await openStore(own.options);
      await beginListening(deaf);
      // The connections that are open stay; no new one is let in.
      await onDatabase(`alter database ${name} allow_connections false`);
      const events: string[] = [];
      const gap = Promise.withResolvers<void>();
      const failure = Promise.withResolvers<void>();
      deaf.notices.subscribe('deaf', () => undefined, {
        onGap: () => {
          events.push('gap');
          gap.resolve();
        },
        onFailure: (error) => {
          events.push(String(error));
          failure.resolve();
        },
      });
      await onDatabase(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and query like 'listen %'",
        [name],
      );
      await failure.promise;
      const late = Promise.withResolvers<unknown>();
      deaf.notices.subscribe('late', () => undefined, { onFailure: late.resolve });
      await late.promise;
      await onDatabase(`alter database ${name} allow_connections true`);
      await gap.promise;
      expect(events).toEqual([expect.stringContaining('not currently accepting connections'), 'gap']);
    });
  },
);
