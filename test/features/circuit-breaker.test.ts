import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/sandbox/index.ts';
import { type Answer, startWorld, type World } from '../world.ts';

const USERS = '{ connector { users(first: 5) { nodes { displayName } } } }';
const ALWAYS = Number.POSITIVE_INFINITY;

type Users = Answer<{ connector: { users: { nodes: object[] } } }>;

const ask = (world: World) => world.query<{ connector: { users: { nodes: object[] } } }>(USERS);
/** Other queries than `ask`, which would share its read. */
const askOther = (world: World) =>
  [6, 7, 8].map((first) =>
    world.query<{ connector: { users: { nodes: object[] } } }>(USERS.replace('5', String(first))),
  );
const extensionsOf = ({ errors }: Users) => errors?.[0]?.extensions;
const isServed = ({ data }: Users) => data?.connector.users.nodes.length === 5;

/** Resolves when requests to Webex go on, as the metrics tell; to ask for anything would be the one query. */
async function untilItIsOver({ gateway }: World): Promise<void> {
  const metrics = async () => (await gateway.fetch(new Request('http://gateway.test/metrics'))).text();
  await expect
    .poll(metrics, { interval: 20, timeout: 10_000 })
    .toMatch(/^webex_gateway_pool_breaker_open\{connector="acme"\} 0$/m);
}
/** The error of what was not sent at all. */
const leftAlone = { code: 'UPSTREAM_UNAVAILABLE', retryable: true, retryAfter: expect.any(Number) };

const fail = (world: World, fault: Fault) => world.webex.fail({ route: 'GET /people', fault, times: ALWAYS });

/** Asks until Webex is left alone, which takes two queries: the first is sent three times, the second twice. */
async function bringDown(world: World) {
  const failing = fail(world, { kind: 'status', status: 503 });
  expect(extensionsOf(await ask(world))).not.toHaveProperty('retryAfter');
  expect(extensionsOf(await ask(world))).not.toHaveProperty('retryAfter');
  expect(world.webex.requests.count()).toBe(5);
  return failing;
}

describe('a Webex that does not answer', () => {
  it.each<[string, Fault]>([
    ['with a 503', { kind: 'status', status: 503 }],
    ['as a proxy with a 502', { kind: 'html', status: 502 }],
    ['but with a reset', { kind: 'reset', when: 'before' }],
  ])('%s five times is left alone: the next query fails at once, and says when to come again', async (_what, fault) => {
    await using world = await startWorld();
    fail(world, fault);
    await ask(world);
    await ask(world);
    expect(world.webex.requests.count()).toBe(5);
    expect(extensionsOf(await ask(world))).toMatchObject({ ...leftAlone, retryAfter: 1 });
    expect(world.webex.requests.count()).toBe(5);
  });

  it('because it is gone is no different', async () => {
    await using world = await startWorld();
    await world.webex.close();
    expect((await ask(world)).errors?.[0]?.message).toContain('refused the connection');
    expect((await ask(world)).errors?.[0]?.message).toContain('refused the connection');
    const third = await ask(world);
    expect(extensionsOf(third)).toMatchObject(leftAlone);
    expect(third.errors?.[0]?.message).toContain('failed repeatedly');
  });

  it('is asked by one query when the time is over; the others go on failing until that is answered', async () => {
    await using world = await startWorld();
    const failing = await bringDown(world);
    failing.clear();
    const [early, slow] = [
      await ask(world),
      world.webex.fail({ route: 'GET /people', fault: { kind: 'latency', ms: 300 } }),
    ];
    expect(extensionsOf(early)).toMatchObject(leftAlone);
    await untilItIsOver(world);
    const probe = ask(world);
    await expect.poll(() => slow.struck, { interval: 5 }).toBe(1);
    for (const other of await Promise.all(askOther(world))) {
      expect(extensionsOf(other)).toMatchObject(leftAlone);
    }
    expect(world.webex.requests.count()).toBe(6);
    expect(isServed(await probe)).toBe(true);
    const after = await Promise.all([ask(world), ask(world), ask(world)]);
    expect(after.map(isServed)).toEqual([true, true, true]);
  });

  it('is left alone for longer when the one query fails too, and that is not repeated', async () => {
    await using world = await startWorld();
    await bringDown(world);
    await untilItIsOver(world);
    expect(extensionsOf(await ask(world))).not.toHaveProperty('retryAfter');
    expect(extensionsOf(await ask(world))).toMatchObject({ ...leftAlone, retryAfter: 2 });
    expect(world.webex.requests.count()).toBe(6);
  });

  it('is asked by the next query if the client that sent the first has gone', async () => {
    await using world = await startWorld();
    const failing = await bringDown(world);
    failing.clear();
    const stuck = world.webex.fail({ route: 'GET /people', fault: { kind: 'latency', ms: 20_000 } });
    await untilItIsOver(world);
    const leave = new AbortController();
    const probe = world.query(USERS, {}, { signal: leave.signal });
    await expect.poll(() => stuck.struck, { interval: 5 }).toBe(1);
    leave.abort();
    await probe.catch(() => undefined);
    await expect.poll(async () => isServed(await ask(world)), { interval: 5 }).toBe(true);
  });

  it('is not asked by those who wait for a connection when it is found out', async () => {
    await using world = await startWorld({ connector: { maximumConnections: 1 } });
    fail(world, { kind: 'status', status: 503 });
    const queries = Array.from({ length: 20 }, (_, index) =>
      world.query(`{ connector { users(first: ${index + 1}) { nodes { displayName } } } }`),
    );
    for (const { errors } of await Promise.all(queries)) {
      expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
    }
    expect(world.webex.requests.count()).toBe(5);
  });
});

describe('a Webex that answers, though badly', () => {
  it.each([500, 504])('with a %i is not left alone', async (status) => {
    await using world = await startWorld();
    const failing = fail(world, { kind: 'status', status });
    for (const answer of await Promise.all(Array.from({ length: 6 }, () => ask(world)))) {
      expect(extensionsOf(answer)).not.toHaveProperty('retryAfter');
    }
    failing.clear();
    expect(isServed(await ask(world))).toBe(true);
  });

  it('now and then is not left alone: an answer in between counts from nought', async () => {
    await using world = await startWorld();
    for (let round = 0; round < 4; round += 1) {
      world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 503 }, times: 2 });
      expect(isServed(await ask(world))).toBe(true);
    }
  });
});

describe('testing a connector whose Webex is left alone', () => {
  it('says so, instead of guessing what broke', async () => {
    await using world = await startWorld();
    await bringDown(world);
    const { testConnector } = await world.ask<{
      testConnector: {
        test: { ok: boolean; checks: { name: string; status: string; message: string }[] };
      };
    }>(
      'mutation ($input: TestConnectorInput!) { testConnector(input: $input) { test { ok checks { name status message } } } }',
      { input: { id: world.connectorId } },
    );
    const { ok, checks } = testConnector.test;
    const check = (wanted: string) => checks.find(({ name }) => name === wanted);
    expect(ok).toBe(false);
    expect(check('SERVICE_URI_REACHABLE')).toMatchObject({
      status: 'FAILED',
      message: expect.stringContaining('was not asked now, because it did not answer before'),
    });
    expect(check('TOKEN')?.message).toContain('sends it no requests at the moment');
    expect(check('POOL')).toMatchObject({
      status: 'WARNING',
      message: expect.stringContaining('is left alone until'),
    });
    expect(world.webex.requests.count()).toBe(5);
  });
});

describe('a Webex that is only slow with large pages', () => {
  it('is asked for smaller ones, and not left alone', async () => {
    await using world = await startWorld({ connector: { connectionTimeout: 1 } });
    const isLarge = ({ query }: { query: URLSearchParams }) => Number(query.get('max')) > 20;
    world.webex.fail({
      route: 'GET /people',
      fault: { kind: 'latency', ms: 5_000 },
      times: ALWAYS,
      where: isLarge,
    });
    const { errors, data } = await world.query<{ connector: { users: { nodes: object[] } } }>(
      '{ connector { users(first: 640) { nodes { displayName } } } }',
    );
    expect(errors).toBeUndefined();
    expect(data?.connector.users.nodes).toHaveLength(world.webex.people.length);
    // The next query begins with what was found to work.
    world.webex.requests.clear();
    await world.ask('{ connector { users(first: 639) { nodes { displayName } } } }');
    expect(
      world.webex.requests.all.filter(({ query }) => isLarge({ query: new URLSearchParams(query) })),
    ).toEqual([]);
  });

  it('is asked in vain a fifth more at most, beside the reserve, and then the failure is answered', async () => {
    await using world = await startWorld({ connector: { maximumConnections: 1 } });
    const slow: Fault = { kind: 'status', status: 504 };
    world.webex.fail({ route: '*', fault: slow, times: ALWAYS });
    const QUERIES = ['users(first: 1000) { nodes { id } }', 'groups(first: 1000) { nodes { id } }'];
    for (const query of QUERIES) {
      const { errors } = await world.query(`{ connector { ${query} } }`);
      expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
    }
    // The people are halved seven times, and the least page is repeated twice; that leaves the groups two of the
    // reserve of eleven. There are no first requests but the last of each query.
    const sizes = (route: 'GET /people' | 'GET /groups', name: string) =>
      world.webex.requests.all
        .filter((request) => request.route === route)
        .map(({ query }) => Number(new URLSearchParams(query).get(name)));
    expect(sizes('GET /people', 'max')).toEqual([1_000, 500, 250, 125, 62, 31, 15, 10, 10, 10]);
    expect(sizes('GET /groups', 'count')).toEqual([1_000, 500, 250]);
  });
});
