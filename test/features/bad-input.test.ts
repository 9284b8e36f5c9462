import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** The one error of a query, and how many requests it cost upstream. */
async function refusal(query: string, variables: object = {}) {
  world.webex.requests.clear();
  const { errors } = await world.query(query, variables);
  expect(errors).toHaveLength(1);
  return {
    ...errors?.[0]?.extensions,
    message: errors?.[0]?.message,
    upstream: world.webex.requests.count(),
  };
}

describe('bad input is refused before Webex is asked', () => {
  it.each([0, -1, 1_001, 100_000])('first: %i', async (first) => {
    const query = 'query ($first: Int) { connector { users(first: $first) { nodes { id } } } }';
    expect(await refusal(query, { first })).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'first',
      upstream: 0,
    });
  });

  it('a cursor from another list', async () => {
    const { connector } = await world.ask<{ connector: { users: { pageInfo: { endCursor: string } } } }>(
      '{ connector { users(first: 1) { pageInfo { endCursor } } } }',
    );
    const after = connector.users.pageInfo.endCursor;
    const query = 'query ($after: String) { connector { groups(after: $after) { nodes { id } } } }';
    expect(await refusal(query, { after })).toMatchObject({ code: 'INVALID_CURSOR', upstream: 0 });
    const filtered =
      'query ($after: String) { connector { users(after: $after, filter: { displayNameStartsWith: "A" }) { nodes { id } } } }';
    expect(await refusal(filtered, { after })).toMatchObject({ code: 'INVALID_CURSOR', upstream: 0 });
    expect(await refusal(query, { after: 'nonsense' })).toMatchObject({
      code: 'INVALID_CURSOR',
      upstream: 0,
    });
  });

  it('an id of another type, and a text that is no id', async () => {
    const { connector } = await world.ask<{ connector: { id: string } }>('{ connector { id } }');
    const query = 'query ($id: ID!) { connector { user(id: $id) { id } } }';
    expect(await refusal(query, { id: connector.id })).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'id',
      upstream: 0,
    });
    expect(await refusal('{ node(id: "nonsense") { id } }')).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'id',
      upstream: 0,
    });
    expect(await refusal('{ connector(id: "nonsense") { name } }')).toMatchObject({
      code: 'INVALID_INPUT',
      upstream: 0,
    });
  });

  it('neither id nor address, or both', async () => {
    expect(await refusal('{ connector { user { id } } }')).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'id or email',
      upstream: 0,
    });
    const both = '{ connector { user(id: "x", email: "a@example.com") { id } } }';
    expect(await refusal(both)).toMatchObject({ code: 'INVALID_INPUT', upstream: 0 });
  });

  it('two filters at once', async () => {
    const query =
      '{ connector { users(filter: { email: "a@example.com", displayNameStartsWith: "A" }) { nodes { id } } } }';
    expect(await refusal(query)).toMatchObject({ code: 'INVALID_INPUT', field: 'filter', upstream: 0 });
  });

  it('an address that is none', async () => {
    const query = '{ connector { user(email: "nobody") { id } } }';
    expect(await refusal(query)).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED', upstream: 0 });
  });
});

describe('what does not exist', () => {
  it('is null where a field may be null', async () => {
    const unknown = Buffer.from('ciscospark://us/PEOPLE/00000000-0000-4000-8000-000000000000')
      .toString('base64')
      .replace(/=+$/, '');
    const { connector } = await world.ask<{ connector: object }>(
      `query ($id: ID!) { connector {
        user(id: $id) { displayName emails }
        whole: user(id: $id) { title licenses { name } }
        byEmail: user(email: "nobody@example.com") { id }
        group(id: $id) { displayName }
        named: group(displayName: "No such group") { displayName }
        license(id: $id) { name }
        role(name: "No such role") { name }
      } }`,
      { id: unknown },
    );
    expect(new Set(Object.values(connector))).toEqual(new Set([null]));
  });

  it('is NOT_FOUND for a connector', async () => {
    expect(await refusal('{ connector(name: "nowhere") { id } }')).toMatchObject({
      code: 'NOT_FOUND',
      kind: 'connector',
      id: 'nowhere',
    });
  });

  it('is AMBIGUOUS where a name fits several, and says which', async () => {
    const twice = world.webex.licenses.filter(
      (license, _index, all) => all.filter((other) => other.name === license.name).length > 1,
    );
    const query = 'query ($name: String) { connector { license(name: $name) { id } } }';
    expect(await refusal(query, { name: twice[0]?.name })).toMatchObject({
      code: 'AMBIGUOUS',
      candidates: twice.map(({ id }) => id),
    });
  });
});

describe('after bad input', () => {
  it('the next request works', async () => {
    await refusal('{ connector { users(first: 0) { nodes { id } } } }');
    const { connector } = await world.ask<{ connector: { users: { nodes: object[] } } }>(
      '{ connector { users(first: 3) { nodes { id } } } }',
    );
    expect(connector.users.nodes).toHaveLength(3);
  });
});
