import { describe, expect, it } from 'vitest';
import { updateConnector } from '../configuration.ts';
import { startWorld } from '../world.ts';

const HEAVY = `query ($first: Int!) { connector {
  users(first: $first) { nodes { displayName licenses { name } manager { displayName emails } groups { displayName } } }
  groups { nodes { members(first: 50) { nodes { displayName emails } } } }
  licenses { users(first: 100) { nodes { displayName title } } }
} }`;

describe('the pool of connections to Webex', () => {
  it('never opens more than the maximum, however much is asked at once', async () => {
    await using world = await startWorld({ sandbox: { settings: { latencyMs: 50 } } });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => world.query(HEAVY, { first: 100 + index })),
    );
    expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
    expect(world.webex.requests.mostSockets).toBeLessThanOrEqual(10);
    expect(world.webex.requests.mostConcurrent).toBeLessThanOrEqual(10);
  });

  it('is used whole when there is enough to do', async () => {
    await using world = await startWorld({ sandbox: { settings: { latencyMs: 200 } } });
    const one = 'query ($id: ID!) { connector { user(id: $id) { status } } }';
    await Promise.all(world.webex.people.slice(0, 30).map(({ id }) => world.ask(one, { id })));
    expect(world.webex.requests.mostSockets).toBe(10);
    expect(world.webex.requests.mostConcurrent).toBe(10);
  });

  it('takes its maximum from the connector, from the next request on', async () => {
    await using world = await startWorld({
      partner: false,
      sandbox: { settings: { latencyMs: 20 } },
      connector: { maximumConnections: 2 },
    });
    await world.ask(HEAVY, { first: 100 });
    expect(world.webex.requests.mostConcurrent).toBe(2);
    await updateConnector(world, { maximumConnections: 5 });
    world.webex.requests.clear();
    // Longer than it takes a busy machine to send the next ones.
    world.webex.settings.latencyMs = 300;
    await world.ask(HEAVY, { first: 101 });
    expect(world.webex.requests.mostConcurrent).toBe(5);
  });

  it('shows what it is doing', async () => {
    await using world = await startWorld();
    const { connector } = await world.ask<{ connector: { pool: object } }>(
      '{ connector { users(first: 1) { nodes { id } } pool { maximumConnections running queued throttledUntil } } }',
    );
    expect(connector.pool).toEqual({ maximumConnections: 10, running: 0, queued: 0, throttledUntil: null });
  });

  it.each([
    { name: 'renamed' },
    { maximumConnections: 3 },
    { connectionTimeout: 7 },
  ])('finishes queries of many requests when %o changes in between', async (change) => {
    await using world = await startWorld({ sandbox: { settings: { latencyMs: 30 } } });
    const running = Array.from({ length: 4 }, (_, index) => world.query(HEAVY, { first: 100 + index }));
    for (let round = 0; round < 3; round += 1) {
      await expect.poll(() => world.webex.requests.count()).toBeGreaterThan(5 + 5 * round);
      await updateConnector(world, { ...change });
      await world.ask('{ connector { roles { name } } }');
    }
    const answers = await Promise.all(running);
    expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
    expect(world.webex.requests.mostConcurrent).toBeLessThanOrEqual(10);
  });

  it('finishes what is under way when its settings change', async () => {
    await using world = await startWorld({ sandbox: { settings: { latencyMs: 100 } } });
    const running = world.query('{ connector { users(first: 5) { nodes { id } } } }');
    await updateConnector(world, { connectionTimeout: 5 });
    expect((await running).errors).toBeUndefined();
  });
});

describe('several connectors', () => {
  it('do not share a pool: one that is stuck leaves the other alone', async () => {
    await using stuck = await startWorld({ connector: { maximumConnections: 1 } });
    await using other = await startWorld();
    const { createConnector } = await stuck.ask<{ createConnector: { connector: { id: string } } }>(
      'mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { connector { id } } }',
      { input: other.settings('other') },
    );
    // The second connector belongs to the first gateway and to the second Webex.
    const page = await Object.assign(Object.create(stuck), {
      connectorId: createConnector.connector.id,
    }).connect();
    expect(page.status).toBe(200);
    const slow = stuck.webex.fail({
      route: 'GET /people',
      fault: { kind: 'latency', ms: 60_000 },
      times: Number.POSITIVE_INFINITY,
    });
    const leave = new AbortController();
    const waiting = stuck.query(
      '{ connector(name: "acme") { users { nodes { id } } } }',
      {},
      { signal: leave.signal },
    );
    const { connector } = await stuck.ask<{ connector: { users: { nodes: object[] } } }>(
      '{ connector(name: "other") { users(first: 5) { nodes { id } } } }',
    );
    expect(connector.users.nodes).toHaveLength(5);
    slow.clear();
    leave.abort();
    await waiting.catch(() => undefined);
  });
});
