import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readExampleQueries } from '../../src/routes/pages/graphiql/example-queries.ts';
import { startWorld, type World } from '../world.ts';

const USERS = '{ connector { users(first: 20) { nodes { displayName licenses { name } } } } }';
const NOTHING = {
  requests: 0,
  batchedKeys: 0,
  cacheHits: 0,
  shared: 0,
  retries: 0,
  queuedMs: 0,
  throttledMs: 0,
};

const examples = await readExampleQueries();

let world: World;

beforeAll(async () => {
  world = await startWorld({ partner: false });
});
beforeEach(() => world.webex.requests.clear());
afterAll(() => world[Symbol.asyncDispose]());

const post = (body: string, headers: Record<string, string> = {}) =>
  world.gateway.fetch(
    new Request('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    }),
  );
const idOf = (text: string) => Buffer.from(text).toString('base64');
const explained = (query: string, explain: string) =>
  world.query(query, {}, { headers: { 'content-type': 'application/json', 'Webex-Explain': explain } });

describe('every answer tells what it took', () => {
  it('of requests to Webex, as they were counted there', async () => {
    const { extensions } = await world.query(USERS);
    expect(world.webex.requests.count()).toBeGreaterThan(0);
    expect(extensions.webex).toMatchObject({
      ...NOTHING,
      requests: world.webex.requests.count(),
      queuedMs: expect.any(Number),
    });
  });

  it('with those that were repeated', async () => {
    world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 503 } });
    const { extensions } = await world.query('{ connector { users(first: 1) { nodes { id } } } }');
    expect(extensions.webex).toMatchObject({ requests: 2, retries: 1 });
  });

  it('also where it holds an error', async () => {
    world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 403 } });
    const { errors, extensions } = await world.query('{ connector { users(first: 1) { nodes { id } } } }');
    expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_FORBIDDEN');
    expect(extensions.webex).toMatchObject({ requests: 1, estimate: 1 });
  });

  it('with the ids that travelled together, and the catalogues that were kept', async () => {
    const { connector } = await world.ask<{ connector: { users: { nodes: { id: string }[] } } }>(
      '{ connector { users(first: 90) { nodes { id licenses { name } } } } }',
    );
    const ids = connector.users.nodes.map((node) => node.id);
    const byId = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { displayName } } }';
    expect((await world.query(byId, { ids })).extensions.webex).toMatchObject({
      requests: 2,
      batchedKeys: 90,
    });
    expect((await world.query(USERS)).extensions.webex).toMatchObject({ requests: 1, cacheHits: 1 });
  });

  it('with what it waited for that another query had asked for', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => world.query(USERS)));
    const costs = answers.map(({ extensions }) => extensions.webex);
    expect(costs.map(({ requests }) => requests).sort()).toEqual([0, 0, 1]);
    expect(costs.map(({ shared }) => shared).sort()).toEqual([0, 1, 1]);
  });

  it('with the time that it waited for a connection, and because Webex had asked for a pause', async () => {
    await using narrow = await startWorld({
      connector: { maximumConnections: 1 },
      sandbox: { settings: { latencyMs: 60 } },
    });
    const both =
      '{ connector { users(first: 1) { nodes { displayName } } groups(first: 1) { nodes { displayName } } } }';
    expect(Number((await narrow.query(both)).extensions.webex.queuedMs)).toBeGreaterThan(0);
    narrow.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 429, retryAfter: 1 } });
    const { extensions } = await narrow.query('{ connector { users(first: 2) { nodes { displayName } } } }');
    expect(Number(extensions.webex.throttledMs)).toBeGreaterThanOrEqual(1_000);
    expect(extensions.webex).toMatchObject({ requests: 2, retries: 1 });
  });

  it('of a change, too', async () => {
    const fresh = await startWorld({ connect: false });
    await using _ends = fresh;
    const { refreshToken } = fresh.webex.issueTokens({ clientId: 'test-integration' });
    const { extensions } = await fresh.query(
      `mutation ($input: ConnectWithRefreshTokenInput!) {
        connectWithRefreshToken(input: $input) { connector { status } }
      }`,
      { input: { id: fresh.connectorId, refreshToken } },
    );
    expect(fresh.webex.requests.count()).toBeGreaterThan(0);
    expect(extensions.webex.requests).toBe(fresh.webex.requests.count());
  });

  it('and again in its headers, for scripts', async () => {
    const answer = await post(
      JSON.stringify({ query: '{ connector { users(first: 1) { nodes { id } } } }' }),
    );
    expect(Object.fromEntries([...answer.headers].filter(([name]) => name.startsWith('webex-')))).toEqual({
      'webex-requests': '1',
      'webex-batched-keys': '0',
      'webex-cache-hits': '0',
      'webex-shared': '0',
      'webex-retries': '0',
      'webex-queued-ms': '0',
      'webex-throttled-ms': '0',
    });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ['a query that is no query', JSON.stringify({ query: '{ connector ' }), 'application/json'],
    ['a field that does not exist', JSON.stringify({ query: '{ nothing }' }), 'application/json'],
    ['broken JSON', '{"query":', 'application/json'],
    ['no query', '{}', 'application/json'],
    ['a form', 'query={connectors{id}}', 'application/x-www-form-urlencoded'],
    ['two megabytes', JSON.stringify({ query: ' '.repeat(2_000_000) }), 'application/json'],
  ])('and nothing, where it was refused: %s', async (_what, body, type) => {
    const answer = await post(body, { 'content-type': type });
    expect(await answer.json()).toMatchObject({
      errors: [{ extensions: { code: expect.any(String) } }],
      extensions: { webex: NOTHING },
    });
    expect(answer.headers.get('webex-requests')).toBe('0');
  });

  it('and so does the log', async () => {
    await world.query(USERS);
    expect(JSON.parse(world.log.at(-1) ?? '')).toMatchObject({
      upstreamRequests: 1,
      upstreamRetries: 0,
      upstreamEstimate: 2,
      upstreamShared: 0,
      upstreamBatchedKeys: 0,
      upstreamCacheHits: expect.any(Number),
      upstreamQueuedMs: 0,
      upstreamThrottledMs: 0,
    });
  });
});

describe('the estimate', () => {
  /** A gateway that reads nothing, so that it learns nothing of the organization. */
  let unread: World;
  beforeAll(async () => {
    unread = await startWorld({ limits: { cost: 0 } });
  });
  afterAll(() => unread[Symbol.asyncDispose]());

  it.each(
    examples
      .filter(({ query }) => !query.includes('mutation'))
      .map(({ name, query }) => [name, query] as const),
  )('is no less than what the example takes: %s', async (_name, query) => {
    await using cold = await startWorld();
    const { extensions } = await cold.query(query);
    expect(extensions.webex.requests).toBeLessThanOrEqual(Number(extensions.webex.estimate));
  });

  it.each([
    ['a page of users', '{ connector { users(first: 1000) { nodes { displayName title } } } }', 1],
    [
      'their calling data, a hundred at a time',
      '{ connector { users(first: 1000) { nodes { extension } } } }',
      10,
    ],
    [
      'of one place, fifty at a time',
      '{ connector { users(filter: { locationId: "x" }) { nodes { id } } } }',
      2,
    ],
    [
      'their licenses, roles and groups',
      '{ connector { users { nodes { licenses { name } roles { name } groups { id } } } } }',
      4,
    ],
    [
      'their managers, 85 at a time',
      '{ connector { users(first: 850) { nodes { manager { displayName } } } } }',
      11,
    ],
    [
      'the managers in full, each by itself',
      '{ connector { users(first: 50) { nodes { manager { title } } } } }',
      51,
    ],
    [
      'or all people, where those are many',
      '{ connector { users(first: 1000) { nodes { manager { title } } } } }',
      213,
    ],
    ['pages and totals', '{ connector { groups { totalCount pageInfo { endCursor } } } }', 1],
    [
      'groups with their members',
      '{ connector { groups { nodes { __typename members(first: 17) { edges { node { displayName } } } } } } }',
      22,
    ],
    [
      'the holders of all licenses',
      '{ connector { licenses { users(first: 300) { nodes { displayName } } } } }',
      115,
    ],
    [
      'what is behind variables',
      'query ($n: Int = 340) { connector { groups(first: 1) { nodes { members(first: $n) { nodes { id emails } } } } } }',
      5,
    ],
    [
      'nothing for members of whom only the ids are wanted',
      '{ connector { groups(first: 50) { nodes { members(first: 500) { nodes { id webexId } } } } } }',
      1,
    ],
    ['the catalogues of every connector', '{ connectors { licenses { name } } }', 10],
    [
      'the holders of licenses of users, for each connector once',
      `{ a: connector(name: "acme") { ...Page } b: connector(name: "other") { ...Page } c: connector(name: "acme") { ...Page } }
       fragment Page on Connector { users(first: 1) { nodes { ...Licensed } } }
       fragment Licensed on User { licenses { users(first: 300) { nodes { id } } } }`,
      3 + 2 + 2 * 25,
    ],
    [
      'the managers in full, for each connector at most as all people',
      '{ connectors { users(first: 1000) { nodes { manager { title } } } } }',
      2_128,
    ],
    [
      'what users of one connector share once, whatever their ids',
      `query ($ids: [ID!] = ["${idOf('User:one:x')}", "${idOf('User:one:y')}", "${idOf('User:two:x')}"]) {
        nodes(ids: $ids) { ... on User { licenses { users(first: 300) { nodes { id } } } } } }`,
      3 + 2 + 2 * 25,
    ],
    [
      'the connectors of as many ids as are taken at once',
      `query ($ids: [ID!] = [${Array.from({ length: 2_000 }, (_, index) => `"${idOf(`License:${index}:x`)}"`).join(' ')}]) {
        nodes(ids: $ids) { ... on Connector { licenses { name } } } }`,
      1_024,
    ],
    ['what is left out', '{ connector { name users @skip(if: true) { nodes { id } } } }', 1],
    ['what is our own', '{ connectors { name status pool { queued } } __schema { types { name } } }', 0],
    [
      'the phone numbers of members, each by itself',
      '{ connector { groups(first: 1) { nodes { members(first: 50) { nodes { extension } } } } } }',
      51,
    ],
    [
      'or as those of all people, where those are many',
      '{ connector { groups(first: 1) { nodes { members(first: 1000) { nodes { extension } } } } } }',
      215,
    ],
  ])('counts %s, as long as nobody knows how large the organization is', async (_what, query, estimate) => {
    expect((await unread.query(query)).extensions.webex.estimate).toBe(estimate);
  });

  it.each([
    ['the managers in full', '{ connector { users(first: 1000) { nodes { manager { title } } } } }', 15],
    [
      'the phone numbers of members',
      '{ connector { groups(first: 1) { nodes { members(first: 1000) { nodes { extension } } } } } }',
      125,
    ],
  ])('counts %s as no more than what the list takes, once it was read to its end', async (_what, query, estimate) => {
    await world.ask('{ connector { users(first: 1000) { nodes { id } } } }');
    const { extensions } = await world.query(query);
    expect(extensions.webex.estimate).toBe(estimate);
    expect(extensions.webex.requests).toBeLessThanOrEqual(estimate);
  });
});

describe('Webex-Explain', () => {
  it('lists the requests where it is asked to, and only there', async () => {
    for (const yes of ['true', '1', 'True']) {
      expect((await explained(USERS, yes)).extensions.webex.calls).toEqual(expect.any(Array));
    }
    expect((await explained(USERS, 'false')).extensions.webex).not.toHaveProperty('calls');
    expect((await world.query(USERS)).extensions.webex).not.toHaveProperty('calls');
  });

  it('shows no token and no secret', async () => {
    world.webex.expireAccessTokens();
    const { extensions } = await explained('{ connector { users(first: 3) { nodes { id } } } }', 'true');
    expect(JSON.stringify(extensions)).not.toContain(world.clientSecret);
    expect(JSON.stringify(extensions)).not.toMatch(/refresh_token|Bearer (?!\$WEBEX_TOKEN)/);
  });
});

describe('every request, on demand', () => {
  it('is listed with path, parameters, status, tracking id, and a line to repeat it', async () => {
    const { extensions } = await explained(
      '{ connector { users(first: 7) { nodes { displayName } } } }',
      '1',
    );
    expect(extensions.webex.calls).toEqual([
      {
        method: 'GET',
        path: '/v1/people',
        parameters: { max: '7', excludeStatus: 'true' },
        status: 200,
        durationMs: expect.any(Number),
        trackingId: expect.stringMatching(/./),
        shared: false,
        curl: expect.stringContaining('$WEBEX_TOKEN'),
      },
    ]);
  });

  it('is listed also where it is under way when the deadline passes, with how long it took so far', async () => {
    const fault = { kind: 'latency', ms: 3_000 } as const;
    world.webex.fail({ route: 'GET /people', fault });
    const query = '{ connector { users(first: 11) { nodes { displayName } } } }';
    const headers = { 'content-type': 'application/json', 'Webex-Explain': '1', 'Webex-Deadline': '0.3' };
    const patient = world.query(query);
    await expect.poll(() => world.webex.requests.count()).toBe(1);
    const waiting = await world.query(query, {}, { headers });
    world.webex.fail({ route: 'GET /groups', fault });
    const alone = await world.query('{ connector { groups(first: 11) { nodes { id } } } }', {}, { headers });
    for (const [answer, path, shared] of [
      [waiting, '/v1/people', true],
      [alone, '/v1/groups', false],
    ] as const) {
      expect(answer.errors?.[0]?.extensions.code).toBe('DEADLINE_EXCEEDED');
      expect(answer.extensions.webex.calls).toMatchObject([{ path, status: null, trackingId: null, shared }]);
      expect(JSON.stringify(answer.extensions.webex.calls)).toMatch(/"durationMs":[1-9]/);
    }
    expect((await patient).errors).toBeUndefined();
  });

  it('is listed also where another query had sent it', async () => {
    const query = '{ connector { users(first: 9) { nodes { displayName } } } }';
    const [, joined] = await Promise.all([world.query(query), explained(query, '1')]);
    expect(joined.extensions.webex.calls).toMatchObject([{ path: '/v1/people', status: 200, shared: true }]);
  });
});

describe('an examination of a connector', () => {
  it('tells what it took, and lists it', async () => {
    const query = `mutation { testConnector(input: { id: "${world.connectorId}" }) { __typename } }`;
    const { extensions } = await explained(query, '1');
    expect(extensions.webex.requests).toBe(world.webex.requests.count());
    expect(extensions.webex.calls).toHaveLength(world.webex.requests.count());
  });
});
