import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { UpstreamUnavailable } from '../../src/errors/upstream.ts';
import type { Fault } from '../../src/sandbox/index.ts';
import { createAuditEventRepository } from '../../src/store/audit-events.ts';
import type { ListReport } from '../../src/store/sync/documents.ts';
import type { Staging } from '../../src/store/sync/staging.ts';
import { changedSince } from '../../src/sync/observe/changed-since.ts';
import { type Observation, type ObservationContext, observe } from '../../src/sync/observe/observe.ts';
import type { MappingOutline } from '../../src/sync/words.ts';
import {
  altered,
  alteredPeople,
  idLike,
  type ObservedWorld,
  outlineOf,
  startObservedWorld,
} from '../observed-world.ts';

const ALWAYS = Number.POSITIVE_INFINITY;
const NEVER = new AbortController().signal;

let world: ObservedWorld;
let staging: Staging;
let planNo = 0;
beforeAll(async () => {
  world = await startObservedWorld({ users: 90 });
  // Pages of 20 people, and groups with members that need further requests.
  Object.assign(world.webex.settings, { peoplePageCeiling: 20, membersCeiling: 20, groupsPageCeiling: 10 });
});
afterEach(async () => {
  world.webex.clearFaults();
  await staging?.drop();
});
afterAll(() => world[Symbol.asyncDispose]());

const MANAGING_ALL = outlineOf({ groups: { mode: 'EXACT', managed: { prefix: '' }, create: false } });

const EVENT = {
  ...{ actor: 'test', operation: 'updateUser', requestId: 'r', dryRun: false, connectorName: 'acme' },
  ...{ targetName: null, changes: [], idempotencyKey: null, settled: undefined },
};

async function look(
  outline: MappingOutline = outlineOf(),
  { signal = NEVER, scopes = [], ...context }: Partial<ObservationContext> & { scopes?: string[] } = {},
): Promise<Observation> {
  planNo += 1;
  staging = await world.staging.open(planNo, 1);
  world.webex.requests.clear();
  const observation = await observe(world.open(scopes), outline, { ...context, staging, signal });
  // The staging tables hold exactly what is reported.
  expect(await staging.counts()).toMatchObject({
    sync_target_rows: observation.people + observation.others,
    sync_target_groups: observation.groups,
    sync_held_members: observation.heldMembers,
  });
  return observation;
}

const rows = () =>
  world.database.db.selectFrom('sync_target_rows').selectAll().where('plan_no', '=', planNo).execute();
const listOf = ({ lists }: Observation, name: ListReport['name']) => lists.find((list) => list.name === name);

describe('an observation', () => {
  it('stores every user with what the mapping manages, and nothing else', async () => {
    const observation = await look(outlineOf({ fields: ['title'], hasManager: true }));
    const stored = await rows();
    expect(stored.map((row) => row.webex_id).sort()).toEqual(world.webex.people.map(({ id }) => id).sort());
    const [person] = world.webex.people.filter(({ title }) => title !== undefined);
    const row = stored.find((each) => each.webex_id === person?.id);
    expect(row).toMatchObject({
      email: person?.email.toLowerCase(),
      type: 'person',
      name: person?.displayName,
    });
    expect(row?.observed).toEqual({
      emails: [person?.email],
      fields: { title: person?.title, loginEnabled: true },
      managerId: person?.managerId ?? null,
      licenses: person?.licenseIds,
      roles: person?.roleIds,
      invitePending: person?.invitePending,
    });
    expect(observation).toMatchObject({ people: 90, others: 0, connectingPersonId: 'me' });
    expect(listOf(observation, 'people')).toEqual({ name: 'people', complete: true, count: 90, requests: 5 });
  });

  it('takes one request for each page of people, one for licenses and one for roles', async () => {
    const { requests, lists } = await look();
    expect(requests).toBe(7);
    expect(world.webex.requests.byRoute).toEqual({ 'GET /people': 5, 'GET /licenses': 1, 'GET /roles': 1 });
    expect(lists.map(({ name, requests: count }) => [name, count])).toEqual(
      expect.arrayContaining([
        ['people', 5],
        ['licenses', 1],
        ['roles', 1],
      ]),
    );
  });

  it('tells which roles make an administrator', async () => {
    const { administratorRoleIds, fullAdministratorRoleIds } = await look();
    expect(administratorRoleIds).toEqual(world.webex.roles.map(({ id }) => id));
    expect(fullAdministratorRoleIds).toEqual([world.webex.role('Full Administrator')?.id]);
  });

  it('reads calling data only if the mapping sets a field of it', async () => {
    await look(outlineOf({ fields: ['extension'] }));
    const [first] = world.webex.requests.all.filter(({ route }) => route === 'GET /people');
    expect(first?.query).toContain('callingData=true');
    const caller = world.webex.people.find(({ extension }) => extension !== undefined);
    const row = (await rows()).find((each) => each.webex_id === caller?.id);
    expect(row?.observed).toMatchObject({ fields: { extension: caller?.extension } });
  });

  it('stores all members of all groups that the mapping manages', async () => {
    const observation = await look(MANAGING_ALL);
    expect(observation.groups).toBe(world.webex.groups.length);
    const held = await world.database.db
      .selectFrom('sync_held_members')
      .selectAll()
      .where('plan_no', '=', planNo)
      .execute();
    for (const { id, memberIds } of world.webex.groups) {
      const ids = held.filter(({ group_id }) => group_id === id).map(({ webex_id }) => webex_id);
      expect(ids.sort()).toEqual([...memberIds].sort());
    }
    expect(listOf(observation, 'members')).toMatchObject({ complete: true, count: held.length });
  });

  it('asks only for groups that the mapping names', async () => {
    const names = ['All Employees', 'Engineering'];
    const observation = await look(
      outlineOf({ groups: { mode: 'ADDITIVE', managed: { names }, create: false } }),
    );
    expect(world.webex.requests.count('GET /groups')).toBe(2);
    expect(observation.groups).toBe(2);
    expect(observation.heldMembers).toBe(
      names.reduce((sum, name) => sum + (world.webex.group(name)?.memberIds.length ?? 0), 0),
    );
  });

  it('lists all groups if Webex ignores the filter by name', async () => {
    world.webex.fail({ route: 'GET /groups', fault: { kind: 'filter-ignored' }, times: ALWAYS });
    const names = ['All Employees'];
    const observation = await look(
      outlineOf({ groups: { mode: 'ADDITIVE', managed: { names }, create: false } }),
    );
    expect(observation.groups).toBe(world.webex.groups.length);
    expect(observation.heldMembers).toBe(world.webex.group('All Employees')?.memberIds.length);
  });

  it('keeps bots and app users with their type', async () => {
    world.webex.fail({
      route: 'GET /people',
      fault: alteredPeople((items) => Object.assign(items[0] ?? {}, { type: 'bot' })),
    });
    const observation = await look();
    expect(observation).toMatchObject({ people: 89, others: 1 });
    expect((await rows()).filter(({ type }) => type === 'bot')).toHaveLength(1);
  });

  it('says that the roles are unknown if Webex does not show them', async () => {
    world.webex.fail({ route: 'GET /roles', fault: { kind: 'status', status: 403 }, times: ALWAYS });
    const observation = await look();
    expect(listOf(observation, 'roles')).toMatchObject({
      complete: false,
      reason: expect.stringContaining('refused'),
    });
  });

  it('ends with its signal', async () => {
    const ending = new AbortController();
    world.webex.fail({
      route: 'GET /people',
      after: 2,
      fault: { kind: 'latency', ms: 1 },
      where: () => {
        ending.abort();
        return true;
      },
    });
    await expect(look(outlineOf(), { signal: ending.signal })).rejects.toThrow();
  });

  it('fails if the first page cannot be read', async () => {
    world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 500 }, times: ALWAYS });
    await expect(look()).rejects.toThrow(UpstreamUnavailable);
  });
});

describe('a list of people that breaks off', () => {
  const BREAKS: readonly (readonly [string, Fault, string])[] = [
    ['a page is lost in the middle', { kind: 'status', status: 500 }, 'failed with status 500'],
    ['a page is HTML', { kind: 'html', status: 200 }, 'not JSON'],
    ['an empty page has a next page', { kind: 'empty-page' }, 'empty page in the middle'],
    ['the next link leads back', { kind: 'next-link', how: 'looping' }, 'circle'],
    ['the cursor has expired', { kind: 'status', status: 404 }, 'middle of the list 3 times'],
    ['the cursor is refused', { kind: 'status', status: 400 }, 'middle of the list 3 times'],
  ];
  it.each(BREAKS)('is incomplete if %s', async (_case, fault, reason) => {
    const where = ({ query }: { query: URLSearchParams }) => query.has('after');
    world.webex.fail({ route: 'GET /people', after: 1, fault, times: ALWAYS, where });
    const observation = await look();
    expect(listOf(observation, 'people')).toMatchObject({
      complete: false,
      reason: expect.stringContaining(reason),
    });
    expect(observation.people).toBeLessThan(90);
  });

  it.each([
    404, 410, 400,
  ])('is read again from its beginning if a cursor expires once (%d)', async (status) => {
    world.webex.fail({ route: 'GET /people', after: 2, fault: { kind: 'status', status } });
    const observation = await look();
    expect(listOf(observation, 'people')).toMatchObject({ complete: true, count: 90, requests: 8 });
  });

  it('is complete if an empty page is answered once', async () => {
    world.webex.fail({ route: 'GET /people', after: 2, fault: { kind: 'empty-page' } });
    const observation = await look();
    expect(listOf(observation, 'people')).toMatchObject({ complete: true, count: 90, requests: 6 });
  });

  it('is incomplete if a user comes twice with different content', async () => {
    const first = world.webex.people[0];
    const fault = alteredPeople((items) =>
      items.push({ id: first?.id, emails: [first?.email], title: 'Other' }),
    );
    world.webex.fail({ route: 'GET /people', after: 3, fault });
    const observation = await look();
    expect(listOf(observation, 'people')).toMatchObject({
      ...{ complete: false, count: 90, reason: expect.stringContaining('twice with different content') },
    });
  });

  it('is incomplete if it begins again under another link', async () => {
    let first: Record<string, unknown>[] = [];
    world.webex.fail({
      route: 'GET /people',
      fault: alteredPeople((items) => {
        first = [...items];
      }),
    });
    world.webex.fail({
      route: 'GET /people',
      after: 2,
      fault: alteredPeople((items) => items.splice(0, items.length, ...first)),
    });
    const observation = await look();
    expect(listOf(observation, 'people')).toMatchObject({
      complete: false,
      reason: expect.stringContaining('began the list again'),
    });
  });

  it('is incomplete if a user has no id', async () => {
    world.webex.fail({ route: 'GET /people', fault: alteredPeople((items) => delete items[3]?.id) });
    const observation = await look();
    expect(listOf(observation, 'people')).toMatchObject({
      complete: false,
      count: 89,
      reason: expect.stringContaining('without an id'),
    });
  });
});

describe('a list of groups that breaks off', () => {
  it('is incomplete if fewer groups come than Webex counts', async () => {
    world.webex.fail({
      route: 'GET /groups',
      times: ALWAYS,
      fault: altered((body) => Object.assign(body, { totalResults: 99 })),
    });
    const observation = await look(MANAGING_ALL);
    expect(listOf(observation, 'groups')).toMatchObject({
      complete: false,
      reason: expect.stringContaining('99'),
    });
  });

  it('leaves a group incomplete whose members cannot be read, and the other groups whole', async () => {
    const id = world.webex.group('All Employees')?.id ?? '';
    const where = ({ path }: { path: string }) => path.includes(encodeURIComponent(id));
    world.webex.fail({
      route: 'GET /groups/:id/members',
      times: ALWAYS,
      where,
      fault: { kind: 'status', status: 500 },
    });
    const observation = await look(MANAGING_ALL);
    expect(listOf(observation, 'members')).toMatchObject({
      complete: false,
      reason: expect.stringContaining('All Employees'),
    });
    const groups = await world.database.db
      .selectFrom('sync_target_groups')
      .selectAll()
      .where('plan_no', '=', planNo)
      .execute();
    expect(groups.filter(({ complete }) => !complete).map(({ name }) => name)).toEqual(['All Employees']);
  });
});

describe('memberships of large groups', () => {
  const scopes = ['identity:people_read'];
  const members = () => world.webex.groups.reduce((sum, group) => sum + group.memberIds.length, 0);

  it('come with the people if the token may use SCIM, and that takes fewer requests', async () => {
    const observation = await look(MANAGING_ALL, { scopes });
    expect(world.webex.requests.count('GET /identity/scim/:orgId/v2/Users')).toBe(1);
    expect(world.webex.requests.count('GET /groups/:id/members')).toBe(0);
    expect(observation.heldMembers).toBe(members());
    expect(listOf(observation, 'members')).toMatchObject({ complete: true, requests: 1 });
  });

  it('are read group by group if SCIM refuses, or shows fewer members than a group has', async () => {
    const route = 'GET /identity/scim/:orgId/v2/Users';
    world.webex.fail({ route, fault: { kind: 'status', status: 403 } });
    expect(await look(MANAGING_ALL, { scopes })).toMatchObject({ heldMembers: members() });
    await staging.drop();
    const fault = altered((body) => {
      if (Array.isArray(body.Resources)) delete body.Resources[0]?.groups;
    });
    world.webex.fail({ route, fault });
    const observation = await look(MANAGING_ALL, { scopes });
    expect(observation.heldMembers).toBe(members());
    expect(listOf(observation, 'members')).toMatchObject({ complete: true });
  });
});

describe('changes through the gateway during an observation', () => {
  it('are seen, whatever the lists show', async () => {
    const [changed, missing] = world.webex.people;
    const fault = alteredPeople((items) => {
      Object.assign(items[0] ?? {}, { title: 'As it was before' });
      items.splice(1, 1);
    });
    world.webex.fail({ route: 'GET /people', fault });
    const gone = idLike(changed?.id ?? '');
    const users = [changed?.id ?? '', missing?.id ?? '', gone];
    const observation = await look(outlineOf(), { changedSince: async () => ({ users, groups: [] }) });
    expect(observation.people).toBe(90);
    const row = (await rows()).find(({ webex_id }) => webex_id === changed?.id);
    expect(row?.observed).toMatchObject({ fields: { title: changed?.title ?? null } });
  });

  it('of groups are seen, with their members', async () => {
    const { id = '', memberIds = [] } = world.webex.group('Engineering') ?? {};
    const fault = altered((body) => {
      const groups = Array.isArray(body.groups) ? body.groups : [];
      const old = groups.find((group) => group.id === id);
      Object.assign(old ?? {}, { description: 'As it was before', members: [], memberSize: 0 });
    });
    world.webex.fail({ route: 'GET /groups', times: ALWAYS, fault });
    const { heldMembers, groups } = await look(MANAGING_ALL, {
      changedSince: async () => ({ users: [], groups: [id] }),
    });
    expect(groups).toBe(world.webex.groups.length);
    expect(heldMembers).toBe(world.webex.groups.reduce((sum, group) => sum + group.memberIds.length, 0));
    expect(memberIds.length).toBeGreaterThan(0);
  });

  it('are noted if there are too many, or if they cannot be read again', async () => {
    const many = await look(outlineOf(), { changedSince: async () => undefined });
    expect(listOf(many, 'people')).toMatchObject({
      complete: true,
      reason: expect.stringContaining('Many users'),
    });
    world.webex.fail({ route: 'GET /people/:id', times: ALWAYS, fault: { kind: 'status', status: 500 } });
    const users = [world.webex.people[0]?.id ?? ''];
    const one = await look(outlineOf(), { changedSince: async () => ({ users, groups: [] }) });
    expect(listOf(one, 'people')).toMatchObject({
      complete: true,
      reason: expect.stringContaining('read again: 1'),
    });
  });

  it('are known from the audit trail', async () => {
    const auditEvents = createAuditEventRepository(world.database.db, 0);
    const connectorId = randomUUID();
    const begin = (targetType: 'User' | 'Group' | 'Connector', targetId: string) =>
      auditEvents.begin({ ...EVENT, id: randomUUID(), connectorId, targetType, targetId });
    await begin('User', 'u1');
    await begin('User', 'u1');
    await begin('Group', 'g1');
    await begin('Connector', 'c1');
    expect(await changedSince(auditEvents, connectorId, new Date())).toEqual({
      users: ['u1'],
      groups: ['g1'],
    });
    await Promise.all(Array.from({ length: 100 }, (_, number) => begin('User', `many-${number}`)));
    expect(await changedSince(auditEvents, connectorId, new Date())).toBeUndefined();
  });
});
