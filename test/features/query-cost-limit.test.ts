import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

const DEEP =
  '{ connector { groups(first: 1000) { nodes { members(first: 1000) { nodes { manager { manager { displayName } } } } } } } }';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
beforeEach(() => world.webex.requests.clear());
afterAll(() => world[Symbol.asyncDispose]());

describe('a query that may take too many requests', () => {
  it('is refused before anything is read, and told what to change', async () => {
    const { data, errors, extensions } = await world.query(DEEP);
    expect(data).toBeUndefined();
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(
        /^This query may need \d+ requests to Webex\. The limit is 1000\. \d+ of them are for connector\.groups\.nodes\.members: use a smaller first, page with after, or remove members\.$/,
      ),
      extensions: {
        code: 'QUERY_TOO_COSTLY',
        cost: expect.any(Number),
        limit: 1_000,
        costliest: ['connector', 'groups', 'nodes', 'members'],
      },
    });
    expect(extensions.webex).toMatchObject({ requests: 0, estimate: errors?.[0]?.extensions.cost });
    expect(world.webex.requests.count()).toBe(0);
    expect(await world.ask('{ connector { name } }')).toEqual({ connector: { name: 'acme' } });
  });

  it('is answered with status 400 to clients that take it', async () => {
    const answer = await world.gateway.fetch(
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
        body: JSON.stringify({ query: DEEP }),
      }),
    );
    expect(answer.status).toBe(400);
    expect(JSON.parse(world.log.at(-1) ?? '')).toMatchObject({ errors: ['QUERY_TOO_COSTLY'], status: 400 });
  });

  it.each([
    [
      'behind a variable',
      'query ($first: Int) { connector { licenses { a: users(first: $first) { ...Names } b: users(first: $first) { ...Names } c: users(first: $first) { ...Names } } } } fragment Names on LicenseUsersConnection { nodes { displayName } }',
      { first: 1_000 },
      ['connector', 'licenses', 'users'],
    ],
    [
      'behind fragments',
      `query { connector { ...Groups } } fragment Groups on Connector { groups(first: 500) { ... on ConnectorGroupsConnection { edges { node { ...Members } } } } }
       fragment Members on Group { members(first: 500) { nodes { displayName } } }`,
      {},
      ['connector', 'groups', 'edges', 'node', 'members'],
    ],
    [
      'below the licenses of users',
      'query ($first: Int!) { connector { users(first: 5) { nodes { licenses { a: users(first: $first) { ...Names } b: users(first: $first) { ...Names } c: users(first: $first) { ...Names } } } } } } fragment Names on LicenseUsersConnection { nodes { displayName } }',
      { first: 1_000 },
      ['connector', 'users', 'nodes', 'licenses', 'users'],
    ],
    [
      'below the licenses of users, behind named fragments',
      `query { connector { ...Page } } fragment Licensed on User { licenses { a: users(first: 1000) { ...Names } b: users(first: 1000) { ...Names } c: users(first: 1000) { ...Names } } }
       fragment Names on LicenseUsersConnection { nodes { displayName } }
       fragment Page on Connector { users(first: 5) { nodes { manager { roles { name } ...Licensed } } } }`,
      {},
      ['connector', 'users', 'nodes', 'manager', 'licenses', 'users'],
    ],
    [
      'below the licenses of users, of every connector',
      '{ connectors { users(first: 5) { nodes { licenses { users(first: 300) { nodes { displayName } } } } } } }',
      {},
      ['connectors', 'users', 'nodes', 'licenses', 'users'],
    ],
    [
      'below the licenses of users, of many connectors by name',
      `{ ${Array.from({ length: 9 }, (_, index) => `a${index}: connector(name: "${index}") { ...Page }`).join(' ')} }
       fragment Page on Connector { users(first: 5) { nodes { licenses { users(first: 300) { nodes { displayName } } } } } }`,
      {},
      ['connector', 'users', 'nodes', 'licenses', 'users'],
    ],
    [
      'under a hundred aliases',
      `{ connector { ${Array.from({ length: 101 }, (_, index) => `a${index}: users(first: 1000) { nodes { extension } }`).join(' ')} } }`,
      {},
      ['connector', 'users'],
    ],
    [
      'in the answer of a change',
      `mutation ($id: ID!) { disconnect(input: { id: $id }) { connector {
        groups(first: 1000) { nodes { members(first: 1000) { nodes { id } } } }
      } } }`,
      { id: 'x' },
      ['disconnect', 'connector', 'groups', 'nodes', 'members'],
    ],
  ])('is found out: %s', async (_what, query, variables, costliest) => {
    const { errors } = await world.query(query, variables);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_COSTLY', costliest });
    expect(world.webex.requests.count()).toBe(0);
  });

  it('is not let through for an argument that is wrong', async () => {
    const { errors } = await world.query(
      `query ($ids: [ID!] = []) { nodes(ids: $ids) { id } ${DEEP.slice(1)}`,
      { ids: null },
    );
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions.code).toBe('BAD_REQUEST');
    expect(world.webex.requests.count()).toBe(0);
  });

  it('is so by what the gateway allows', async () => {
    await using strict = await startWorld({ limits: { cost: 2 } });
    const query = (fields: string) => `{ connector { users(first: 10) { nodes { ${fields} } } } }`;
    expect((await strict.query(query('displayName licenses { name }'))).errors).toBeUndefined();
    const { errors } = await strict.query(query('displayName licenses { name } roles { name }'));
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_COSTLY', cost: 3, limit: 2 });
  });
});

describe('what dashboards ask for is allowed', () => {
  const ids = Array.from({ length: 1_000 }, () => 'x');
  it.each<[string, string, object?]>([
    [
      'a thousand users with everything',
      '{ connector { users(first: 1000) { nodes { title manager { displayName } licenses { name } roles { name } groups { displayName } } } } }',
    ],
    [
      'fifty groups with the licenses of their members',
      '{ connector { groups(first: 50) { nodes { members(first: 20) { nodes { displayName licenses { name } } } } } } }',
    ],
    [
      'a hundred groups with a hundred members each',
      '{ connector { groups { nodes { members { nodes { displayName emails } } } } } }',
    ],
    [
      'a thousand objects by id',
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { displayName licenses { name } } ... on Group { displayName } } }',
      { ids },
    ],
    ['the holders of all licenses', '{ connector { licenses { users(first: 1000) { nodes { emails } } } } }'],
    [
      'the holders of the licenses and roles of fifty users',
      '{ connector { users(first: 50) { nodes { licenses { users { nodes { emails } } } roles { users { nodes { licenses { name } } } } } } } }',
    ],
    [
      'the managers’ managers’ managers',
      '{ connector { users(first: 1000) { nodes { manager { manager { manager { title } } } } } } }',
    ],
  ])('%s', async (_what, query, variables) => {
    const { errors } = await world.query(query, variables);
    const refusals = ['QUERY_TOO_COSTLY', 'RESULT_TOO_LARGE'];
    expect(errors?.filter(({ extensions }) => refusals.includes(extensions.code)) ?? []).toEqual([]);
  });

  it('fragments that spread fragments twice, forty levels deep, count once', async () => {
    const levels = Array.from(
      { length: 40 },
      (_, level) => `fragment F${level} on User { ...F${level + 1} ...F${level + 1} }`,
    );
    const { errors, extensions } = await world.query(
      `{ connector { users(first: 85) { nodes { ...F0 } } } } ${levels.join(' ')} fragment F40 on User { manager { displayName } }`,
    );
    expect(errors).toBeUndefined();
    expect(extensions.webex.estimate).toBe(2);
  });
});

describe('what a query may cost', () => {
  const estimateOf = async (query: string, variables: object) => {
    const { extensions } = await world.query(query, variables);
    return extensions.webex.estimate;
  };
  const gid = (id: string, type = 'User') => Buffer.from(`${type}:${id}`).toString('base64');

  it('hangs on how many, and on which connectors, also where the same was asked before', async () => {
    const one = '00000000-0000-4000-8000-000000000001';
    const other = '00000000-0000-4000-8000-000000000002';
    const query = `query ($ids: [ID!]!, $first: Int, $after: String) {
      nodes(ids: $ids) { ... on User { licenses { name } } }
      connector { users(first: $first, after: $after) { nodes { id } } } }`;
    const ask = (ids: string[], first: number, after: string | null) =>
      estimateOf(query, { ids, first, after });
    const same = await ask([gid(`${one}:a`), gid(`${one}:b`)], 1000, null);
    expect(await ask([gid(`${one}:c`), gid(`${one}:d`)], 1000, 'somewhere')).toBe(same);
    expect(await ask([gid(`${one}:a`), gid(`${other}:b`)], 1000, null)).toBeGreaterThan(Number(same));
    expect(await ask([gid(`${one}:a`)], 1000, null)).toBeLessThan(Number(same));
  });

  it('grows with the connectors in use, of which there are ten if fewer are', async () => {
    const everywhere = '{ connectors { users(first: 1000) { nodes { id } } } }';
    expect(await estimateOf(everywhere, {})).toBe(10);
    for (let count = 1; count <= 11; count += 1) {
      const { createConnector } = await world.ask<{ createConnector: { connector: { id: string } } }>(
        'mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { connector { id } } }',
        { input: world.settings(`other ${count}`) },
      );
      await world.ask(
        `mutation ($input: ConnectWithRefreshTokenInput!) {
          connectWithRefreshToken(input: $input) { connector { id } } }`,
        { input: { id: createConnector.connector.id, refreshToken: 'of nobody' } },
      );
    }
    expect(await estimateOf(everywhere, {})).toBe(12);
  });
});
