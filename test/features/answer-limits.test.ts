import { randomUUID } from 'node:crypto';
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
  it('are all shown up to a hundred', async () => {
    const { errors } = await world.query(NODES, { ids: idsOfUsers(100) });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(
      Array.from({ length: 100 }, () => 'NOT_CONNECTED'),
    );
  });

  it.each([
    ['', NODES],
    [' with partial answers', NODES.replace('{', '@experimental_disableErrorPropagation {')],
  ])('are counted by the hundredth if there are more%s', async (_what, query) => {
    const { data, errors } = await world.query<{ nodes: null[] }>(query, { ids: idsOfUsers(250) });
    expect(data?.nodes).toEqual(Array.from({ length: 250 }, () => null));
    expect(errors).toHaveLength(100);
    expect(errors?.slice(0, 99).every(({ extensions }) => extensions.code === 'NOT_CONNECTED')).toBe(true);
    expect(errors?.at(-1)).toMatchObject({
      message: '151 more errors are not shown: an answer holds at most 100.',
      extensions: { code: 'ERRORS_LEFT_OUT', leftOut: 151, limit: 100 },
    });
  });
});
