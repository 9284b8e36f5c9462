import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startWorld, type World } from '../world.ts';

// What one query asks for in many places is read once, and what its parts ask for in one moment travels
// together, however the answers to them come in.

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
const firstPeople = (count: number) => world.webex.people.slice(0, count);

describe('a list that many objects lead to is read once', () => {
  it('the holders of the licenses of a hundred users', async () => {
    const held = new Set(firstPeople(100).flatMap((person) => person.licenseIds));
    expect(
      await cost(
        '{ connector { users(first: 100) { nodes { licenses { users(first: 5) { nodes { webexId } } } } } } }',
      ),
    ).toEqual({ 'GET /people': 1, 'GET /licenses': 1, 'GET /licenses/:id': held.size });
  });

  it('the holders of the roles of a hundred users', async () => {
    const held = new Set(firstPeople(100).flatMap((person) => person.roleNames));
    expect(
      await cost(
        '{ connector { users(first: 100) { nodes { roles { users(first: 5) { nodes { displayName } } } } } } }',
      ),
    ).toEqual({ 'GET /people': 1 + held.size, 'GET /roles': 1 });
  });

  it('the same list under two names', async () => {
    const query = `{ connector {
      a: users(first: 5) { nodes { id } } b: users(first: 5) { nodes { title } }
      c: groups(first: 5) { nodes { id } } d: groups(first: 5) { nodes { memberCount } }
    } }`;
    expect(await cost(query)).toEqual({ 'GET /people': 1, 'GET /groups': 1 });
  });

  it('and fails once, for all who wanted it', async () => {
    const failure = world.webex.fail({
      route: 'GET /people',
      fault: { kind: 'status', status: 403 },
      times: Number.POSITIVE_INFINITY,
    });
    const { errors } = await world.query(
      '{ a: connector { users(first: 5) { nodes { id } } } b: connector { users(first: 5) { nodes { id } } } }',
    );
    expect(errors?.map((error) => error.extensions.code)).toContain('UPSTREAM_FORBIDDEN');
    expect(failure.struck).toBe(1);
  });
});

describe('people, wherever a query meets them, are read together', () => {
  it('the names of the holders of every license: one request for each license, and one for the people', async () => {
    const licenses = world.webex.licenses.length;
    expect(
      await cost('{ connector { licenses { users(first: 5) { nodes { displayName emails } } } } }'),
    ).toEqual({
      'GET /licenses': 1,
      'GET /licenses/:id': licenses,
      'GET /people': 1,
    });
  });

  it('and with what only administrators see: the list of people, not each by themselves', async () => {
    const licenses = world.webex.licenses.length;
    expect(
      await cost('{ connector { licenses { users(first: 5) { nodes { displayName title } } } } }'),
    ).toEqual({
      'GET /licenses': 1,
      'GET /licenses/:id': licenses,
      'GET /people': 1,
    });
  });

  it('when the answers come one after the other, too', async () => {
    const licenses = world.webex.licenses;
    for (const [index, license] of licenses.entries()) {
      world.webex.fail({
        route: 'GET /licenses/:id',
        fault: { kind: 'latency', ms: 10 * index },
        where: (request) => request.path.includes(license.id),
      });
    }
    const spent = await cost('{ connector { licenses { users(first: 5) { nodes { displayName } } } } }');
    expect(spent['GET /people']).toBe(1);
  });

  it('and their groups: from the index, when they are more than one search names', async () => {
    const scopes = [
      'spark-admin:people_read',
      'spark-admin:licenses_read',
      'identity:groups_read',
      'identity:people_read',
    ];
    await using other = await startWorld({ connector: { scopes } });
    await other.ask(
      '{ connector { licenses { users(first: 5) { nodes { displayName groups { displayName } } } } } }',
    );
    expect(other.webex.requests.byRoute).toEqual({
      'GET /licenses': 1,
      'GET /licenses/:id': other.webex.licenses.length,
      'GET /people': 1,
      'GET /groups': 1,
    });
  });

  it('nodes by id, for which the connector is looked up once', async () => {
    const { connector } = await world.ask<{ connector: { users: { nodes: { id: string }[] } } }>(
      '{ connector { users(first: 80) { nodes { id } } } }',
    );
    const ids = connector.users.nodes.map((node) => node.id);
    const lookUp = vi.spyOn(world.store.recent, 'connector');
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { displayName } } }';
    expect(await cost(query, { ids })).toEqual({ 'GET /people': 1 });
    expect(lookUp).toHaveBeenCalledTimes(1);
  });
});

describe('the cost of what Webex no longer lists', () => {
  it('a license that a user holds is looked for once, not with every query', async () => {
    const body = '{"items":[]}';
    world.webex.fail({
      route: 'GET /licenses',
      fault: { kind: 'broken-json', body },
      times: Number.POSITIVE_INFINITY,
    });
    const query = '{ connector { users(first: 10) { nodes { licenses { name } } } } }';
    expect(await cost(query)).toEqual({ 'GET /people': 1, 'GET /licenses': 1 });
    expect(await cost(query)).toEqual({ 'GET /people': 1 });
  });

  it('a license or a role by id is read again if the kept catalogue does not hold it', async () => {
    const body = '{"items":[]}';
    for (const route of ['GET /licenses', 'GET /roles'] as const) {
      world.webex.fail({ route, fault: { kind: 'broken-json', body } });
    }
    await world.ask('{ connector { licenses { name } roles { name } } }');
    const [license] = world.webex.licenses;
    const role = world.webex.role('Full Administrator');
    const query =
      'query ($license: ID, $role: ID) { connector { license(id: $license) { name } role(id: $role) { name } } }';
    const answer = await world.ask(query, { license: license?.id, role: role?.id });
    expect(answer).toEqual({
      connector: { license: { name: license?.name }, role: { name: 'Full Administrator' } },
    });
  });
});

describe('a user asked for in several places of a query', () => {
  it('shows in each what is asked for there, whatever the others ask for', async () => {
    const caller = world.webex.people.find((person) => person.extension !== undefined);
    const { connector } = await world.ask<{ connector: Record<string, object> }>(
      `query ($id: ID!) { connector {
        users(first: 100) { nodes { id extension } }
        calling: user(id: $id) { extension locationWebexId }
        present: user(id: $id) { webexId status }
        named: user(id: $id) { displayName title }
      } }`,
      { id: caller?.id },
    );
    expect(connector).toMatchObject({
      calling: { extension: caller?.extension, locationWebexId: caller?.locationId },
      present: { webexId: caller?.id },
      named: { displayName: caller?.displayName, title: caller?.title ?? null },
    });
  });
});

describe('a short cut that fails for itself', () => {
  const ALWAYS = Number.POSITIVE_INFINITY;

  it('leads back to the sure way: users by id, where the list takes Webex too long', async () => {
    const ids = world.webex.people.slice(0, 30).map(({ id }) => id);
    const { connector } = await world.ask<{ connector: { id: string } }>('{ connector { id } }');
    const connectorId = Buffer.from(connector.id, 'base64').toString().split(':')[1];
    world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 504 }, times: ALWAYS });
    const { nodes } = await world.ask<{ nodes: { department: string | null }[] }>(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { department } } }',
      { ids: ids.map((id) => Buffer.from(`User:${connectorId}:${id}`).toString('base64')) },
    );
    expect(nodes.map((node) => node.department)).toEqual(
      world.webex.people.slice(0, 30).map(({ department }) => department ?? null),
    );
  });

  it('leads back to the sure way: groups of users, where Webex refuses the search', async () => {
    const scopes = ['spark-admin:people_read', 'identity:groups_read', 'identity:people_read'];
    await using other = await startWorld({ connector: { scopes } });
    other.webex.fail({
      route: 'GET /identity/scim/:orgId/v2/Users',
      fault: { kind: 'status', status: 403 },
      times: ALWAYS,
    });
    const person = other.webex.people.find(({ groupNames }) => groupNames.length > 1);
    const { connector } = await other.ask<{ connector: { user: { groups: { displayName: string }[] } } }>(
      'query ($email: EmailAddress!) { connector { user(email: $email) { groups { displayName } } } }',
      { email: person?.email },
    );
    expect(connector.user.groups.map(({ displayName }) => displayName).sort()).toEqual(
      [...(person?.groupNames ?? [])].sort(),
    );
  });

  it('of another request is not one’s own failure', async () => {
    const groups = world.webex.groups.slice(0, 2);
    const slow = world.webex.fail({ route: 'GET /groups', fault: { kind: 'latency', ms: 300 } });
    world.webex.fail({ route: 'GET /groups', fault: { kind: 'html', status: 200 } });
    const failing = world.query('{ connector { users(first: 1) { nodes { groups { displayName } } } } }');
    await expect.poll(() => slow.struck).toBe(1);
    const { connector } = await world.ask<{ connector: Record<string, { displayName: string }> }>(
      'query ($a: ID, $b: ID) { connector { a: group(id: $a) { displayName } b: group(id: $b) { displayName } } }',
      { a: groups[0]?.id, b: groups[1]?.id },
    );
    expect([connector.a?.displayName, connector.b?.displayName]).toEqual(
      groups.map(({ displayName }) => displayName),
    );
    expect((await failing).errors?.[0]?.extensions.code).toBe('UPSTREAM_INVALID');
  });
});
