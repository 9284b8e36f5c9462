import { randomUUID } from 'node:crypto';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';

let world: World;

beforeAll(async () => {
  world = await startWorld({ connect: false });
});
afterAll(() => world[Symbol.asyncDispose]());

const idsOfUsers = (count: number) => {
  const [, connectorId] = Buffer.from(world.connectorId, 'base64').toString().split(':');
  return Array.from({ length: count }, () => {
    const webexId = Buffer.from(`ciscospark://us/PEOPLE/${randomUUID()}`).toString('base64url');
    return Buffer.from(`User:${connectorId}:${webexId}`).toString('base64');
  });
};

describe('wrong ids in a list', () => {
  it('cost one error, which lists them, and the right ones are answered', async () => {
    const ids = ['wrong', world.connectorId, 'wrong too', 'and this'];
    const { data, errors } = await world.query<{ nodes: unknown[] }>(NODES, { ids });
    expect(data?.nodes).toEqual([null, { id: world.connectorId }, null, null]);
    expect(errors).toMatchObject([
      {
        message:
          'ids[0]: is not an id of this gateway. Nor are 2 others of the list. Take ids from the field id of its objects.',
        path: ['nodes', 0],
        extensions: {
          code: 'INVALID_INPUT',
          field: 'ids[0]',
          fields: ['ids[0]', 'ids[2]', 'ids[3]'],
          count: 3,
        },
      },
    ]);
  });

  it('cost one error for each list, however many there are', async () => {
    const lists = Array.from({ length: 50 }, (_, index) => `a${index}: nodes(ids: $ids) { id }`);
    const ids = Array.from({ length: 1_000 }, (_, index) => `wrong ${index}`);
    const { errors } = await world.query(`query ($ids: [ID!]!) { ${lists.join(' ')} }`, { ids });
    expect(errors).toHaveLength(50);
    expect(errors?.[0]?.extensions).toMatchObject({ count: 1_000, fields: expect.any(Array) });
    expect(JSON.stringify(errors).length).toBeLessThan(200_000);
  });
});

describe('the errors of an answer', () => {
  it('are all shown up to a thousand, each with its place', async () => {
    const { errors } = await world.query(NODES, { ids: idsOfUsers(1_000) });
    expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual(
      Array.from({ length: 1_000 }, (_, index) => [['nodes', index], 'NOT_CONNECTED']),
    );
    expect(errors?.at(-1)).toMatchObject({ locations: [{ line: 1, column: 24 }] });
  });

  it('are counted by the thousandth if there are more', async () => {
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } again: nodes(ids: $ids) { id } }';
    const ids = idsOfUsers(750);
    const { data, errors } = await world.query<Record<'nodes' | 'again', null[]>>(query, { ids });
    const nothing = ids.map(() => null);
    expect(data).toEqual({ nodes: nothing, again: nothing });
    expect(errors).toHaveLength(1_000);
    expect(errors?.slice(0, 999).every(({ extensions }) => extensions.code === 'NOT_CONNECTED')).toBe(true);
    expect(errors?.at(-1)).toMatchObject({
      message: '501 more errors are not shown: an answer holds at most 1000.',
      extensions: { code: 'ERRORS_LEFT_OUT', retryable: false, leftOut: 501, limit: 1_000 },
    });
  });
});

describe('an answer that may hold too many values', () => {
  const users = (aliases: number) =>
    `{ connector { ${Array.from({ length: aliases }, (_, index) => `a${index}: users(first: 1000) { nodes { id displayName emails } }`).join(' ')} } }`;

  it('is refused before anything is read, and its error says how to ask for less', async () => {
    await using small = await startWorld({ limits: { values: 50_000 } });
    expect((await small.query(users(8))).errors).toBeUndefined();
    small.webex.requests.clear();
    const { data, errors, extensions } = await small.query(users(40));
    expect(data ?? null).toBeNull();
    expect(errors).toMatchObject([
      {
        message:
          'The answer may hold 240041 values. The limit is 50000. 240000 of them are for connector.users: use a smaller first, page with after, select fewer fields, or split the query.',
        extensions: {
          code: 'RESULT_TOO_LARGE',
          measure: 'values',
          size: 240_041,
          limit: 50_000,
          costliest: ['connector', 'users'],
        },
      },
    ]);
    expect(extensions).toMatchObject({ result: { estimatedValues: 240_041 }, webex: { requests: 0 } });
    expect(small.webex.requests.count()).toBe(0);
  });

  it('is built in turns if it may hold many and is allowed, and is the same', async () => {
    await using large = await startWorld();
    const { connector } = await large.ask<{
      connector: Record<string, { nodes: { displayName: string }[] }>;
    }>(users(10));
    const everybody = large.webex.people.map(({ displayName }) => displayName);
    expect(Object.values(connector).map(({ nodes }) => nodes.map(({ displayName }) => displayName))).toEqual(
      Array.from({ length: 10 }, () => everybody),
    );
  });

  it.each([
    [
      'the holders of the licenses of a thousand users',
      '{ connector { users(first: 1000) { nodes { licenses { users { nodes { emails } } } } } } }',
      ['connector', 'users', 'nodes', 'licenses', 'users'],
    ],
    [
      'behind fragments',
      `{ connector { groups(first: 500) { edges { node { ...Members } } } } }
       fragment Members on Group { members(first: 500) { nodes { id } } }`,
      ['connector', 'groups', 'edges', 'node', 'members'],
    ],
    [
      'the type of each user, under many names',
      `{ connector { ${Array.from({ length: 10 }, (_, index) => `a${index}: users(first: 1000) { nodes { ...Type } }`).join(' ')} } }
       fragment Type on User { ${Array.from({ length: 150 }, (_, index) => `t${index}: __typename`).join(' ')} }`,
      ['connector', 'users'],
    ],
    [
      'the schema, again and again',
      `{ ${Array.from({ length: 40 }, (_, index) => `a${index}: __schema { types { name fields { name description args { name type { name ofType { name } } } } } }`).join(' ')} }`,
      ['__schema', 'types', 'fields', 'args'],
    ],
  ])('is found out: %s', async (_what, query, costliest) => {
    const { errors } = await world.query(query);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'RESULT_TOO_LARGE', costliest });
  });

  it.each([
    ['tools ask of the schema', getIntrospectionQuery()],
    [
      'dashboards ask of a hundred groups, their members and the groups of those',
      `{ connector { groups(first: 100) { nodes { id displayName members(first: 100) { nodes {
         id displayName emails status groups { id displayName memberCount } } } } } } }`,
    ],
    [
      'dashboards ask of a hundred users, their groups and the members of those',
      `{ connector { users(first: 100) { nodes { id displayName licenses { id name } roles { name }
         groups { displayName members(first: 100) { nodes { id displayName emails } } } } } } }`,
    ],
    [
      'dashboards ask of the licenses, a hundred users of each and their groups',
      `{ connector { licenses { name users(first: 100) { nodes {
         id displayName emails roles { name } groups { displayName } } } } } }`,
    ],
  ])('is not what %s', async (_what, query) => {
    expect((await world.query(query)).errors?.[0]?.extensions.code).not.toBe('RESULT_TOO_LARGE');
  });
});

describe('memory for requests under way', () => {
  it('that one answer would need more than is allowed of refuses it for good', async () => {
    await using small = await startWorld({ connect: false, limits: { memory: 1_000_000 } });
    const { errors } = await small.query('{ connector { users(first: 1000) { nodes { emails } } } }');
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'RESULT_TOO_LARGE',
      measure: 'bytes',
      limit: 375_000,
    });
  });

  it('is waited for by answers, and given back when they are sent', async () => {
    // Room for one page of a hundred users at once.
    await using small = await startWorld({ limits: { memory: 1_000_000 } });
    const page = (first: number) =>
      small.query(`{ connector { users(first: ${first}) { nodes { emails } } } }`);
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => page(100 - index)));
    expect(answers.filter(({ errors }) => errors !== undefined)).toEqual([]);
  });

  it('that bodies take is reserved before they are read, and more are refused for now', async () => {
    await using small = await startWorld({ connect: false, limits: { memory: 1_000_000 } });
    const open: ReadableStreamDefaultController<Uint8Array>[] = [];
    const send = async (bytes: number) => {
      const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
        open.push(controller);
        controller.enqueue(new TextEncoder().encode(`{"query":"{ __typename }"${' '.repeat(bytes)}`));
      };
      const init = {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
        ...{ body: new ReadableStream({ start }), duplex: 'half' },
      };
      return small.gateway.fetch(new Request('http://gateway.test/graphql', init));
    };
    const unfinished = send(30_000);
    const refused = await send(30_000);
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toMatchObject([
      429,
      '1',
      {
        errors: [
          {
            extensions: {
              code: 'TOO_MUCH_UNDER_WAY',
              share: 'caller',
              limit: 125_000,
              retryAfter: 1,
              retryable: true,
            },
          },
        ],
      },
    ]);
    expect(await small.ask('{ __typename }')).toEqual({ __typename: 'Query' });
    open[0]?.error(new Error('the client broke off'));
    expect((await unfinished).status).toBe(499);
    const again = send(30_000);
    open[2]?.enqueue(new TextEncoder().encode('}'));
    open[2]?.close();
    expect((await again).status).toBe(200);
  });

  it('that many small chunks of a body take is reserved, too', async () => {
    await using small = await startWorld({ connect: false, limits: { memory: 1_000_000 } });
    const send = async (chunks: number) => {
      const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
        controller.enqueue(new TextEncoder().encode('{"query":"{ __typename }"}'));
        for (let count = 1; count < chunks; count += 1) controller.enqueue(new TextEncoder().encode(' '));
        controller.close();
      };
      const init = {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
        ...{ body: new ReadableStream({ start }), duplex: 'half' },
      };
      return (await small.gateway.fetch(new Request('http://gateway.test/graphql', init))).status;
    };
    expect([await send(200), await send(2_000)]).toEqual([200, 429]);
  });
});
