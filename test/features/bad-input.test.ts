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
  it.each([0, -1, 1_001, 100_000])('the page size %i is refused', async (first) => {
    const query = 'query ($first: Int) { connector { users(first: $first) { nodes { id } } } }';
    expect(await refusal(query, { first })).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'first',
      upstream: 0,
    });
  });

  it('a cursor from another list is refused', async () => {
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

  it('a cursor that was made up, or changed, is refused', async () => {
    const { connector } = await world.ask<{
      connector: Record<'users' | 'groups', { pageInfo: { endCursor: string } }>;
    }>(
      '{ connector { users(first: 2) { pageInfo { endCursor } } groups(first: 2) { pageInfo { endCursor } } } }',
    );
    const query = (list: string) =>
      `query ($after: String) { connector { ${list}(first: 2, after: $after) { nodes { id } } } }`;
    for (const list of ['users', 'groups'] as const) {
      const cursor = Buffer.from(connector[list].pageInfo.endCursor, 'base64url');
      const position = JSON.stringify(['orgId=another', 0, '']);
      const forged = [
        Buffer.from(position),
        Buffer.concat([cursor.subarray(0, 16), Buffer.from(position)]),
        cursor.subarray(0, -1),
        cursor.subarray(0, 10),
      ];
      for (const after of forged.map((bytes) => bytes.toString('base64url'))) {
        expect(await refusal(query(list), { after })).toMatchObject({ code: 'INVALID_CURSOR', upstream: 0 });
      }
    }
  });

  it('an id of another type, and a text that is no id, are refused', async () => {
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

  it('neither id nor address, or both, are refused', async () => {
    expect(await refusal('{ connector { user { id } } }')).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'id or email',
      upstream: 0,
    });
    const both = '{ connector { user(id: "x", email: "a@example.com") { id } } }';
    expect(await refusal(both)).toMatchObject({ code: 'INVALID_INPUT', upstream: 0 });
  });

  it('two filters at once are refused', async () => {
    const query =
      '{ connector { users(filter: { email: "a@example.com", displayNameStartsWith: "A" }) { nodes { id } } } }';
    expect(await refusal(query)).toMatchObject({ code: 'INVALID_INPUT', field: 'filter', upstream: 0 });
  });

  it('a filter without a valid role is refused, and the error names the field', async () => {
    const query = 'query ($filter: UserFilter) { connector { users(filter: $filter) { nodes { id } } } }';
    const [license] = world.webex.licenses;
    for (const [field, value] of [
      ['roleId', 'nonsense'],
      ['roleId', license?.id],
      ['locationId', ''],
      ['displayNameStartsWith', ''],
    ] as const) {
      expect(await refusal(query, { filter: { [field]: value } })).toMatchObject({
        code: 'INVALID_INPUT',
        field: `filter.${field}`,
        upstream: 0,
      });
    }
  });

  it('a text that is not an address is refused', async () => {
    const query = '{ connector { user(email: "nobody") { id } } }';
    expect(await refusal(query)).toMatchObject({ code: 'INVALID_INPUT', field: 'email', upstream: 0 });
  });

  it('a text that is not a moment is refused', async () => {
    const query = '{ auditEvents(filter: { from: "yesterday" }) { nodes { operation } } }';
    expect(await refusal(query)).toMatchObject({ code: 'INVALID_INPUT', field: 'filter.from', upstream: 0 });
  });
});

describe('what does not exist', () => {
  it('an absent object is null if the field may be null', async () => {
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

  it.each([
    ['me', 'me'],
    ['a bare UUID', '00000000-0000-4000-8000-000000000000'],
    ['two dots', '..'],
    ['the id of something else', Buffer.from('ciscospark://us/ROLE/me').toString('base64url')],
    [
      'a text that is far too long',
      Buffer.from(`ciscospark://us/PEOPLE/${'x'.repeat(6_000)}`).toString('base64url'),
    ],
  ])('an id that Webex cannot have is null without a request, whatever is selected: %s', async (_what, id) => {
    world.webex.requests.clear();
    const { connector } = await world.ask<{ connector: object }>(
      `query ($id: ID!) { connector {
        basic: user(id: $id) { displayName } full: user(id: $id) { title }
        group(id: $id) { displayName } license(id: $id) { name }
      } }`,
      { id },
    );
    expect(connector).toEqual({ basic: null, full: null, group: null, license: null });
    expect(world.webex.requests.count()).toBe(0);
  });

  it('an absent object is null among nodes, and leaves its neighbours alone', async () => {
    const [, connectorId] = Buffer.from(world.connectorId, 'base64').toString().split(':');
    const globalId = (webexId: string) => Buffer.from(`User:${connectorId}:${webexId}`).toString('base64');
    const [person] = world.webex.people;
    const ids = ['', '.', '..', 'me', 'x'.repeat(6_000), person?.id ?? ''].map(globalId);
    for (const selection of ['displayName', 'displayName title']) {
      world.webex.requests.clear();
      const { nodes } = await world.ask<{ nodes: ({ displayName: string } | null)[] }>(
        `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { ${selection} } } }`,
        { ids },
      );
      expect(nodes.map((node) => node?.displayName)).toEqual([
        ...Array.from({ length: 5 }, () => undefined),
        person?.displayName,
      ]);
      expect(world.webex.requests.count()).toBe(1);
    }
  });

  it('an absent connector is NOT_FOUND', async () => {
    expect(await refusal('{ connector(name: "nowhere") { id } }')).toMatchObject({
      code: 'NOT_FOUND',
      kind: 'CONNECTOR',
      reference: 'nowhere',
    });
  });

  it('a name of several objects is AMBIGUOUS, and the error lists them', async () => {
    const twice = world.webex.licenses.filter(
      (license, _index, all) => all.filter((other) => other.name === license.name).length > 1,
    );
    const query = 'query ($name: String) { connector { license(name: $name) { id } } }';
    expect(await refusal(query, { name: twice[0]?.name })).toMatchObject({
      code: 'AMBIGUOUS',
      message: expect.stringContaining('several licenses'),
      candidates: twice.map(({ id }) => id),
    });
  });
});

describe('a query that is small and means very much', () => {
  it('a query whose fragments spread fragments twice, forty levels deep, is answered at once', async () => {
    const levels = Array.from(
      { length: 40 },
      (_, level) => `fragment F${level} on User { ...F${level + 1} ...F${level + 1} }`,
    );
    world.webex.requests.clear();
    const { connector } = await world.ask<{ connector: { users: { nodes: { title: string | null }[] } } }>(
      `{ connector { users(first: 3) { nodes { ...F0 } } } } ${levels.join(' ')} fragment F40 on User { title }`,
    );
    expect(connector.users.nodes.map((node) => node.title)).toEqual(
      world.webex.people.slice(0, 3).map((person) => person.title ?? null),
    );
    expect(world.webex.requests.byRoute).toEqual({ 'GET /people': 1 });
  });
});

describe('after bad input', () => {
  it('the next request works after bad input', async () => {
    await refusal('{ connector { users(first: 0) { nodes { id } } } }');
    const { connector } = await world.ask<{ connector: { users: { nodes: object[] } } }>(
      '{ connector { users(first: 3) { nodes { id } } } }',
    );
    expect(connector.users.nodes).toHaveLength(3);
  });
});
