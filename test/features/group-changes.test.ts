import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { change, idOf } from '../changes.ts';
import { EachOrganization, ORGANIZATIONS } from '../each-organization.ts';
import type { World } from '../world.ts';

const worlds = new EachOrganization({ sandbox: { users: 2_100 } });
let world: World;
afterAll(() => worlds[Symbol.asyncDispose]());
beforeEach(() => {
  world.webex.clearFaults();
  world.webex.requests.clear();
});

const members = (name: string) => new Set(world.webex.group(name)?.memberIds);

describe.each(ORGANIZATIONS)('groups, in %s', (whose) => {
  beforeAll(async () => {
    world = await worlds.world(whose);
  });

  it('createGroup adds 2,000 members in as few requests as the limit of 500 allows', async () => {
    const ids = world.webex.people.slice(0, 2_000).map(({ id }) => id);
    const input = {
      connector: world.connectorId,
      displayName: 'Everybody',
      description: 'All of us',
      members: ids,
    };
    expect(await change(world, 'createGroup', input)).toMatchObject({
      outcome: 'APPLIED',
      group: { displayName: 'Everybody', memberCount: 2_000 },
    });
    expect(members('Everybody')).toEqual(new Set(ids));
    expect(world.webex.requests.count('POST /groups')).toBe(1);
    expect(world.webex.requests.count('PATCH /groups/:id')).toBe(3);
  });

  it('createGroup keeps the members that were added if others fail, and says who is missing', async () => {
    const ids = world.webex.people.slice(0, 1_200).map(({ id }) => id);
    world.webex.fail({ route: 'PATCH /groups/:id', fault: { kind: 'status', status: 500 } });
    const input = { connector: world.connectorId, displayName: 'Most', members: ids };
    const outcome = await change(world, 'createGroup', input);
    expect(outcome).toMatchObject({ outcome: 'PARTIALLY_APPLIED', error: { code: 'UPSTREAM_UNAVAILABLE' } });
    expect(outcome.members).toHaveLength(500);
    expect(members('Most').size).toBe(700);
  });

  it('updateGroupMembers reports what an earlier request has done if a later one is refused', async () => {
    const ids = world.webex.people.slice(0, 900).map(({ id }) => id);
    await change(world, 'createGroup', { connector: world.connectorId, displayName: 'Parts' });
    const groupId = await idOf(world, 'group', world.webex.group('Parts')?.id ?? '');
    world.webex.fail({ route: 'PATCH /groups/:id', fault: { kind: 'status', status: 500, applied: true } });
    world.webex.fail({ route: 'PATCH /groups/:id', fault: { kind: 'status', status: 403 } });
    const outcome = await change(world, 'updateGroupMembers', { id: groupId, add: ids });
    expect(outcome).toMatchObject({ outcome: 'PARTIALLY_APPLIED' });
    expect(outcome.members).toHaveLength(400);
    expect(members('Parts').size).toBe(500);
  });

  it('updateGroupMembers leaves out members whom Webex does not know, and says so', async () => {
    const [one, other] = world.webex.people;
    const gone = Buffer.from('ciscospark://us/PEOPLE/00000000-0000-4000-8000-000000000000')
      .toString('base64')
      .replace(/=+$/, '');
    await change(world, 'createGroup', { connector: world.connectorId, displayName: 'Some' });
    const id = await idOf(world, 'group', world.webex.group('Some')?.id ?? '');
    const outcome = await change(world, 'updateGroupMembers', {
      id,
      add: [one?.id, gone, other?.email],
    });
    expect(outcome).toMatchObject({
      outcome: 'PARTIALLY_APPLIED',
      members: [{ reference: gone, action: 'ADD', outcome: 'NOT_APPLIED' }],
    });
    expect(members('Some')).toEqual(new Set([one?.id, other?.id]));
  });

  it('updateGroupMembers adds and removes members in one request, and says if nothing changed', async () => {
    const [one, two, three] = world.webex.people.slice(10).map(({ id }) => id);
    await change(world, 'createGroup', {
      connector: world.connectorId,
      displayName: 'Team',
      members: [one, two],
    });
    const groupId = await idOf(world, 'group', world.webex.group('Team')?.id ?? '');
    world.webex.requests.clear();
    const input = { id: groupId, add: [two, three], remove: [one] };
    expect(await change(world, 'updateGroupMembers', { ...input, dryRun: true })).toMatchObject({
      outcome: 'DRY_RUN',
      changes: [{ field: 'members', before: [one], after: [three] }],
    });
    expect(await change(world, 'updateGroupMembers', input)).toMatchObject({
      outcome: 'APPLIED',
      group: { memberCount: 2 },
    });
    expect(members('Team')).toEqual(new Set([two, three]));
    expect(world.webex.requests.count('PATCH /groups/:id')).toBe(1);
    expect(await change(world, 'updateGroupMembers', input)).toMatchObject({ outcome: 'NOTHING_CHANGED' });
    expect(await change(world, 'updateGroupMembers', { ...input, remove: [two] })).toMatchObject({
      error: { problems: [{ path: 'input.add[0]' }] },
    });
  });

  it('are renamed, described and deleted', async () => {
    await change(world, 'createGroup', {
      connector: world.connectorId,
      displayName: 'Old',
      description: 'Before',
    });
    const id = await idOf(world, 'group', world.webex.group('Old')?.id ?? '');
    expect(await change(world, 'updateGroup', { id, displayName: 'New', description: null })).toMatchObject({
      outcome: 'APPLIED',
      group: { displayName: 'New', description: null },
    });
    expect(await change(world, 'updateGroup', { id, displayName: 'Everybody' })).toMatchObject({
      error: { code: 'NAME_TAKEN' },
    });
    expect(await change(world, 'updateGroup', { id, displayName: 'New' })).toMatchObject({
      outcome: 'NOTHING_CHANGED',
    });
    expect(await change(world, 'deleteGroup', { id })).toMatchObject({
      outcome: 'APPLIED',
      group: { displayName: 'New' },
    });
    expect(await change(world, 'deleteGroup', { id })).toMatchObject({ outcome: 'NOTHING_CHANGED' });
    expect(await change(world, 'updateGroup', { id, displayName: 'Newer' })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    });
  });

  it('refuse a name that is taken, whatever status Webex gives it', async () => {
    const input = { connector: world.connectorId, displayName: 'Everybody' };
    expect(await change(world, 'createGroup', input)).toMatchObject({ error: { code: 'NAME_TAKEN' } });
    world.webex.clock.advance(60);
    world.webex.settings.duplicateGroupStatus = 400;
    expect(await change(world, 'createGroup', input)).toMatchObject({ error: { code: 'NAME_TAKEN' } });
    expect(await change(world, 'createGroup', { ...input, displayName: ' ' })).toMatchObject({
      error: { code: 'INVALID_INPUT' },
    });
  });
});
