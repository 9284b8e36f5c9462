import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

interface Connection {
  readonly nodes: readonly { readonly webexId: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

let world: World;

beforeAll(async () => {
  const scopes = ['spark-admin:people_read', 'identity:groups_read'];
  world = await startWorld({ sandbox: { users: 1_200 }, connector: { scopes } });
});

afterAll(() => world[Symbol.asyncDispose]());

/** Changes Webex behind the gateway's back. */
async function change(method: 'DELETE' | 'PATCH', path: string, body?: object): Promise<void> {
  const answer = await fetch(`${world.webex.serviceUri}${path}`, {
    method,
    headers: { authorization: `Bearer ${world.webex.issueToken()}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  expect(answer.ok).toBe(true);
}

function leave(groupId: string, memberIds: readonly string[]): Promise<void> {
  const members = memberIds.map((id) => ({ id, operation: 'delete' }));
  return change('PATCH', `/groups/${groupId}`, { members });
}

/** Reads a list to its end, and calls `between` behind each page. */
async function readAll(
  read: (after: string | null) => Promise<Connection>,
  between: (shown: readonly string[]) => Promise<void>,
): Promise<string[]> {
  const shown: string[] = [];
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo } = await read(after);
    shown.push(...nodes.map(({ webexId }) => webexId));
    if (!pageInfo.hasNextPage) return shown;
    after = pageInfo.endCursor;
    await between(shown);
  }
}

function largestGroup() {
  return world.webex.groups.reduce((one, other) =>
    one.memberIds.length > other.memberIds.length ? one : other,
  );
}

describe('a list of which records are deleted between two pages', () => {
  it('shows all other groups, each once', async () => {
    const query = `query ($after: String) { connector { groups(first: 6, after: $after) {
      nodes { webexId } pageInfo { hasNextPage endCursor } } } }`;
    let pages = 0;
    const shown = await readAll(
      async (after) =>
        (await world.ask<{ connector: { groups: Connection } }>(query, { after })).connector.groups,
      async (ids) => {
        pages += 1;
        // First one of those before; then those that were shown last, with others before them.
        const deleted = pages === 1 ? ids.slice(1, 2) : pages === 2 ? ids.slice(-4) : [];
        for (const id of deleted) await change('DELETE', `/groups/${id}`);
      },
    );
    expect(pages).toBeGreaterThan(2);
    const left = world.webex.groups.map(({ id }) => id);
    expect(shown.filter((id) => left.includes(id)).sort()).toEqual(left.sort());
  });

  it('shows all other members of a group, each once', async () => {
    const { id } = largestGroup();
    const query = `query ($id: ID, $after: String) { connector { group(id: $id) {
      members(first: 400, after: $after) { nodes { webexId } pageInfo { hasNextPage endCursor } } } } }`;
    type Group = { connector: { group: { members: Connection } } };
    const shown = await readAll(
      async (after) => (await world.ask<Group>(query, { id, after })).connector.group.members,
      (ids) => leave(id, [...ids.slice(0, 3), ...ids.slice(-2)]),
    );
    const left = world.webex.group(id)?.memberIds ?? [];
    expect(left.length).toBeGreaterThan(800);
    expect(shown.filter((each) => left.includes(each))).toEqual(left);
  });
});

describe('members who leave after the first of their group came along with it', () => {
  it('make nobody else miss the group', async () => {
    const { id, displayName, memberIds } = largestGroup();
    const [, connectorId] = Buffer.from(world.connectorId, 'base64').toString().split(':');
    const ids = world.webex.groups.map((each) =>
      Buffer.from(`Group:${connectorId}:${each.id}`).toString('base64'),
    );
    await world.ask(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Group { members(first: 1) { nodes { id } } } } }',
      { ids },
    );
    await leave(id, memberIds.slice(0, 5));
    const users = await readAll(
      async (after) => {
        const query = `query ($after: String) { connector { users(first: 1000, after: $after) {
          nodes { webexId groups { displayName } } pageInfo { hasNextPage endCursor } } } }`;
        type User = { readonly webexId: string; readonly groups: readonly { displayName: string }[] };
        type Users = Omit<Connection, 'nodes'> & { readonly nodes: readonly User[] };
        const { connector } = await world.ask<{ connector: { users: Users } }>(query, { after });
        const nodes = connector.users.nodes.filter(({ groups }) =>
          groups.some((group) => group.displayName === displayName),
        );
        return { ...connector.users, nodes };
      },
      async () => undefined,
    );
    const left = world.webex.group(id)?.memberIds ?? [];
    expect(left.filter((each) => !users.includes(each))).toEqual([]);
  });
});
