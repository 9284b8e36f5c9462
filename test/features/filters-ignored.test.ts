import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Route } from '../../src/sandbox/index.ts';
import { change, idOf, routesOf } from '../changes.ts';
import { startWorld, type World } from '../world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 60 } });
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  world.webex.clearFaults();
  world.webex.requests.clear();
});

const ALWAYS = Number.POSITIVE_INFINITY;
const NOBODY = 'nobody.at.all@acme.example';

/** Has Webex answer lists as if their queries named no filter, as a proxy does that drops them. */
function ignoreFilters(route: Route = 'GET /people'): void {
  world.webex.fail({ route, times: ALWAYS, fault: { kind: 'filter-ignored' } });
}

describe('a list to which Webex has not applied the filter', () => {
  it('is not taken for the user who was requested by address', async () => {
    ignoreFilters();
    const person = world.webex.people[2];
    const { connector } = await world.ask<{ connector: Record<string, unknown> }>(
      `query ($email: EmailAddress!) { connector {
        nobody: user(email: "${NOBODY}") { emails }
        users(filter: { email: "${NOBODY}" }) { nodes { emails } pageInfo { hasNextPage } }
        someUser: user(email: $email) { emails }
      } }`,
      { email: person?.email.toUpperCase() },
    );
    expect(connector).toEqual({
      nobody: null,
      users: { nodes: [], pageInfo: { hasNextPage: false } },
      someUser: { emails: [person?.email] },
    });
  });

  it('is narrowed down here to those who have a role', async () => {
    const role = world.webex.roles.find(({ name }) => name === 'Device Administrator');
    const query = `query ($roleId: ID!) { connector { users(first: 60, filter: { roleId: $roleId }) { nodes { webexId } } } }`;
    const right = await world.ask<{ connector: { users: { nodes: { webexId: string }[] } } }>(query, {
      roleId: role?.id,
    });
    ignoreFilters();
    expect(await world.ask(query, { roleId: role?.id })).toEqual(right);
    expect(right.connector.users.nodes.length).toBeGreaterThan(0);
    expect(right.connector.users.nodes.length).toBeLessThan(60);
  });

  it('is narrowed down here to those who are in a location', async () => {
    const [locationId] = world.webex.locationIds;
    const query = `query ($locationId: String!) { connector { users(first: 60, filter: { locationId: $locationId }) { nodes { webexId } } } }`;
    const right = await world.ask<{ connector: { users: { nodes: { webexId: string }[] } } }>(query, {
      locationId,
    });
    ignoreFilters();
    expect(await world.ask(query, { locationId })).toEqual(right);
    expect(right.connector.users.nodes.length).toBeGreaterThan(0);
    expect(right.connector.users.nodes.length).toBeLessThan(60);
  });

  it('is not taken for a group that was asked for by name, in any case', async () => {
    ignoreFilters('GET /groups');
    // The first of the list, by name: the filter that is ignored leaves the others out.
    const [group] = world.webex.groups.toSorted((one, other) =>
      one.displayName.localeCompare(other.displayName),
    );
    const { connector } = await world.ask<{ connector: Record<string, unknown> }>(
      `query ($name: String!) { connector {
        none: group(displayName: "No such group") { displayName }
        groups(filter: { displayName: "No such group" }) { nodes { displayName } pageInfo { hasNextPage } }
        first: group(displayName: $name) { displayName }
      } }`,
      { name: group?.displayName.toUpperCase() },
    );
    expect(connector).toEqual({
      none: null,
      groups: { nodes: [], pageInfo: { hasNextPage: false } },
      first: { displayName: group?.displayName },
    });
  });

  it('makes nobody a member or a manager who was not named', async () => {
    ignoreFilters();
    const [group] = world.webex.groups;
    const groupId = await idOf(world, 'group', group?.id ?? '');
    const before = world.webex.group(group?.displayName ?? '')?.memberIds;
    expect(await change(world, 'updateGroupMembers', { id: groupId, add: [NOBODY] })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    });
    const id = await idOf(world, 'user', world.webex.people[3]?.id ?? '');
    expect(await change(world, 'updateUser', { id, user: { manager: NOBODY } })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    });
    expect(world.webex.group(group?.displayName ?? '')?.memberIds).toEqual(before);
    expect(routesOf(world).filter((route) => !route.startsWith('GET'))).toEqual([]);
  });

  it('does not stand in the way of a new user or group', async () => {
    ignoreFilters();
    ignoreFilters('GET /groups');
    const { connectorId } = world;
    const user = {
      connector: connectorId,
      dryRun: true,
      user: { emails: ['new.in.spite@acme.example'], displayName: 'New' },
    };
    expect((await change(world, 'createUser', user)).outcome).toBe('DRY_RUN');
    const group = { connector: connectorId, displayName: 'New in spite', dryRun: true };
    expect((await change(world, 'createGroup', group)).outcome).toBe('DRY_RUN');
  });

  it('is not taken for the people who were asked for by id', async () => {
    ignoreFilters();
    const wanted = world.webex.people.slice(10, 13);
    const ids = await Promise.all(wanted.map(({ id }) => idOf(world, 'user', id)));
    const { nodes } = await world.ask<{ nodes: unknown[] }>(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { displayName } } }',
      { ids },
    );
    expect(nodes).toEqual(wanted.map(({ displayName }) => ({ displayName })));
  });
});

describe('a record of another id than was asked for', () => {
  const other = (route: 'GET /people/:id' | 'GET /groups/:id' | 'PUT /people/:id', id: string | undefined) =>
    world.webex.fail({
      route,
      times: ALWAYS,
      fault: { kind: 'altered', alter: (body) => Object.assign(body, { id }) },
    });

  it('is an error, and says nothing about the one that was asked for', async () => {
    const [one, two] = world.webex.people;
    const [first, second] = world.webex.groups;
    const id = await idOf(world, 'user', one?.id ?? '');
    const groupId = await idOf(world, 'group', first?.id ?? '');
    other('GET /people/:id', two?.id);
    other('GET /groups/:id', second?.id);
    const { data, errors } = await world.query(
      'query ($user: ID!, $group: ID!) { connector { user(id: $user) { title } group(id: $group) { displayName } } }',
      { user: id, group: groupId },
    );
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual([
      'UPSTREAM_INVALID',
      'UPSTREAM_INVALID',
    ]);
    expect(data).toEqual({ connector: { user: null, group: null } });
    world.webex.requests.clear();
    expect(await change(world, 'deleteUser', { id })).toMatchObject({ error: { code: 'UPSTREAM_INVALID' } });
    expect(routesOf(world)).not.toContain('DELETE /people/:id');
  });

  it('does not prove a change: the record is read again', async () => {
    const [one, two] = world.webex.people.slice(5);
    const id = await idOf(world, 'user', one?.id ?? '');
    world.webex.requests.clear();
    other('PUT /people/:id', two?.id);
    expect(await change(world, 'updateUser', { id, user: { title: 'Seen' } })).toMatchObject({
      user: { webexId: one?.id, title: 'Seen' },
    });
    expect(routesOf(world).slice(0, 3)).toEqual(['GET /people/:id', 'PUT /people/:id', 'GET /people/:id']);
  });

  it('may be the same in another spelling', async () => {
    const person = world.webex.people[7];
    const { connector } = await world.ask<{ connector: { user: object } }>(
      'query ($id: ID!) { connector { user(id: $id) { displayName title } } }',
      { id: `${person?.id}=` },
    );
    expect(connector.user).toMatchObject({ displayName: person?.displayName });
  });
});

it('an organization of another id than was asked for is an error, and not the one of the connector', async () => {
  world.webex.settings.organizationsNeedScope = false;
  const alter = (body: Record<string, unknown>) => {
    body.id = Buffer.from('ciscospark://us/ORGANIZATION/11111111-0c3e-4ab5-b3f8-0f8f0b3f0d8a').toString(
      'base64url',
    );
  };
  world.webex.fail({ route: 'GET /organizations/:id', fault: { kind: 'altered', alter } });
  const NAME = '{ connector { details { organization { displayName } } } }';
  const { errors } = await world.query(NAME);
  expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_INVALID');
  expect((await world.query(NAME)).errors).toBeUndefined();
});
