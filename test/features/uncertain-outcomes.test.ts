import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Fault, PersonTruth } from '../../src/sandbox/index.ts';
import { change, idOf } from '../changes.ts';
import { startWorld, type World } from '../world.ts';

/** The change is made, and a page of HTML comes in place of the answer. */
const DONE_WITH_A_PAGE: Fault = { kind: 'status', status: 200, body: '<html>', applied: true };
const AWAY: Fault = { kind: 'status', status: 503 };
const ABSENT: Fault = { kind: 'status', status: 404 };
const REFUSED: Fault = { kind: 'status', status: 403 };
const TIMED_OUT: Fault = { kind: 'status', status: 504 };
const UNKNOWN = { outcome: 'UNKNOWN', error: { code: 'OUTCOME_UNKNOWN' } };
/** Seconds: longer than any test takes. */
const LONG = 600;
const MESSAGING = ['Basic Messaging', 'Advanced Messaging'];
const MEETINGS = 'Advanced Space Meetings';

let world: World;

beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 800 }, lateWriteGrace: LONG });
});
afterEach(() => world.webex.clearFaults());
afterAll(() => world[Symbol.asyncDispose]());

/** One of those without roles and calling whom `suits` lets pass: another index for each test. */
function someUser(index: number, suits = (_person: PersonTruth) => true): PersonTruth {
  const people = world.webex.people.filter(
    ({ email, roleNames, locationId }) =>
      email !== world.webex.adminEmail && roleNames.length === 0 && locationId === undefined,
  );
  const found = people.filter(suits)[index];
  if (found === undefined) throw new Error('There are too few people.');
  return found;
}

/** The outcome of the latest change in the audit trail. */
async function recorded(): Promise<string | undefined> {
  const { auditEvents } = await world.ask<{ auditEvents: { nodes: { outcome: string }[] } }>(
    '{ auditEvents(first: 1) { nodes { outcome } } }',
  );
  return auditEvents.nodes[0]?.outcome;
}

function newUser(name: string) {
  const email = `${name.toLowerCase()}@${world.webex.org.domain}`;
  return { email, input: { connector: world.connectorId, user: { emails: [email], displayName: name } } };
}

/** Has Webex create people without the licenses that were asked for, as far as its answers show. */
function withoutLicenses(): Fault {
  return {
    kind: 'altered',
    alter: (body) => {
      body.licenses = [];
    },
  };
}

describe('a creation that was made is never told as if nothing was done', () => {
  it('a group that cannot be read after its creation is completed with its key', async () => {
    const hidden: Fault = {
      kind: 'altered',
      alter: (body) => {
        delete body.members;
      },
    };
    world.webex.fail({ route: 'POST /groups', fault: hidden });
    world.webex.fail({ route: 'GET /groups/:id', fault: AWAY, times: 10 });
    const input = { connector: world.connectorId, displayName: 'Unread', members: [someUser(0).id] };
    expect(await change(world, 'createGroup', input, 'unread')).toMatchObject(UNKNOWN);
    expect(await recorded()).toBe('UNKNOWN');
    expect(world.webex.group('Unread')).toBeDefined();
    world.webex.clearFaults();
    expect(await change(world, 'createGroup', input, 'unread')).toMatchObject({ outcome: 'APPLIED' });
    expect(await recorded()).toBe('APPLIED');
  });

  it.each([
    ['cannot be read', AWAY],
    ['is not found yet', ABSENT],
  ])('a new user who %s after a license was refused is completed with the key', async (what, fault) => {
    const { email, input } = newUser(`Refused-${what.replaceAll(' ', '-')}`);
    const asked = { ...input, user: { ...input.user, licenses: { exactly: [MEETINGS] } } };
    world.webex.fail({ route: 'POST /people', fault: withoutLicenses() });
    world.webex.fail({ route: 'GET /people/:id', fault: withoutLicenses() });
    world.webex.fail({ route: 'GET /people/:id', fault, times: 10 });
    world.webex.fail({ route: 'PATCH /licenses/users', fault: REFUSED });
    expect(await change(world, 'createUser', asked, email)).toMatchObject(UNKNOWN);
    expect(await recorded()).toBe('UNKNOWN');
    expect(world.webex.person(email)).toBeDefined();
    world.webex.clearFaults();
    expect(await change(world, 'createUser', asked, email)).toMatchObject({ outcome: 'APPLIED' });
    expect(await recorded()).toBe('APPLIED');
  });

  it('a created user is found, also if the database is slower than Webex', async () => {
    const { email, input } = newUser('Slow-Database');
    world.webex.fail({ route: 'POST /people', fault: DONE_WITH_A_PAGE });
    world.webex.fail({ route: 'GET /people', fault: AWAY, times: 10 });
    expect(await change(world, 'createUser', input, email)).toMatchObject(UNKNOWN);
    world.webex.clearFaults();
    const { auditEvents } = world.store;
    const get = auditEvents.get.bind(auditEvents);
    const slow = vi.spyOn(auditEvents, 'get').mockImplementation(async (id) => {
      const event = await get(id);
      // Longer than the second that Webex's clock leaves open.
      await sleep(1_100);
      return event;
    });
    expect(await change(world, 'createUser', input, email)).toMatchObject({ outcome: 'APPLIED' });
    slow.mockRestore();
  });

  it('a creation is UNKNOWN if Webex answers with a page and lists do not show the record yet', async () => {
    const { email, input } = newUser('Unlisted');
    world.webex.fail({ route: 'POST /people', fault: DONE_WITH_A_PAGE });
    world.webex.fail({ route: 'GET /people', fault: { kind: 'empty-page' }, times: 10 });
    expect(await change(world, 'createUser', input)).toMatchObject(UNKNOWN);
    expect(world.webex.person(email)).toBeDefined();
    expect(await recorded()).toBe('UNKNOWN');
    world.webex.fail({ route: 'POST /groups', fault: DONE_WITH_A_PAGE });
    world.webex.fail({ route: 'GET /groups', fault: { kind: 'empty-page' }, times: 10 });
    const group = { connector: world.connectorId, displayName: 'Unlisted' };
    expect(await change(world, 'createGroup', group)).toMatchObject(UNKNOWN);
    expect(world.webex.group('Unlisted')).toBeDefined();
    expect(await recorded()).toBe('UNKNOWN');
  });
});

describe('a change that Webex has accepted', () => {
  it('an accepted change is not NOT_FOUND because one read afterwards finds no user', async () => {
    const { id: webexId } = someUser(1);
    const id = await idOf(world, 'user', webexId);
    const stale: Fault = {
      kind: 'altered',
      alter: (body) => {
        body.title = 'Stale';
      },
    };
    world.webex.fail({ route: 'PUT /people/:id', fault: stale });
    world.webex.fail({ route: 'GET /people/:id', fault: ABSENT, after: 1 });
    expect(await change(world, 'updateUser', { id, user: { title: 'New' } })).toMatchObject(UNKNOWN);
    expect(await recorded()).toBe('UNKNOWN');
    expect(world.webex.person(webexId)?.title).toBe('New');
  });
});

describe('a change that nobody answered', () => {
  it('a change without an answer shows what of it is visible, member by member', async () => {
    const members = world.webex.people.slice(0, 700).map(({ id }) => id);
    await change(world, 'createGroup', { connector: world.connectorId, displayName: 'Half' });
    const groupId = await idOf(world, 'group', world.webex.group('Half')?.id ?? '');
    world.webex.fail({ route: 'PATCH /groups/:id', fault: TIMED_OUT, after: 1 });
    const outcome = await change(world, 'updateGroupMembers', { id: groupId, add: members });
    expect(outcome).toMatchObject({
      ...UNKNOWN,
      changes: [{ field: 'members', after: members, applied: null }],
      members: members.slice(500).map((reference) => ({ reference, action: 'ADD', outcome: 'UNKNOWN' })),
    });
    expect(outcome.error?.message).toContain(`Not yet as requested: add ${members[500]},`);
    // Without a key it could be made twice.
    expect(outcome.error?.retryable).toBe(false);
  });

  it.each([
    'updateUser',
    'updateUserLicenses',
  ])('a change without an answer is completed by %s with its key, although Webex has granted a part of the licenses', async (mutation) => {
    const { id: webexId, licenseIds } = someUser(mutation === 'updateUser' ? 20 : 21, (each) =>
      MESSAGING.every((name) => !each.licenseNames.includes(name)),
    );
    const id = await idOf(world, 'user', webexId);
    const [granted, missing] = world.webex.licenses.filter(({ name }) => MESSAGING.includes(name));
    if (granted === undefined || missing === undefined) throw new Error('The licenses are missing.');
    const input =
      mutation === 'updateUser'
        ? { id, user: { licenses: { exactly: [...licenseIds, granted.id, missing.id] } } }
        : { id, add: [{ license: granted.id }, { license: missing.id }] };
    const part: Fault = {
      kind: 'altered',
      alter: (body) => {
        body.licenses = [...licenseIds, granted.id];
      },
    };
    const route = mutation === 'updateUser' ? 'PUT /people/:id' : 'PATCH /licenses/users';
    world.webex.fail({ route, fault: TIMED_OUT });
    world.webex.fail({ route: 'GET /people/:id', fault: part, after: 1, times: 2 });
    expect(await change(world, mutation, input, mutation)).toMatchObject({
      ...UNKNOWN,
      error: { ...UNKNOWN.error, retryable: true },
    });
    expect(await change(world, mutation, input, mutation)).toMatchObject({ outcome: 'APPLIED' });
    expect(await recorded()).toBe('APPLIED');
    expect(world.webex.person(webexId)?.licenseIds).toContain(missing.id);
  });
});

describe('a change that may still be applied', () => {
  async function undecided(index: number) {
    const { id: webexId } = someUser(index);
    const id = await idOf(world, 'user', webexId);
    const landing = Promise.withResolvers<void>();
    world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'late', after: landing.promise } });
    const input = { id, user: { title: 'Late' } };
    expect(await change(world, 'updateUser', input, webexId)).toMatchObject(UNKNOWN);
    return { webexId, id, input, land: () => landing.resolve() };
  }

  it('a change that may still be applied is not NOT_APPLIED because Webex refuses the repetition', async () => {
    const { webexId, input, land } = await undecided(5);
    world.webex.fail({ route: 'PUT /people/:id', fault: REFUSED });
    expect(await change(world, 'updateUser', input, webexId)).toMatchObject(UNKNOWN);
    expect(await recorded()).toBe('UNKNOWN');
    land();
    await expect.poll(() => world.webex.person(webexId)?.title).toBe('Late');
    expect(await change(world, 'updateUser', input, webexId)).toMatchObject({ outcome: 'APPLIED' });
    expect(await recorded()).toBe('APPLIED');
  });

  it('a change that may still be applied delays no deletion, and nothing once the user is gone', async () => {
    const { webexId, id, land } = await undecided(6);
    expect(await change(world, 'deleteUser', { id })).toMatchObject({ outcome: 'APPLIED' });
    expect(await change(world, 'updateUser', { id, user: { title: 'Next' } })).toMatchObject({
      outcome: 'NOT_APPLIED',
      error: { code: 'NOT_FOUND' },
    });
    land();
    expect(world.webex.person(webexId)).toBeUndefined();
  });

  it('a change that may still be applied also delays changes with another spelling of the id', async () => {
    const { webexId, id } = await undecided(7);
    const text = Buffer.from(id, 'base64').toString().replace(webexId, `${webexId}=`);
    const outcome = await change(world, 'updateUser', {
      id: Buffer.from(text).toString('base64'),
      user: { title: 'Next' },
    });
    expect(outcome).toMatchObject({
      outcome: 'NOT_APPLIED',
      error: { code: 'INVALID_INPUT', problems: [{ path: 'input.id' }] },
    });
  });
});
