import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

const ALWAYS = Number.POSITIVE_INFINITY;

let world: World;

beforeAll(async () => {
  world = await startWorld({ catalogueLifetime: 0 });
});
afterEach(() => {
  world.webex.clearFaults();
  world.webex.requests.clear();
});
afterAll(() => world[Symbol.asyncDispose]());

const firstNames = () => world.webex.people.slice(0, 3).map(({ displayName }) => displayName);

describe('a field that fails', () => {
  it('a field that fails is null, with an error for each null and one cause for all', async () => {
    world.webex.fail({ route: 'GET /groups', fault: { kind: 'status', status: 403 }, times: ALWAYS });
    const { data, errors } = await world.query(
      '{ connector { users(first: 3) { nodes { displayName groups { displayName } } } } }',
    );
    expect(data).toEqual({
      connector: { users: { nodes: firstNames().map((displayName) => ({ displayName, groups: null })) } },
    });
    expect(errors?.map(({ path, extensions }) => [path, extensions.code, extensions.retryable])).toEqual(
      [0, 1, 2].map((index) => [
        ['connector', 'users', 'nodes', index, 'groups'],
        'UPSTREAM_FORBIDDEN',
        false,
      ]),
    );
    const causes = errors?.map(({ extensions }) => extensions.cause);
    expect(new Set(causes)).toEqual(new Set([expect.stringMatching(/^[\da-f-]{36}$/)]));
  });

  it('a field that fails shares its cause only with fields that failed for the same reason', async () => {
    world.webex.fail({ route: 'GET /groups', fault: { kind: 'status', status: 403 }, times: ALWAYS });
    world.webex.fail({ route: 'GET /licenses', fault: { kind: 'status', status: 403 }, times: ALWAYS });
    const { errors } = await world.query(
      '{ connector { users(first: 2) { nodes { groups { id } licenses { name } } } } }',
    );
    const byField = Map.groupBy(errors ?? [], ({ path }) => path?.at(-1));
    const causesOf = (field: string) =>
      new Set(byField.get(field)?.map(({ extensions }) => extensions.cause));
    expect([...byField.values()].map(({ length }) => length)).toEqual([2, 2]);
    expect([causesOf('groups').size, causesOf('licenses').size]).toEqual([1, 1]);
    expect(causesOf('groups')).not.toEqual(causesOf('licenses'));
  });

  it('a field that fails leaves the other fields of the query alone, also at the root', async () => {
    const { data, errors } = await world.query(
      '{ connectors { name } missing: connector(name: "nobody") { name } node(id: "no id") { id } viewer { kind } }',
    );
    expect(data).toEqual({
      connectors: [{ name: 'acme' }],
      missing: null,
      node: null,
      viewer: { kind: 'OPEN' },
    });
    expect(new Map(errors?.map(({ path, extensions }) => [path?.[0], extensions.code]))).toEqual(
      new Map([
        ['node', 'INVALID_INPUT'],
        ['missing', 'NOT_FOUND'],
      ]),
    );
  });

  it('an error says whether the same request may succeed later, and when', async () => {
    const fault = { kind: 'status', status: 429, retryAfter: 300 } as const;
    world.webex.fail({ route: 'GET /roles', fault });
    const { data, errors } = await world.query('{ connector { name roles { name } } }');
    expect(data).toEqual({ connector: { name: 'acme', roles: null } });
    expect(errors).toMatchObject([
      { extensions: { code: 'RATE_LIMITED', retryable: true, retryAfter: expect.any(Number) } },
    ]);
  });

  it('the error of an invalid document says that a retry does not help', async () => {
    const { errors } = await world.query('{ nothing }');
    expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED', retryable: false } }]);
  });
});

describe('an object of Webex', () => {
  it('an object of Webex names its connector, which costs no request', async () => {
    await using own = await startWorld();
    const { connector } = await own.ask<{ connector: { users: { nodes: object[] } } }>(
      '{ connector { users(first: 2) { nodes { id connector { name status } } } } }',
    );
    const named = { id: expect.any(String), connector: { name: 'acme', status: 'CONNECTED' } };
    expect(connector.users.nodes).toEqual([named, named]);
    expect(own.webex.requests.byRoute).toEqual({ 'GET /people': 1 });
    const others = await own.ask<{ connector: Record<string, object> }>(
      `{ connector { groups(first: 1) { nodes { connector { name } } } licenses { connector { name } }
         role(name: "Full Administrator") { connector { name } } } }`,
    );
    expect(others.connector).toMatchObject({
      groups: { nodes: [{ connector: { name: 'acme' } }] },
      licenses: own.webex.licenses.map(() => ({ connector: { name: 'acme' } })),
      role: { connector: { name: 'acme' } },
    });
  });
});
