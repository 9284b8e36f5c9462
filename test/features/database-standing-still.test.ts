import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../../src/errors/start.ts';
import { openStore } from '../../src/store/store.ts';
import { change, idOf } from '../changes.ts';
import { freshDatabase } from '../databases.ts';
import { type StallableServer, stallable } from '../stallable-server.ts';
import { startWorld } from '../world.ts';

/** For what takes milliseconds on a machine that is not busy. */
const PATIENCE = { interval: 5, timeout: 10_000 };

/** A database behind a server that can stand still, and how to open it with short timeouts. */
async function opened(timeouts: { statement: number; query: number; lock: number }) {
  const all = { connect: 500, ...timeouts };
  const resources = new AsyncDisposableStack();
  const database = resources.use(await freshDatabase());
  const server: StallableServer = resources.use(await stallable(database.options.databaseUrl ?? ''));
  const store = resources.use(
    await openStore({ ...database.options, databaseUrl: server.url, timeouts: all }),
  );
  return { database, server, store, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

const done = () => Promise.resolve('done');

describe.runIf(process.env.TEST_DATABASE_URL)('a PostgreSQL that stands still', () => {
  it('costs no lock, however long the query for another lock takes', async () => {
    await using world = await opened({ statement: 200, query: 300, lock: 60_000 });
    const { store, server } = world;
    const other = await openStore(world.database.options);
    let losses = 0;
    store.onLocksLost(() => {
      losses += 1;
    });
    await store.withLock('first', async (lock) => {
      server.stall();
      const second = store.withLock('second', done);
      // A query of the pool ends by its own timeout meanwhile, which a lock's does not.
      await expect(store.throttles.remaining()).rejects.toThrow(StoreUnavailable);
      server.goOn();
      expect(await second).toBe('done');
      expect(lock.isHeld).toBe(true);
      const impatient = AbortSignal.abort(new Error('held elsewhere'));
      await expect(other.withLock('first', done, impatient)).rejects.toThrow('held elsewhere');
    });
    expect(await other.withLock('first', done)).toBe('done');
    expect(losses).toBe(0);
    await other.close();
  });

  it('ends the waiting for a lock in time, and leaves none behind when it goes on', async () => {
    await using world = await opened({ statement: 200, query: 300, lock: 400 });
    const { store, server } = world;
    const other = await openStore(world.database.options);
    await store.withLock('first', async (lock) => {
      server.stall();
      await expect(store.withLock('second', done)).rejects.toThrow(StoreUnavailable);
      server.goOn();
      expect(lock.isHeld).toBe(true);
    });
    for (const name of ['first', 'second']) expect(await other.withLock(name, done)).toBe('done');
    expect(await store.withLock('second', done)).toBe('done');
    await other.close();
  });

  it('is told as STORE_UNAVAILABLE in time, and does not keep the connections of the queries it held', async () => {
    await using world = await opened({ statement: 200, query: 300, lock: 400 });
    const { store, server } = world;
    server.stall();
    const asked = Array.from({ length: 8 }, () => store.connectors.list());
    for (const answer of await Promise.allSettled(asked)) {
      expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'STORE_UNAVAILABLE' } });
    }
    server.goOn();
    expect(await store.connectors.list()).toEqual([]);
  });

  it('ends a statement that takes too long, and tells so', async () => {
    await using world = await opened({ statement: 200, query: 10_000, lock: 400 });
    const client = new Client({ connectionString: world.database.options.databaseUrl });
    await client.connect();
    await client.query('begin');
    await client.query('lock table throttles');
    await expect(world.store.throttles.remaining()).rejects.toThrow('a statement took too long (57014)');
    await client.end();
  });

  it('has a change answered that nothing was sent, and makes the next one when it goes on', async () => {
    await using opening = await opened({ statement: 200, query: 1_000, lock: 1_000 });
    const { store, server } = opening;
    await using world = await startWorld({ store });
    const [person] = world.webex.people;
    const id = await idOf(world, 'user', person?.id ?? '');
    expect((await change(world, 'updateUser', { id, user: { title: 'Before' } })).outcome).toBe('APPLIED');
    world.webex.requests.clear();
    server.stall();
    const refused = await world.query(
      'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { outcome error { code } } }',
      {
        input: { id, user: { title: 'Meanwhile' } },
      },
    );
    expect(JSON.stringify(refused)).toMatch(/NOT_RECORDED|STORE_UNAVAILABLE/);
    server.goOn();
    expect(world.webex.person(person?.id ?? '')?.title).toBe('Before');
    expect(world.webex.requests.all.filter(({ method }) => method === 'PUT')).toEqual([]);
    await expect
      .poll(
        async () => (await change(world, 'updateUser', { id, user: { title: 'Afterwards' } })).outcome,
        PATIENCE,
      )
      .toBe('APPLIED');
    expect(world.webex.person(person?.id ?? '')?.title).toBe('Afterwards');
    expect(world.log.join()).toContain('a change could not be recorded, and was not sent');
  });

  it('is known to have ended a session once it says so, and that is logged and counted', async () => {
    await using opening = await opened({ statement: 5_000, query: 5_000, lock: 5_000 });
    const { store } = opening;
    await using world = await startWorld({ store, connector: false });
    await store.withLock('first', async (lock) => {
      const client = new Client({ connectionString: opening.database.options.databaseUrl });
      await client.connect();
      await client.query(
        "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
      );
      await client.end();
      await expect.poll(() => lock.isHeld, PATIENCE).toBe(false);
    });
    expect(world.log.filter((line) => line.includes('that holds the locks was lost'))).toHaveLength(1);
    const metrics = await (
      await world.gateway.fetchMetrics(new Request('http://gateway.test/metrics'))
    ).text();
    expect(metrics).toContain('webex_gateway_lock_sessions_lost_total 1');
    expect(await store.withLock('first', done)).toBe('done');
  });
});
