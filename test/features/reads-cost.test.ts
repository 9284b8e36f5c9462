import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

// What a read costs: the fewest requests to Webex there can be, with the catalogues (licenses, roles,
// memberships) cold. No read costs one request per user.

let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const cost = async (query: string, variables: object = {}) => {
  world.webex.requests.clear();
  await world.ask(query, variables);
  expect(world.webex.requests.identical()).toEqual([]);
  return world.webex.requests.byRoute;
};
const live = () => world.webex.people;
const groupsByName = () =>
  [...world.webex.groups].sort((one, other) => one.displayName.localeCompare(other.displayName, 'en'));
const localConnectorId = () => Buffer.from(world.connectorId, 'base64').toString().split(':')[1];
const chunksOf85 = (count: number) => Math.ceil(count / 85);

describe('the cost of reading users', () => {
  it('100 users: one request', async () => {
    expect(
      await cost('{ connector { users(first: 100) { nodes { displayName emails title department } } } }'),
    ).toEqual({
      'GET /people': 1,
    });
  });

  it('100 users with the names of their licenses and roles: three, and one when the catalogues are warm', async () => {
    const query =
      '{ connector { users(first: 100) { nodes { displayName licenses { name } roles { name } } } } }';
    expect(await cost(query)).toEqual({ 'GET /people': 1, 'GET /licenses': 1, 'GET /roles': 1 });
    expect(await cost(query)).toEqual({ 'GET /people': 1 });
  });

  it('1000 users where Webex silently gives 100 at a time: one request a hundred', async () => {
    world.webex.settings.peoplePageCeiling = 100;
    expect(await cost('{ connector { users(first: 1000) { nodes { displayName } } } }')).toEqual({
      'GET /people': 3,
    });
  });

  it('managers that are on the page already: nothing', async () => {
    expect(
      await cost('{ connector { users(first: 250) { nodes { displayName manager { displayName } } } } }'),
    ).toEqual({
      'GET /people': 1,
    });
  });

  it('managers that are not: one request for 85 of them', async () => {
    const page = live().slice(200, 250);
    const onPage = new Set(page.map((person) => person.id));
    const elsewhere = new Set(
      page.flatMap(({ managerId }) => (managerId === undefined || onPage.has(managerId) ? [] : [managerId])),
    );
    expect(elsewhere.size).toBeGreaterThan(0);
    const { connector } = await world.ask<{ connector: { users: { pageInfo: { endCursor: string } } } }>(
      '{ connector { users(first: 200) { pageInfo { endCursor } } } }',
    );
    expect(
      await cost(
        'query ($after: String) { connector { users(first: 50, after: $after) { nodes { manager { displayName emails } } } } }',
        { after: connector.users.pageInfo.endCursor },
      ),
    ).toEqual({ 'GET /people': 1 + chunksOf85(elsewhere.size) });
  });

  it('the groups of 100 users: one request for all groups with their members', async () => {
    expect(
      await cost('{ connector { users(first: 100) { nodes { displayName groups { displayName } } } } }'),
    ).toEqual({
      'GET /people': 1,
      'GET /groups': 1,
    });
  });

  it('one user by address with everything: four', async () => {
    const query = `query ($email: EmailAddress!) { connector { user(email: $email) {
      displayName title licenses { name } roles { name } groups { displayName }
    } } }`;
    expect(await cost(query, { email: live()[7]?.email })).toEqual({
      'GET /people': 1,
      'GET /licenses': 1,
      'GET /roles': 1,
      'GET /groups': 1,
    });
  });

  it('nodes by id, names and addresses only: one request for 85', async () => {
    const ids = await globalIds(200);
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { displayName emails } } }';
    expect(await cost(query, { ids })).toEqual({ 'GET /people': 3 });
  });

  it('nodes by id with licenses: one by itself, more of them from the list of people where that is short', async () => {
    const query =
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { displayName licenses { name } } } }';
    expect(await cost(query, { ids: await globalIds(1) })).toEqual({
      'GET /people/:id': 1,
      'GET /licenses': 1,
    });
    expect(await cost(query, { ids: await globalIds(5) })).toEqual({ 'GET /people': 1 });
    expect(await cost(query, { ids: await globalIds(200) })).toEqual({ 'GET /people': 1 });
  });

  it('fields behind fragments, aliases, @include and @skip are counted as what they are', async () => {
    const ids = await globalIds(1);
    const query = `query ($ids: [ID!]!, $whole: Boolean!) { nodes(ids: $ids) { ...Card } }
      fragment Card on User { name: displayName ... @include(if: $whole) { job: title } lastActivityAt @skip(if: true) }`;
    expect(await cost(query, { ids, whole: false })).toEqual({ 'GET /people': 1 });
    expect(await cost(query, { ids, whole: true })).toEqual({ 'GET /people/:id': 1 });
  });

  it('nodes by id start no catalogue for what is selected of other types than their own', async () => {
    const [user] = await globalIds(1);
    const query = `query ($ids: [ID!]!) { nodes(ids: $ids) {
      ... on User { displayName }
      ... on License { users { nodes { licenses { name } } } }
      ... on Group { ...Members }
      ... on Node { ... on Role { users { nodes { roles { name } } } } }
    } } fragment Members on Group { members { nodes { groups { id } } } }`;
    expect(await cost(query, { ids: [user] })).toEqual({ 'GET /people': 1 });
  });

  it('presence is looked up only where it is asked for', async () => {
    await cost('{ connector { users(first: 10) { nodes { displayName } } } }');
    expect(world.webex.requests.all[0]?.query).toContain('excludeStatus=true');
    await cost('{ connector { users(first: 10) { nodes { displayName status } } } }');
    expect(world.webex.requests.all[0]?.query).not.toContain('excludeStatus');
  });

  it('the calling data of a group of everybody: mostly by the list of users, a hundred at a time', async () => {
    const query = `{ connector { group(displayName: "All Employees") { members(first: 1000) { nodes { webexId extension } } } } }`;
    world.webex.requests.clear();
    const { connector } = await world.ask<{
      connector: { group: { members: { nodes: { webexId: string; extension: string | null }[] } } };
    }>(query);
    const extensions = new Map(live().map(({ id, extension = null }) => [id, extension]));
    const { nodes } = connector.group.members;
    expect(nodes.length).toBeGreaterThan(200);
    // The last page would hold no more people than can be read side by side while it comes.
    expect(world.webex.requests.count('GET /people')).toBe(2);
    expect(world.webex.requests.count('GET /people/:id')).toBeLessThanOrEqual(50);
    expect(nodes).toEqual(nodes.map(({ webexId }) => ({ webexId, extension: extensions.get(webexId) })));
  });

  it('the calling data of twenty users by id: each by itself, side by side', async () => {
    const ids = live()
      .slice(0, 20)
      .map(({ id }) => Buffer.from(`User:${localConnectorId()}:${id}`).toString('base64'));
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { extension } } }';
    expect(await cost(query, { ids })).toEqual({ 'GET /people/:id': 20 });
  });

  it('calling data is read only where it is asked for', async () => {
    await cost('{ connector { users(first: 10) { nodes { displayName title } } } }');
    expect(world.webex.requests.all[0]?.query).not.toContain('callingData');
    await cost('{ connector { users(first: 10) { nodes { extension } } } }');
    expect(world.webex.requests.all[0]?.query).toContain('callingData=true');
  });

  async function globalIds(count: number): Promise<string[]> {
    const { connector } = await world.ask<{ connector: { users: { nodes: { id: string }[] } } }>(
      'query ($count: Int) { connector { users(first: $count) { nodes { id } } } }',
      { count },
    );
    return connector.users.nodes.map((node) => node.id);
  }
});

describe('the cost of reading groups', () => {
  it('groups without their members: one request', async () => {
    expect(await cost('{ connector { groups(first: 100) { nodes { displayName memberCount } } } }')).toEqual({
      'GET /groups': 1,
    });
  });

  it('20 groups with the addresses of their first 20 members: one, and one for 85 members', async () => {
    const members = new Set(
      groupsByName()
        .slice(0, 20)
        .flatMap((group) => group.memberIds.slice(0, 20)),
    );
    const query =
      '{ connector { groups(first: 20) { nodes { displayName members(first: 20) { nodes { displayName emails } } } } } }';
    expect(await cost(query)).toEqual({ 'GET /groups': 1, 'GET /people': chunksOf85(members.size) });
  });

  it('members with licenses, of many groups: the whole list of people, not each by itself', async () => {
    const query =
      '{ connector { groups(first: 20) { nodes { members(first: 20) { nodes { licenses { name } } } } } } }';
    expect(await cost(query)).toEqual({ 'GET /groups': 1, 'GET /people': 1, 'GET /licenses': 1 });
  });
});

describe('the cost of groups of single users', () => {
  it('with identity:people_read: one request, and the same answer', async () => {
    const query =
      'query ($email: EmailAddress!) { connector { user(email: $email) { groups { id displayName } } } }';
    const email = live().find((person) => person.groupNames.length > 3)?.email;
    const byIndex = await world.ask(query, { email });
    const scopes = ['spark-admin:people_read', 'identity:groups_read', 'identity:people_read'];
    await using other = await startWorld({ connector: { scopes } });
    const bySearch: unknown = JSON.parse(
      JSON.stringify(await other.ask(query, { email })).replaceAll(/"id":"[^"]+"/g, '"id":""'),
    );
    expect(bySearch).toEqual(JSON.parse(JSON.stringify(byIndex).replaceAll(/"id":"[^"]+"/g, '"id":""')));
    expect(other.webex.requests.byRoute).toEqual({
      'GET /people': 1,
      'GET /identity/scim/:orgId/v2/Users': 1,
    });
  });
});

describe('the cost of a large group', () => {
  it('of 1,200 members: all memberships in one request, and one for each 500 members that did not ride along', async () => {
    await using large = await startWorld({ sandbox: { users: 1_500 } });
    const rest = large.webex.groups.reduce(
      (sum, group) => sum + Math.max(0, Math.ceil(group.memberIds.length / 500) - 1),
      0,
    );
    expect(rest).toBeGreaterThan(0);
    await large.ask('{ connector { users(first: 1) { nodes { groups { displayName } } } } }');
    expect(large.webex.requests.byRoute).toEqual({
      'GET /people': 1,
      'GET /groups': 1,
      'GET /groups/:id/members': rest,
    });
  });
});

describe('the query of the demo', () => {
  it('costs what its parts cost, and not one request more', async () => {
    const page = new Set(
      live()
        .slice(0, 100)
        .map((person) => person.id),
    );
    const managers = new Set(
      live()
        .slice(0, 100)
        .flatMap(({ managerId }) => (managerId === undefined || page.has(managerId) ? [] : [managerId])),
    );
    const members = new Set(
      groupsByName()
        .slice(0, 20)
        .flatMap((group) => group.memberIds.slice(0, 20)),
    );
    const spent = await cost(`{ connector {
      users(first: 100) { nodes { displayName licenses { name } roles { name } manager { displayName } groups { displayName } } }
      groups(first: 20) { nodes { displayName members(first: 20) { nodes { displayName emails } } } }
    } }`);
    expect(spent).toMatchObject({ 'GET /licenses': 1, 'GET /roles': 1, 'GET /groups': 2 });
    expect(spent['GET /people']).toBeLessThanOrEqual(
      1 + chunksOf85(managers.size) + chunksOf85(members.size),
    );
    expect(Object.keys(spent).sort()).toEqual(['GET /groups', 'GET /licenses', 'GET /people', 'GET /roles']);
  });
});
