import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

const ALWAYS = Number.POSITIVE_INFINITY;
/** Longer than any test may take, in milliseconds. */
const FOREVER = 60_000;
const LICENSES_OF_THREE = 'connector { users(first: 3) { nodes { displayName licenses { name } } } }';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const within = (seconds: number | string, variables: object = {}) => ({
  query: <Data>(query: string) =>
    world.query<Data>(query, variables, {
      headers: { 'content-type': 'application/json', 'Webex-Deadline': String(seconds) },
    }),
});
const slow = (route: Parameters<World['webex']['fail']>[0]['route'], ms = FOREVER) =>
  world.webex.fail({ route, fault: { kind: 'latency', ms }, times: ALWAYS });

describe('an operation whose deadline passes', () => {
  it('an operation past its deadline keeps what was read, and says what is missing', async () => {
    slow('GET /licenses');
    const { data, errors } = await within(1).query<object>(`query Slow { ${LICENSES_OF_THREE} }`);
    const names = world.webex.people.slice(0, 3).map(({ displayName }) => displayName);
    expect(data).toEqual({
      connector: { users: { nodes: names.map((displayName) => ({ displayName, licenses: null })) } },
    });
    expect(errors?.map(({ path }) => path)).toEqual(
      [0, 1, 2].map((index) => ['connector', 'users', 'nodes', index, 'licenses']),
    );
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(/^This was not read within 1 seconds/),
      extensions: { code: 'DEADLINE_EXCEEDED', deadline: 1, retryable: true },
    });
  });

  it('an operation past its deadline keeps the neighbours of a missing field', async () => {
    const [one, other] = world.webex.people;
    world.webex.fail({
      route: 'GET /people',
      fault: { kind: 'latency', ms: FOREVER },
      times: ALWAYS,
      where: ({ query }) => query.get('email') === other?.email,
    });
    const { data, errors } = await within(1, { one: one?.email, other: other?.email }).query(
      `query ($one: EmailAddress!, $other: EmailAddress!) { connector {
        quick: user(email: $one) { displayName } slow: user(email: $other) { displayName }
      } }`,
    );
    expect(data).toEqual({ connector: { quick: { displayName: one?.displayName }, slow: null } });
    expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['connector', 'slow'], 'DEADLINE_EXCEEDED'],
    ]);
  });

  it('an operation past its deadline keeps the nodes that were read', async () => {
    const query = '{ connector { licenses { id name } users(first: 1) { nodes { id } } } }';
    const { connector } = await world.ask<{
      connector: { licenses: { id: string; name: string }[]; users: { nodes: { id: string }[] } };
    }>(query);
    const [license] = connector.licenses;
    slow('GET /people');
    const ids = [license?.id, connector.users.nodes[0]?.id];
    const { data, errors } = await within(1, { ids }).query(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on License { name } ... on User { displayName } } }',
    );
    expect(data).toEqual({ nodes: [{ name: license?.name }, null] });
    expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['nodes', 1], 'DEADLINE_EXCEEDED'],
    ]);
  });

  it('an operation past its deadline does not end a read that others wait for', async () => {
    const catalogue = slow('GET /licenses', 2_000);
    const patient = world.ask<{ connector: { licenses: object[] } }>('{ connector { licenses { name } } }');
    await expect.poll(() => catalogue.struck).toBe(1);
    const { errors } = await within(0.2).query('{ connector { licenses { name } } }');
    expect(errors?.[0]?.extensions.code).toBe('DEADLINE_EXCEEDED');
    expect((await patient).connector.licenses).toHaveLength(world.webex.licenses.length);
    expect(world.webex.requests.byRoute).toEqual({ 'GET /licenses': 1 });
  });

  it('an operation past its deadline ends its waiting batches, and frees every connection', async () => {
    slow('GET /people');
    const { data, errors } = await within(0.5, { id: world.webex.people[0]?.id }).query(
      `query ($id: ID!) { connector {
        users(first: 2) { nodes { id } } user(id: $id) { displayName }
      } }`,
    );
    expect(data).toEqual({ connector: { users: null, user: null } });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual([
      'DEADLINE_EXCEEDED',
      'DEADLINE_EXCEEDED',
    ]);
    const { connector } = await world.ask<{ connector: { pool: object } }>(
      '{ connector { pool { running queued } } }',
    );
    expect(connector.pool).toEqual({ running: 0, queued: 0 });
  });

  it('an operation past its deadline ends during the renewal of the token, which goes on', async () => {
    world.webex.expireAccessTokens();
    const renewal = slow('POST /access_token', 1_000);
    const { errors } = await within(0.3).query('{ connector { roles { name } } }');
    expect(errors?.[0]?.extensions.code).toBe('DEADLINE_EXCEEDED');
    await world.ask('{ connector { roles { name } } }');
    expect(renewal.struck).toBe(1);
  });
});

describe('a change whose deadline passes', () => {
  it('a change past its deadline is finished, and only what is read for its answer is missing', async () => {
    const { refreshToken } = world.webex.issueTokens({ clientId: 'test-integration' });
    slow('POST /access_token', 1_000);
    slow('GET /organizations/:id');
    const { data, errors } = await within(0.3, {
      input: { id: world.connectorId, refreshToken },
    }).query(
      `mutation ($input: ConnectWithRefreshTokenInput!) {
        connectWithRefreshToken(input: $input) {
          connector { name version details { organization { displayName } } }
          error { message }
        }
      }`,
    );
    expect(data).toMatchObject({
      connectWithRefreshToken: {
        connector: { name: 'acme', details: { organization: null } },
        error: null,
      },
    });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['DEADLINE_EXCEEDED']);
    expect(await world.ask('{ connector { status } }')).toEqual({ connector: { status: 'CONNECTED' } });
  });

  it('a change is not begun if another one took the time', async () => {
    const { refreshToken } = world.webex.issueTokens({ clientId: 'test-integration' });
    slow('POST /access_token', 1_000);
    const { data, errors } = await within(0.3, {
      token: { id: world.connectorId, refreshToken },
      change: { id: world.connectorId, expectedVersion: 1, name: 'changed' },
    }).query(
      `mutation ($token: ConnectWithRefreshTokenInput!, $change: UpdateConnectorInput!) {
        connectWithRefreshToken(input: $token) { connector { name } }
        updateConnector(input: $change) { connector { name } }
      }`,
    );
    expect(data).toEqual({
      connectWithRefreshToken: { connector: { name: 'acme' } },
      updateConnector: null,
    });
    expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['updateConnector'], 'DEADLINE_EXCEEDED'],
    ]);
    expect(await world.ask('{ connector { name } }')).toEqual({ connector: { name: 'acme' } });
  });
});

describe('the deadline', () => {
  it('the deadline is the gateway’s by default', async () => {
    await using quick = await startWorld({ limits: { deadline: 0.5 } });
    quick.webex.fail({ route: 'GET /people', fault: { kind: 'latency', ms: 1_500 }, times: ALWAYS });
    const query = '{ connector { users(first: 1) { nodes { id } } } }';
    expect((await quick.query(query)).errors?.[0]?.extensions).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      deadline: 0.5,
    });
    const headers = { 'content-type': 'application/json', 'Webex-Deadline': '20' };
    expect((await quick.query(query, {}, { headers })).errors).toBeUndefined();
  });

  it.each([
    ['Webex-Deadline', 'soon'],
    ['Webex-Deadline', '0'],
    ['Webex-Deadline', '-1'],
    ['Webex-Deadline', '301'],
    ['Webex-Deadline', '1e2'],
    ['Webex-Deadline', ''],
    ['Webex-Lane', 'fast'],
    ['Webex-Explain', 'maybe'],
  ])('invalid request headers are refused before anything runs: %s: %s', async (name, value) => {
    world.webex.requests.clear();
    const response = await world.gateway.fetch(
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', [name]: value },
        body: JSON.stringify({ query: '{ connector { users { nodes { id } } } }' }),
      }),
    );
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [
        {
          message: expect.stringMatching(`^${name}: must be`),
          extensions: { code: 'INVALID_INPUT', field: name },
        },
      ],
      extensions: { webex: { requests: 0 } },
    });
    expect(world.webex.requests.count()).toBe(0);
  });

  it.each([
    ['Webex-Deadline', '300'],
    ['Webex-Deadline', '.5'],
    ['Webex-Lane', 'background'],
    ['Webex-Lane', 'Interactive'],
    ['Webex-Explain', '1'],
    ['Webex-Explain', 'false'],
  ])('valid request headers are accepted: %s: %s', async (name, value) => {
    const headers = { 'content-type': 'application/json', [name]: value };
    expect((await world.query('{ connector { name } }', {}, { headers })).data).toEqual({
      connector: { name: 'acme' },
    });
  });
});
