import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RequestRecord } from '../../src/sandbox/index.ts';
import { startWorld, type World, type WorldOptions } from '../world.ts';

// Each read of Webex has a floor: the fewest requests there can be, and the fewest rounds of latency, as
// what does not hang on an answer can be asked for beside it. Cold: nothing is kept. Warm: the catalogues are.

/** Much longer than what the gateway itself takes for a round, on a slow machine, too. */
const LATENCY_MS = 250;
const MINIMUM = ['spark-admin:people_read', 'spark-admin:licenses_read', 'spark-admin:roles_read'];
const WITH_SCIM = [...MINIMUM, 'identity:groups_read', 'identity:people_read'];
const WITHOUT_SCIM = [...MINIMUM, 'identity:groups_read'];

let world: World;

async function start(options: WorldOptions = {}): Promise<void> {
  world = await startWorld({
    sandbox: { settings: { latencyMs: LATENCY_MS } },
    connector: { scopes: WITHOUT_SCIM },
    ...options,
  });
}

afterEach(() => world[Symbol.asyncDispose]());

/** What a query takes: its requests by route, and how many of them had to follow one upon the other. */
async function spend(query: string, variables: object = {}) {
  world.webex.requests.clear();
  await world.ask(query, variables);
  const { byRoute, all } = world.webex.requests;
  expect(world.webex.requests.identical()).toEqual([]);
  return { requests: byRoute, rounds: roundsOf(all) };
}

/** The most requests of which each began after the one before had ended. */
function roundsOf(requests: readonly RequestRecord[]): number {
  let rounds = 0;
  let last = 0;
  for (const { startedAt, endedAt = startedAt } of [...requests].sort(
    (one, other) => (one.endedAt ?? 0) - (other.endedAt ?? 0),
  )) {
    if (startedAt < last) continue;
    rounds += 1;
    last = endedAt;
  }
  return rounds;
}

async function userIds(count: number): Promise<string[]> {
  const { connector } = await world.ask<{ connector: { users: { nodes: { id: string }[] } } }>(
    'query ($count: Int) { connector { users(first: $count) { nodes { id } } } }',
    { count },
  );
  return connector.users.nodes.map((node) => node.id);
}

describe('the floor of reading users', () => {
  beforeEach(() => start());

  it('100 users with licenses and roles: three requests in one round; warm, one', async () => {
    const query =
      '{ connector { users(first: 100) { nodes { displayName licenses { name } roles { name } } } } }';
    const catalogues = { 'GET /licenses': 1, 'GET /roles': 1 };
    expect(await spend(query)).toEqual({ requests: { 'GET /people': 1, ...catalogues }, rounds: 1 });
    expect(await spend(query)).toEqual({ requests: { 'GET /people': 1 }, rounds: 1 });
  });

  it('100 users with licenses, roles and groups: four requests in one round; warm, one', async () => {
    const query =
      '{ connector { users(first: 100) { nodes { licenses { name } roles { name } groups { displayName } } } } }';
    const catalogues = { 'GET /licenses': 1, 'GET /roles': 1, 'GET /groups': 1 };
    expect(await spend(query)).toEqual({ requests: { 'GET /people': 1, ...catalogues }, rounds: 1 });
    expect(await spend(query)).toEqual({ requests: { 'GET /people': 1 }, rounds: 1 });
  });

  it('one user by address with everything: four requests in one round; warm, one', async () => {
    const query = `query ($email: EmailAddress!) { connector { user(email: $email) {
      displayName title licenses { name } roles { name } groups { displayName } } } }`;
    const email = world.webex.people[7]?.email;
    const catalogues = { 'GET /licenses': 1, 'GET /roles': 1, 'GET /groups': 1 };
    expect(await spend(query, { email })).toEqual({
      requests: { 'GET /people': 1, ...catalogues },
      rounds: 1,
    });
    for (const warm of [email, 'nobody@example.com']) {
      expect(await spend(query, { email: warm })).toEqual({ requests: { 'GET /people': 1 }, rounds: 1 });
    }
  });

  it('200 users by id, names and addresses: one request for 85 of them, in one round', async () => {
    const ids = await userIds(200);
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { displayName emails } } }';
    expect(await spend(query, { ids })).toEqual({ requests: { 'GET /people': 3 }, rounds: 1 });
  });

  it('20 users by id with licenses and roles: the page of people that holds them, in one round', async () => {
    const ids = await userIds(20);
    const query =
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { licenses { name } roles { name } } } }';
    const catalogues = { 'GET /licenses': 1, 'GET /roles': 1 };
    expect(await spend(query, { ids })).toEqual({
      requests: { 'GET /people': 1, ...catalogues },
      rounds: 1,
    });
  });

  it('users by id in an organization of more pages than they are: each by itself, in one round', async () => {
    Object.assign(world.webex.settings, { peoplePageCeiling: 10, latencyMs: 0 });
    const everybody = await userIds(250);
    const query =
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { licenses { name } roles { name } } } }';
    await world.ask(query, { ids: everybody });
    world.webex.settings.latencyMs = LATENCY_MS;
    const ids = everybody.slice(100, 110);
    expect(await spend(query, { ids })).toEqual({ requests: { 'GET /people/:id': 10 }, rounds: 1 });
  });

  it('all users: as many requests as pages, one after the other, and the catalogues beside the first', async () => {
    world.webex.settings.peoplePageCeiling = 100;
    const query = '{ connector { users(first: 1000) { nodes { licenses { name } roles { name } } } } }';
    const catalogues = { 'GET /licenses': 1, 'GET /roles': 1 };
    expect(await spend(query)).toEqual({ requests: { 'GET /people': 3, ...catalogues }, rounds: 3 });
  });

  it('all users with calling data: a request for each hundred', async () => {
    const query = '{ connector { users(first: 1000) { nodes { extension } } } }';
    expect(await spend(query)).toEqual({ requests: { 'GET /people': 3 }, rounds: 3 });
  });

  it('licenses and roles: one request each, in one round; warm, none', async () => {
    const query = '{ connector { licenses { name } roles { name } } }';
    const catalogues = { 'GET /licenses': 1, 'GET /roles': 1 };
    expect(await spend(query)).toEqual({ requests: catalogues, rounds: 1 });
    expect(await spend(query)).toEqual({ requests: {}, rounds: 0 });
  });

  it('the holders of a license: one request for 300 of them, and one for 85 names of them', async () => {
    const [license] = world.webex.licenses;
    const holders = world.webex.people.filter(({ licenseIds }) => licenseIds.includes(license?.id ?? ''));
    expect(holders.length).toBeGreaterThan(0);
    const ids =
      'query ($id: ID!) { connector { license(id: $id) { users(first: 300) { nodes { id webexId } } } } }';
    expect(await spend(ids, { id: license?.id })).toEqual({
      requests: { 'GET /licenses': 1, 'GET /licenses/:id': 1 },
      rounds: 2,
    });
    const names = ids.replace('id webexId', 'displayName');
    expect(await spend(names, { id: license?.id })).toEqual({
      requests: { 'GET /licenses/:id': 1, 'GET /people': Math.ceil(holders.length / 85) },
      rounds: 2,
    });
  });
});

describe('the floor of reading groups', () => {
  beforeEach(() => start());

  it('groups without members: one request', async () => {
    const query = '{ connector { groups(first: 1000) { nodes { displayName memberCount } } } }';
    expect(await spend(query)).toEqual({ requests: { 'GET /groups': 1 }, rounds: 1 });
  });

  it('groups with members: one request for 50 of them, one for 85 members, in two rounds', async () => {
    const members = new Set(world.webex.groups.flatMap((group) => group.memberIds.slice(0, 20)));
    const query =
      '{ connector { groups(first: 50) { nodes { displayName members(first: 20) { nodes { displayName emails } } } } } }';
    expect(await spend(query)).toEqual({
      requests: { 'GET /groups': 1, 'GET /people': Math.ceil(members.size / 85) },
      rounds: 2,
    });
  });
});

describe('the floor of reading the ids of members', () => {
  beforeEach(() => start());

  it('is that of the groups alone', async () => {
    const query =
      '{ connector { groups(first: 50) { nodes { displayName members(first: 500) { totalCount nodes { id webexId __typename } } } } } }';
    expect(await spend(query)).toEqual({ requests: { 'GET /groups': 1 }, rounds: 1 });
  });

  it('gives the same ids as where names are read too', async () => {
    type Groups = { connector: { groups: { nodes: { members: { nodes: { id: string }[] } }[] } } };
    const query = '{ connector { groups(first: 50) { nodes { members(first: 500) { nodes { id } } } } } }';
    const ids = ({ connector }: Groups) =>
      connector.groups.nodes.map(({ members }) => members.nodes.map(({ id }) => id));
    const alone = ids(await world.ask<Groups>(query));
    expect(ids(await world.ask<Groups>(query.replace('{ id }', '{ id displayName }')))).toEqual(alone);
    expect(alone.flat().length).toBeGreaterThan(0);
  });
});

describe('the floor of reading large groups', () => {
  beforeEach(() => start({ sandbox: { users: 2_400, settings: { latencyMs: LATENCY_MS } } }));

  it('the members of one: one request for 500 of them, the first with the group, the rest side by side', async () => {
    const largest = world.webex.groups.reduce((one, other) =>
      one.memberIds.length > other.memberIds.length ? one : other,
    );
    const count = Math.min(1_000, largest.memberIds.length);
    expect(count).toBeGreaterThan(500);
    // 500 at once, and each request begins with the last of those that are there, so that none is passed over.
    const requestsForMembers = Math.ceil((count - 500) / 499);
    const { connector } = await world.ask<{ connector: { group: { id: string } } }>(
      'query ($name: String) { connector { group(displayName: $name) { id } } }',
      { name: largest.displayName },
    );
    const query =
      'query ($id: ID!) { node(id: $id) { ... on Group { members(first: 1000) { nodes { displayName } } } } }';
    const { requests, rounds } = await spend(query, { id: connector.group.id });
    expect(requests).toEqual({
      'GET /groups/:id': 1,
      'GET /groups/:id/members': requestsForMembers,
      'GET /people': Math.ceil(count / 85),
    });
    expect(rounds).toBeLessThanOrEqual(4);
  });
});

describe('the floor of reading many groups', () => {
  it('the pages behind the first are read side by side, and members as soon as their groups are there', async () => {
    await start();
    world.webex.settings.groupsPageCeiling = 5;
    const groups = world.webex.groups.length;
    const members = new Set(world.webex.groups.flatMap((group) => group.memberIds.slice(0, 20)));
    const query =
      '{ connector { groups(first: 1000) { nodes { displayName members(first: 20) { nodes { displayName } } } } } }';
    const { requests, rounds } = await spend(query);
    expect(requests).toEqual({
      // Each page but the first begins with the last group of the one before, so that none is passed over.
      'GET /groups': Math.ceil((groups - 1) / 4),
      'GET /people': Math.ceil(members.size / 85),
    });
    expect(rounds).toBeLessThanOrEqual(3);
  });

  it('names of members begin beside the next page of groups, as soon as they fill a request', async () => {
    await start();
    Object.assign(world.webex.settings, { latencyMs: 3 * LATENCY_MS, groupsPageCeiling: 15 });
    await spend(
      '{ connector { groups(first: 30) { nodes { members(first: 100) { nodes { displayName } } } } } }',
    );
    const { all } = world.webex.requests;
    const begun = all.filter(({ route }) => route === 'GET /people').map(({ startedAt }) => startedAt);
    const ended = all.filter(({ route }) => route === 'GET /groups').map(({ endedAt = 0 }) => endedAt);
    expect(ended).toHaveLength(2);
    expect(begun.length).toBeGreaterThan(1);
    expect(Math.min(...begun)).toBeLessThan(Math.max(...ended));
  });
});

describe('the floor of reading memberships with identity:people_read', () => {
  beforeEach(() => start({ connector: { scopes: WITH_SCIM } }));

  it('the groups of one user: one search', async () => {
    const query =
      'query ($email: EmailAddress!) { connector { user(email: $email) { licenses { name } groups { displayName } } } }';
    expect(await spend(query, { email: world.webex.people[3]?.email })).toEqual({
      requests: { 'GET /people': 1, 'GET /licenses': 1, 'GET /identity/scim/:orgId/v2/Users': 1 },
      rounds: 2,
    });
  });

  it('the groups of a few users: one search for twenty of them', async () => {
    const ids = await userIds(20);
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { groups { displayName } } } }';
    expect(await spend(query, { ids })).toEqual({
      requests: { 'GET /people': 1, 'GET /identity/scim/:orgId/v2/Users': 1 },
      rounds: 2,
    });
  });
});
