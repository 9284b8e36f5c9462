import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/sandbox/index.ts';
import { startWorld, type World } from '../world.ts';

const ALWAYS = Number.POSITIVE_INFINITY;
const TOO_LARGE: Fault = { kind: 'huge-body', bytes: 11 * 2 ** 20 };
const TOO_SLOW: Fault = { kind: 'status', status: 504 };

function globalId(world: World, type: string, webexId: unknown): string {
  const [, connectorId] = Buffer.from(world.connectorId, 'base64').toString().split(':');
  return Buffer.from(`${type}:${connectorId}:${webexId}`).toString('base64');
}

describe('the cost of groups by id', () => {
  const NAMES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Group { displayName memberCount } } }';
  const MEMBERS =
    'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Group { members(first: 3) { nodes { displayName } } } } }';

  it('few by themselves, many in one list, and no members that nobody asked for', async () => {
    await using world = await startWorld({ sandbox: { users: 6_000 } });
    const spent = async (query: string, ids: readonly string[]) => {
      world.webex.requests.clear();
      await world.ask(query, { ids });
      return world.webex.requests.byRoute;
    };
    const ids = world.webex.groups.map(({ id }) => globalId(world, 'Group', id));
    expect(await spent(NAMES, ids.slice(0, 3))).toEqual({ 'GET /groups/:id': 3 });
    expect(await spent(NAMES, ids.slice(0, 5))).toEqual({ 'GET /groups': 1 });
    // Now it is known how many there are.
    expect(await spent(NAMES, ids.slice(0, 1))).toEqual({ 'GET /groups/:id': 1 });
    expect(await spent(NAMES, ids.slice(0, 2))).toEqual({ 'GET /groups': 1 });
    const withMembers = await spent(MEMBERS, ids.slice(0, 5));
    expect(withMembers['GET /groups/:id/members']).toBeUndefined();
    expect((withMembers['GET /groups'] ?? 0) + (withMembers['GET /groups/:id'] ?? 0)).toBeLessThanOrEqual(5);
  });

  it('a group that was made a moment ago is there, alone and among others', async () => {
    await using world = await startWorld();
    await world.ask('{ connector { users(first: 1) { nodes { groups { displayName } } } } }');
    const others = world.webex.groups.slice(0, 4).map((group) => globalId(world, 'Group', group.id));
    const response = await fetch(`${world.webex.serviceUri}/groups`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.webex.issueToken()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ displayName: 'Brand new' }),
    });
    const made: unknown = await response.json();
    const webexId = made !== null && typeof made === 'object' && 'id' in made ? made.id : undefined;
    const id = globalId(world, 'Group', webexId);
    for (const ids of [[id], [id, ...others]]) {
      const { nodes } = await world.ask<{ nodes: { displayName: string }[] }>(NAMES, { ids });
      expect(nodes).toHaveLength(ids.length);
      expect(nodes[0]?.displayName).toBe('Brand new');
    }
  });
});

describe('the cost of the groups of users, once it is known how many members the groups have', () => {
  it('is that of as many searches as name all users, where that is less than to read all members', async () => {
    const scopes = ['spark-admin:people_read', 'identity:groups_read', 'identity:people_read'];
    await using world = await startWorld({ sandbox: { users: 6_000 }, connector: { scopes } });
    const ids = world.webex.groups.slice(0, 5).map(({ id }) => globalId(world, 'Group', id));
    await world.ask(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Group { members(first: 1) { nodes { id } } } } }',
      { ids },
    );
    world.webex.requests.clear();
    const { connector } = await world.ask<{
      connector: { users: { nodes: { groups: { displayName: string }[] }[] } };
    }>('{ connector { users(first: 40) { nodes { groups { displayName } } } } }');
    expect(world.webex.requests.byRoute).toEqual({
      'GET /people': 1,
      'GET /identity/scim/:orgId/v2/Users': 2,
    });
    expect(
      connector.users.nodes.map(({ groups }) => groups.map((group) => group.displayName).sort()),
    ).toEqual(world.webex.people.slice(0, 40).map((person) => [...person.groupNames].sort()));
  });
});

describe('the cost of people in full, once it is known how long the list of people is', () => {
  it('is that of the list or of single reads, whichever is less', async () => {
    await using world = await startWorld({ sandbox: { users: 2_500 } });
    const spent = async (count: number) => {
      const ids = world.webex.people.slice(-count).map(({ id }) => globalId(world, 'User', id));
      world.webex.requests.clear();
      await world.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { title } } }', { ids });
      return world.webex.requests.byRoute;
    };
    expect(await spent(4)).toEqual({ 'GET /people': 3 });
    expect(await spent(25)).toEqual({ 'GET /people': 3 });
    expect(await spent(3)).toEqual({ 'GET /people/:id': 3 });
  });

  it('is that of single reads, once a few pages of the list have shown how long it must be', async () => {
    await using world = await startWorld({ sandbox: { users: 2_500 } });
    world.webex.settings.peoplePageCeiling = 50;
    const ids = world.webex.people.slice(-25).map(({ id }) => globalId(world, 'User', id));
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { title } } }';
    await world.ask(query, { ids });
    expect(world.webex.requests.byRoute).toEqual({ 'GET /people': 3, 'GET /people/:id': 25 });
    world.webex.requests.clear();
    await world.ask(query, { ids });
    expect(world.webex.requests.byRoute).toEqual({ 'GET /people/:id': 25 });
  });
});

describe('what is too much at once is read in smaller pages', () => {
  it.each([
    ['too large', TOO_LARGE],
    ['too slow for Webex', TOO_SLOW],
  ])('people: %s', async (_what, fault) => {
    await using world = await startWorld();
    world.webex.fail({
      route: 'GET /people',
      fault,
      times: ALWAYS,
      where: ({ query }) => Number(query.get('max')) > 100,
    });
    const { connector } = await world.ask<{ connector: { users: { nodes: { webexId: string }[] } } }>(
      '{ connector { users(first: 250) { nodes { webexId } } } }',
    );
    expect(connector.users.nodes.map((node) => node.webexId)).toEqual(
      world.webex.people.map((person) => person.id),
    );
    // 250 and 125 were too many; 62, once found to work, is kept to.
    expect(world.webex.requests.count('GET /people')).toBe(2 + Math.ceil(250 / 62));
  });

  it('people, to the end where even ten are too many', async () => {
    await using world = await startWorld();
    world.webex.fail({ route: 'GET /people', fault: TOO_SLOW, times: ALWAYS });
    const { errors } = await world.query('{ connector { users(first: 100) { nodes { id } } } }');
    expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
    expect(world.webex.requests.all.at(-1)?.query).toContain('max=10&');
  });

  it.each([
    ['groups', '{ connector { users(first: 250) { nodes { webexId groups { displayName } } } } }'],
    [
      'groups with their members',
      '{ connector { groups(first: 50) { nodes { displayName members(first: 1000) { nodes { webexId } } } } } }',
    ],
  ])('%s', async (_what, query) => {
    await using world = await startWorld();
    const expected = await world.ask(query);
    await using other = await startWorld();
    other.webex.fail({
      route: 'GET /groups',
      fault: TOO_LARGE,
      times: ALWAYS,
      where: ({ query: sent }) => Number(sent.get('count')) > 20,
    });
    expect(await other.ask(query)).toEqual(expected);
    const failed = other.webex.requests.all.filter(({ query: sent }) => /count=(5\d|25)\b/.test(sent));
    expect(failed).toHaveLength(2);
  });

  it('members of a large group, and holders of a license', async () => {
    await using world = await startWorld({ sandbox: { users: 700 } });
    world.webex.fail({
      route: 'GET /groups/:id/members',
      fault: TOO_SLOW,
      times: ALWAYS,
      where: ({ query }) => Number(query.get('count')) > 130,
    });
    world.webex.fail({
      route: 'GET /licenses/:id',
      fault: TOO_SLOW,
      times: ALWAYS,
      where: ({ query }) => Number(query.get('limit')) > 80,
    });
    const largest = [...world.webex.groups].sort(
      (one, other) => other.memberIds.length - one.memberIds.length,
    )[0];
    const license = [...world.webex.licenses].sort(
      (one, other) => other.holders.length - one.holders.length,
    )[0];
    expect(largest?.memberIds.length).toBeGreaterThan(500);
    const { connector } = await world.ask<{
      connector: {
        group: { members: { nodes: { webexId: string }[] } };
        license: { users: { nodes: { emails: string[] }[] } };
      };
    }>(
      `query ($group: ID, $license: ID) { connector {
        group(id: $group) { members(first: 1000) { nodes { webexId } } }
        license(id: $license) { users(first: 1000) { nodes { emails } } }
      } }`,
      { group: largest?.id, license: license?.id },
    );
    expect(connector.group.members.nodes.map((node) => node.webexId)).toEqual(largest?.memberIds);
    expect(connector.license.users.nodes.flatMap((node) => node.emails)).toEqual(license?.holders);
  });
});

describe('the groups of a user, when Webex pages through groups badly', () => {
  const GROUPS = '{ connector { users(first: 250) { nodes { groups { displayName } } } } }';

  it('are those behind an empty page, too', async () => {
    await using world = await startWorld();
    world.webex.fail({ route: 'GET /groups', fault: { kind: 'empty-page' } });
    const { connector } = await world.ask<{
      connector: { users: { nodes: { groups: { displayName: string }[] }[] } };
    }>(GROUPS);
    expect(
      connector.users.nodes.map(({ groups }) => groups.map((group) => group.displayName).sort()),
    ).toEqual(world.webex.people.map((person) => [...person.groupNames].sort()));
  });

  it('are an error, never too few, when its links lead back, and are there again with the next query', async () => {
    await using world = await startWorld();
    const fault = world.webex.fail({ route: 'GET /groups', fault: { kind: 'empty-page' }, times: ALWAYS });
    const { errors } = await world.query(GROUPS);
    expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_INVALID');
    fault.clear();
    const { connector } = await world.ask<{ connector: { users: { nodes: { groups: object[] }[] } } }>(
      GROUPS,
    );
    expect(connector.users.nodes.some(({ groups }) => groups.length > 0)).toBe(true);
  });
});
