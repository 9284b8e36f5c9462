import { Client } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { lastingDatabase } from '../databases.ts';
import {
  askPort,
  connectPort,
  createConnectorAt,
  freePort,
  INTEGRATION,
  kill,
  newSecretKeys,
  type Running,
  startProgram,
  startSandboxFor,
} from '../processes.ts';
import { startWorld, type World } from '../world.ts';

const PEOPLE = 'query ($name: String) { connector(name: $name) { users(first: 1) { nodes { id } } } }';
const CATALOGUES = '{ connector { roles { name } licenses { name } groups { nodes { displayName } } } }';
const PAUSE = 'query ($name: String) { connector(name: $name) { pool { throttledUntil } } }';

/** For what takes milliseconds on a machine that is not busy. */
const PATIENCE = { interval: 5, timeout: 10_000 };

interface Pause {
  readonly connector: { readonly pool: { readonly throttledUntil: string | null } };
}

/** Resolves with the end of the pause that this gateway knows of, in epoch milliseconds, once it knows of one. */
async function pauseOf(world: World): Promise<number> {
  let end: string | null = null;
  const read = async () => {
    end = (await world.ask<Pause>(PAUSE, { name: 'acme' })).connector.pool.throttledUntil;
    return end;
  };
  await expect.poll(read, PATIENCE).not.toBeNull();
  return Date.parse(String(end));
}

describe('two gateways on one store', () => {
  it('both send nothing while Webex has asked one of them to wait', async () => {
    await using world = await startWorld();
    const second = await world.restart();
    await second.ask(PEOPLE);
    world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 429, retryAfter: 2 } });
    const first = world.ask(PEOPLE);
    await pauseOf(second);
    const refused = world.webex.requests.all.find(({ status }) => status === 429)?.endedAt ?? Number.NaN;
    world.webex.requests.clear();
    await Promise.all([second.ask(CATALOGUES), second.ask(CATALOGUES), first]);
    const ofSecond = world.webex.requests.all.filter(({ route }) => route !== 'GET /people');
    expect(ofSecond.length).toBeGreaterThanOrEqual(3);
    // Webex and the gateway look at different clocks, which may be milliseconds apart.
    for (const { startedAt } of ofSecond) expect(startedAt).toBeGreaterThanOrEqual(refused + 2_000 - 5);
    await second.gateway.close();
  });

  it('keep to a pause also when the second starts in the middle of it', async () => {
    await using world = await startWorld();
    world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 429, retryAfter: 300 } });
    expect((await world.query(PEOPLE)).errors?.[0]?.extensions.code).toBe('RATE_LIMITED');
    await expect.poll(() => world.store.throttles.remaining(), PATIENCE).toHaveProperty('size', 1);
    world.webex.requests.clear();
    const second = await world.restart();
    const { errors } = await second.query(PEOPLE);
    expect(errors?.[0]?.extensions.code).toBe('RATE_LIMITED');
    expect(errors?.[0]?.extensions.retryAfter).toBeGreaterThan(60);
    expect(await pauseOf(second)).toBeGreaterThan(Date.now() + 60_000);
    expect(world.webex.requests.count()).toBe(0);
    await second.gateway.close();
  });

  it('pause a connector that the second has not used yet, and leave the others alone', async () => {
    await using world = await startWorld();
    await using other = await startWorld();
    const second = await world.restart();
    const { createConnector } = await world.ask<{ createConnector: { connector: { id: string } } }>(
      'mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { connector { id } } }',
      { input: other.settings('other') },
    );
    const page = await Object.assign(Object.create(world), {
      connectorId: createConnector.connector.id,
    }).connect();
    expect(page.status).toBe(200);
    world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 429, retryAfter: 300 } });
    await world.query(PEOPLE, { name: 'acme' });
    expect(await pauseOf(second)).toBeGreaterThan(Date.now() + 60_000);
    const codeOf = async (name: string) =>
      (await second.query(PEOPLE, { name })).errors?.[0]?.extensions.code;
    expect(await codeOf('acme')).toBe('RATE_LIMITED');
    expect(await codeOf('other')).toBeUndefined();
    await second.gateway.close();
  });

  it('close when the pause that they met is stored', async () => {
    await using world = await startWorld();
    world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 429, retryAfter: 300 } });
    await world.query(PEOPLE);
    await world.gateway.close();
    expect((await world.store.throttles.remaining()).size).toBe(1);
    await world.store.close();
    expect(world.log.filter((line) => line.includes('"level":40'))).toEqual([]);
  });
});

const running: Running[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => kill(each)));
});

// Several processes need a database that they can share.
describe.runIf(process.env.TEST_DATABASE_URL)(
  'processes on one PostgreSQL (needs a server: TEST_DATABASE_URL)',
  () => {
    it('all keep to a pause: one that runs, one that starts, and one whose connection for notices was cut', async () => {
      await using database = await lastingDatabase();
      const databaseUrl = database.options.databaseUrl ?? '';
      const ports = await Promise.all([freePort(), freePort(), freePort()]);
      const [first, second, third] = [ports[0] ?? '', ports[1] ?? '', ports[2] ?? ''];
      await using webex = await startSandboxFor(ports);
      const environment = {
        DATABASE_URL: databaseUrl,
        SECRET_KEYS: newSecretKeys(),
      };
      const start = async (port: string) => {
        const gateway = startProgram('server.ts', { ...environment, PORT: port });
        running.push(gateway);
        await gateway.listening;
        return gateway;
      };
      const onDatabase = async (statement: string) => {
        const client = new Client({ connectionString: databaseUrl });
        await client.connect();
        await client.query(statement);
        await client.end();
      };
      const codeOf = async (port: string, name: string) => {
        return (await askPort(port, PEOPLE, { name })).errors?.[0]?.extensions.code;
      };
      const isPaused = async (port: string, name: string) => {
        return (await askPort<Pause>(port, PAUSE, { name })).data.connector.pool.throttledUntil !== null;
      };
      const throttle = async (port: string, name: string) => {
        webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 429, retryAfter: 300 } });
        expect((await askPort(port, PEOPLE, { name })).errors?.[0]?.extensions.code).toBe('RATE_LIMITED');
      };

      const [ending, staying] = await Promise.all([start(first), start(second)]);
      for (const name of ['before', 'after', 'late', 'unstored']) {
        const id = await createConnectorAt(first, webex.url, { name, ...INTEGRATION });
        expect(await connectPort(first, id)).toContain(`${name} is connected`);
        for (const port of [first, second]) expect(await codeOf(port, name)).toBeUndefined();
      }

      await throttle(first, 'before');
      await expect.poll(() => isPaused(second, 'before'), PATIENCE).toBe(true);
      await start(third);
      webex.requests.clear();
      for (const port of [second, third]) expect(await codeOf(port, 'before')).toBe('RATE_LIMITED');
      expect(webex.requests.count()).toBe(0);

      await onDatabase(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen %'",
      );
      await throttle(second, 'after');
      for (const port of [first, third])
        await expect.poll(() => isPaused(port, 'after'), PATIENCE).toBe(true);
      webex.requests.clear();
      for (const port of ports) expect(await codeOf(port, 'after')).toBe('RATE_LIMITED');
      expect(webex.requests.count()).toBe(0);

      // The request does not wait until the pause is stored; the end of its process does.
      const lock = new Client({ connectionString: databaseUrl });
      await lock.connect();
      await lock.query('begin');
      await lock.query('lock table throttles');
      await throttle(first, 'late');
      ending.child.kill('SIGTERM');
      await expect.poll(() => ending.output.stdout, PATIENCE).toContain('stopping');
      expect(await isPaused(second, 'late')).toBe(false);
      await lock.query('commit');
      await lock.end();
      const { code, stdout } = await ending.ended;
      expect(code).toBe(0);
      expect(stdout).not.toContain('could not announce');
      await expect.poll(() => isPaused(second, 'late'), PATIENCE).toBe(true);

      // That a pause cannot be stored is no trouble of the request that met it.
      await onDatabase('drop table throttles');
      await throttle(second, 'unstored');
      await expect.poll(() => staying.output.stdout, PATIENCE).toContain('could not announce a pause');
      expect(await codeOf(third, 'unstored')).toBeUndefined();
    });
  },
);
