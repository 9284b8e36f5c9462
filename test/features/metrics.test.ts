import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.ts';
import { Telemetry } from '../../src/telemetry/telemetry.ts';
import { change } from '../changes.ts';
import { startWorld, type World } from '../world.ts';

const METRICS = 'http://gateway.test/metrics';

/** The values of all series at this moment, by name and labels as they are printed. */
async function read({ gateway }: World): Promise<ReadonlyMap<string, number>> {
  const answer = await gateway.fetch(new Request(METRICS));
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

const named = (name: string, labels: Record<string, string> = {}) => {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return `webex_gateway_${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`}`;
};

/** How much a series grows by some work. */
async function growth(
  world: World,
  series: readonly string[],
  work: () => Promise<unknown>,
): Promise<number[]> {
  const before = await read(world);
  await work();
  const after = await read(world);
  return series.map((each) => (after.get(each) ?? 0) - (before.get(each) ?? 0));
}

describe('metrics count', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(async () => world[Symbol.asyncDispose]());

  it('what clients ask for by route, status and kind of operation, and the errors they get by code', async () => {
    const answers = (route: string, status: string, operation: string) =>
      named('http_request_duration_seconds_count', { route, status, operation });
    const series = [
      answers('/graphql', '2xx', 'query'),
      answers('/graphql', '2xx', 'mutation'),
      answers('/graphql', '2xx', 'none'),
      answers('/graphql', '4xx', 'none'),
      answers('other', '4xx', 'none'),
      named('errors_total', { code: 'NOT_FOUND' }),
      named('errors_total', { code: 'GRAPHQL_PARSE_FAILED' }),
    ];
    const grown = await growth(world, series, async () => {
      await world.query('query Canary { connectors { name } }');
      await world.query('{ connector(name: "canary") { name } }');
      await change(world, 'createGroup', { connector: world.connectorId, displayName: 'Canaries' });
      await world.query('{ canary');
      await world.query('{ connectors { name } }', {}, { headers: { 'content-type': 'text/canary' } });
      await world.gateway.fetch(new Request('http://gateway.test/canary', { method: 'PUT' }));
    });
    expect(grown).toEqual([2, 1, 1, 1, 1, 1, 1]);
  });

  it('requests to Webex by kind of request and status, what was repeated, shared, and kept in memory', async () => {
    const sent = (route: string, status: string) =>
      named('upstream_requests_total', { connector: 'acme', route, status });
    const one = 'query ($id: ID!) { connector { user(id: $id) { status } } }';
    const id = world.webex.people[0]?.id;
    const series = [
      sent('GET /people/:id', '200'),
      sent('GET /roles', '503'),
      sent('GET /roles', '200'),
      named('upstream_retries_total', { connector: 'acme' }),
      named('upstream_shared_total'),
      named('catalogue_reads_total', { source: 'webex' }),
      named('catalogue_reads_total', { source: 'memory' }),
      named('upstream_queue_seconds_count', { connector: 'acme', lane: 'background' }),
    ];
    const grown = await growth(world, series, async () => {
      world.webex.fail({ route: 'GET /roles', fault: { kind: 'status', status: 503 }, times: 1 });
      await Promise.all([world.ask(one, { id }), world.ask(one, { id })]);
      for (const _ of [1, 2]) await world.ask('{ connector { roles { name } } }');
      const headers = { 'content-type': 'application/json', 'webex-lane': 'background' };
      await world.query('{ connector { users(first: 1) { nodes { id } } } }', {}, { headers });
    });
    expect(grown).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it('changes by mutation and outcome, and what was written of them to the audit trail', async () => {
    const [person] = world.webex.people;
    const { user } = (
      await world.ask<{ connector: { user: { id: string } } }>(
        'query ($email: EmailAddress!) { connector { user(email: $email) { id } } }',
        { email: person?.email },
      )
    ).connector;
    const outcomes = ['APPLIED', 'ANSWERED_AGAIN', 'NOTHING_CHANGED', 'DRY_RUN', 'NOT_APPLIED'];
    const series = [
      ...outcomes.map((outcome) => named('changes_total', { operation: 'updateUser', outcome })),
      named('audit_writes_total', { stage: 'begin', outcome: 'written' }),
      named('audit_writes_total', { stage: 'complete', outcome: 'written' }),
    ];
    const grown = await growth(world, series, async () => {
      const input = { id: user.id, user: { title: 'Counter' } };
      const other = { ...input, user: { title: 'Auditor' } };
      for (const _ of [1, 2]) await change(world, 'updateUser', input, 'counted');
      await change(world, 'updateUser', input);
      await change(world, 'updateUser', { ...other, dryRun: true });
      world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'status', status: 403 }, times: 1 });
      await change(world, 'updateUser', other);
    });
    expect(grown).toEqual([1, 1, 1, 1, 1, 4, 4]);
  });

  it('queries to the database, by kind', async () => {
    const series = named('store_query_duration_seconds_count', { statement: 'insert', outcome: 'done' });
    const create =
      'mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { __typename } }';
    const grown = await growth(world, [series], () =>
      world.ask(create, { input: world.settings('counted') }),
    );
    // The connector, and its event in the audit trail.
    expect(grown).toEqual([2]);
  });

  it('nothing under a label that a client or a record chooses', async () => {
    const labels = [...(await read(world)).keys()].join('\n');
    expect(labels).toContain('connector="acme"');
    const { id, email } = world.webex.people[0] ?? {};
    for (const chosen of [/canar/i, /Counter/, id ?? '', email ?? '', world.connectorId]) {
      expect(labels).not.toMatch(chosen);
    }
  });
});

describe('metrics show', () => {
  it('each pool: its maximum, what runs, and what waits in which lane', async () => {
    await using world = await startWorld({ connector: { maximumConnections: 1 } });
    world.webex.fail({ route: 'GET /people', fault: { kind: 'latency', ms: 60_000 } });
    const leave = new AbortController();
    const { signal } = leave;
    const ask = (lane: string, first: number) =>
      world
        .query(
          `{ connector { users(first: ${first}) { nodes { id } } } }`,
          {},
          {
            headers: { 'content-type': 'application/json', 'webex-lane': lane },
            signal,
          },
        )
        .catch(() => undefined);
    const of = (name: string, lane?: string) =>
      named(`pool_${name}`, { connector: 'acme', ...(lane === undefined ? {} : { lane }) });
    const watched = [
      of('maximum_connections'),
      of('running_requests'),
      of('queued_requests', 'interactive'),
      of('queued_requests', 'background'),
      of('pause_left_seconds'),
      of('breaker_open'),
    ];
    const shown = async () => {
      const values = await read(world);
      return watched.map((series) => values.get(series));
    };
    const asked = [ask('interactive', 1)];
    await expect.poll(shown).toEqual([1, 1, 0, 0, 0, 0]);
    asked.push(ask('interactive', 2), ask('background', 3), ask('background', 4));
    await expect.poll(shown).toEqual([1, 1, 1, 2, 0, 0]);
    leave.abort();
    await Promise.all(asked);
  });

  it('a pause that Webex asks for, and a Webex that is left alone', async () => {
    await using world = await startWorld();
    const fault = { kind: 'status', status: 429, retryAfter: 300 } as const;
    world.webex.fail({ route: 'GET /people', fault, times: 1 });
    await world.query('{ connector { users { nodes { id } } } }');
    const left = (await read(world)).get(named('pool_pause_left_seconds', { connector: 'acme' }));
    expect(left).toBeGreaterThan(200);
    await using down = await startWorld();
    await down.webex.close();
    for (let asked = 0; asked < 5; asked += 1) await down.query('{ connector { roles { name } } }');
    const values = await read(down);
    expect(values.get(named('pool_breaker_open', { connector: 'acme' }))).toBe(1);
    const lost = { connector: 'acme', route: 'GET /roles', status: 'unreachable' };
    expect(values.get(named('upstream_requests_total', lost))).toBeGreaterThanOrEqual(5);
  });

  it('how connectors stand with Webex, and how renewals of tokens went', async () => {
    await using world = await startWorld();
    const connected = named('connector_connected', { connector: 'acme' });
    const refreshes = ['renewed', 'refused'].map((outcome) =>
      named('token_refreshes_total', { connector: 'acme', outcome }),
    );
    const values = await read(world);
    expect(values.get(connected)).toBe(1);
    expect(values.get(named('refresh_token_days_left', { connector: 'acme' }))).toBe(89);
    world.webex.expireAccessTokens();
    await world.query('{ connector { roles { name } } }');
    world.webex.revokeGrants();
    await world.query('{ connector { licenses { name } } }');
    const after = await read(world);
    expect(refreshes.map((series) => after.get(series))).toEqual([1, 1]);
    expect(after.get(connected)).toBe(0);
  });

  it('all but news of the database while that is away', async () => {
    await using world = await startWorld();
    await read(world);
    await world.store.close();
    await world.query('{ auditEvents { nodes { actor } } }');
    const values = await read(world);
    expect(values.get(named('connector_connected', { connector: 'acme' }))).toBe(1);
    expect(values.get(named('errors_total', { code: 'INTERNAL' }))).toBe(1);
  });

  it('the process: memory, processor, event loop', async () => {
    const telemetry = new Telemetry();
    telemetry.metrics.watchProcess();
    const text = await telemetry.metrics.read();
    expect(text).toMatch(/^process_resident_memory_bytes [1-9]/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds \d/m);
  });
});

describe('metrics forget', () => {
  it('a connector that was deleted or renamed, whichever gateway was asked to', async () => {
    await using world = await startWorld();
    await using other = await world.restart();
    for (const each of [world, other]) {
      world.webex.fail({ route: 'GET /roles', fault: { kind: 'status', status: 503 }, times: 1 });
      world.webex.expireAccessTokens();
      await each.ask('{ connector { roles { name } } }');
    }
    const of = async (each: World, name: string) =>
      [...(await read(each)).keys()].filter((series) => series.includes(`connector="${name}"`));
    for (const each of [world, other]) {
      const series = (await of(each, 'acme')).join();
      for (const name of [
        'requests_total',
        'queue_seconds_bucket',
        'retries_total',
        'refreshes_total',
        'pool',
      ]) {
        expect(series).toContain(name);
      }
    }
    const update =
      'mutation ($input: UpdateConnectorInput!) { updateConnector(input: $input) { __typename } }';
    await world.ask(update, { input: { id: world.connectorId, name: 'renamed' } });
    for (const each of [world, other]) await each.ask('{ connector { licenses { name } } }');
    for (const each of [world, other]) {
      expect(await of(each, 'acme')).toEqual([]);
      expect((await of(each, 'renamed')).join()).toContain('requests_total');
    }
    const input = { id: world.connectorId };
    await world.ask(
      'mutation ($input: DeleteConnectorInput!) { deleteConnector(input: $input) { __typename } }',
      {
        input,
      },
    );
    for (const each of [world, other]) expect(await of(each, 'renamed')).toEqual([]);
  });
});

describe('metrics begin at 0', () => {
  it('with what alerts look for, for every change there is, so that the first one is seen', async () => {
    const lines = (await new Telemetry().metrics.read()).split('\n');
    // Those of synchronizations send nothing: what a run changes counts as the mutation that would change it.
    const changes = Object.values(schema.getMutationType()?.getFields() ?? {}).filter(
      ({ name, description }) =>
        description?.includes('Needs the scope provision') === true && !name.includes('Sync'),
    );
    expect(changes.length).toBeGreaterThan(8);
    const bad = ['UNKNOWN', 'PARTIALLY_APPLIED', 'UNDONE'].flatMap((outcome) =>
      changes.map(({ name }) => named('changes_total', { operation: name, outcome })),
    );
    const codes = ['INTERNAL', 'STORE_UNAVAILABLE', 'SECRET_UNREADABLE'].map((code) =>
      named('errors_total', { code }),
    );
    const begun = lines.filter((line) => /^webex_gateway_(changes|errors)_total/.test(line));
    expect(begun.toSorted()).toEqual([...bad, ...codes].map((series) => `${series} 0`).toSorted());
  });
});

describe('access to the metrics', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ guarded: true, connect: false });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('takes the scope observe for all connectors, or admin, and observe takes one no further', async () => {
    const { administrator, connectorId } = world;
    expect((await world.gateway.fetch(new Request(METRICS))).status).toBe(401);
    expect((await world.gateway.fetch(new Request(METRICS, { headers: administrator }))).status).toBe(200);
    const statusOf = async (scope: string, connectors: readonly string[] | null) => {
      const { createApiKey } = await world.ask<{ createApiKey: { key: string } }>(
        'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }',
        { input: { name: randomUUID(), grants: [{ scope, connectors }] } },
      );
      const headers = { authorization: `Bearer ${createApiKey.key}` };
      const { data } = await world.query<{ connectors: object[] }>(
        '{ connectors { name } }',
        {},
        { headers: { 'content-type': 'application/json', ...headers } },
      );
      const { status } = await world.gateway.fetch(new Request(METRICS, { headers }));
      return [status, data?.connectors.length];
    };
    expect(await statusOf('OBSERVE', null)).toEqual([200, 0]);
    expect(await statusOf('OBSERVE', [connectorId])).toEqual([403, 0]);
    for (const scope of ['READ', 'PROVISION', 'CONFIGURE'])
      expect(await statusOf(scope, null)).toEqual([403, 1]);
  });

  it('takes nothing on a port of their own, which serves nothing else, and no page of another origin', async () => {
    const { gateway } = world;
    const ask = (headers: Record<string, string>) => gateway.fetchMetrics(new Request(METRICS, { headers }));
    const answer = await ask({ 'User-Agent': 'Prometheus/3.5.0' });
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    expect((await ask({ 'Sec-Fetch-Site': 'none', 'User-Agent': 'Mozilla/5.0' })).status).toBe(200);
    const pages = [
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { 'User-Agent': 'Mozilla/5.0' },
      { Origin: 'https://evil.example' },
      { Origin: 'https://evil.example', Authorization: 'Bearer x' },
    ];
    for (const headers of pages) expect((await ask(headers)).status).toBe(403);
    expect((await gateway.fetch(new Request(METRICS, { headers: pages[0] ?? {} }))).status).toBe(403);
    expect((await gateway.fetchMetrics(new Request('http://gateway.test/graphql'))).status).toBe(404);
  });

  it.each([
    ['127.0.0.1:9464', 200],
    ['10.244.0.5:9464', 200],
    ['[fd00::5]:9464', 200],
    ['localhost:9464', 200],
    ['gateway-1:9464', 200],
    ['GATEWAY.test', 200],
    ['evil.example:9464', 421],
    ['10.244.0.5.evil.example', 421],
    ['localhost.evil.example', 421],
  ])('on a port of their own are for %s: %i', async (host, status) => {
    const answer = await world.gateway.fetchMetrics(new Request(`http://${host}/metrics`));
    expect(answer.status).toBe(status);
  });
});
