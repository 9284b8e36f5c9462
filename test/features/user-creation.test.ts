import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { appliedIn, change, changeAll, idOf, routesOf } from '../changes.ts';
import { EachOrganization, ORGANIZATIONS } from '../each-organization.ts';
import type { World } from '../world.ts';

const worlds = new EachOrganization();
let world: World;
let count = 0;

afterAll(() => worlds[Symbol.asyncDispose]());
beforeEach(() => {
  world.webex.clearFaults();
  world.webex.requests.clear();
});

/** A user who does not exist yet. */
function someUser(more: object = {}) {
  count += 1;
  const user = { emails: [`user${count}@acme.example`], displayName: `User ${count}`, ...more };
  return { connector: world.connectorId, user };
}

const numberOfPeople = () => world.webex.people.length;

describe.each(ORGANIZATIONS)('createUser, in %s', (whose) => {
  beforeAll(async () => {
    world = await worlds.world(whose);
  });

  it('createUser sends one request, with licenses and roles by name', async () => {
    const input = someUser({
      firstName: 'Some',
      title: 'Tester',
      licenses: { exactly: ['Advanced Messaging', 'Basic Messaging'] },
      roles: { change: { add: ['Device Administrator'] } },
      phoneNumbers: ['+1 555 010 0100'],
      addresses: [{ locality: 'Oslo', country: 'NO' }],
    });
    expect(await change(world, 'createUser', input)).toMatchObject({
      outcome: 'APPLIED',
      user: {
        emails: input.user.emails,
        title: 'Tester',
        licenses: [{ name: 'Advanced Messaging' }, { name: 'Basic Messaging' }],
      },
    });
    expect(routesOf(world).filter((route) => route.startsWith('POST'))).toEqual(['POST /people']);
    expect(world.webex.person(input.user.emails[0] ?? '')).toMatchObject({
      roleNames: ['Device Administrator'],
    });
  });

  it('createUser creates a user who calls, with location and extension in the same request', async () => {
    const [locationId] = world.webex.locationIds;
    const input = someUser({
      licenses: { exactly: ['Webex Calling - Professional'] },
      location: locationId,
      extension: '5501',
    });
    expect(await change(world, 'createUser', input)).toMatchObject({
      outcome: 'APPLIED',
      user: { extension: '5501', locationWebexId: locationId },
    });
  });

  it('createUser finds a user whom Webex created although it answered 400', async () => {
    const before = numberOfPeople();
    world.webex.fail({ route: 'POST /people', fault: { kind: 'created-but-400' } });
    const input = someUser({ title: 'Found' });
    expect(await change(world, 'createUser', input)).toMatchObject({
      outcome: 'APPLIED',
      user: { title: 'Found' },
    });
    expect(numberOfPeople()).toBe(before + 1);
  });

  it('createUser finds the created user also if lists lag behind', async () => {
    world.webex.settings.listLagHidesEmail = true;
    world.webex.settings.listLagRequests = 1;
    world.webex.fail({ route: 'POST /people', fault: { kind: 'reset', when: 'after' } });
    expect(await change(world, 'createUser', someUser())).toMatchObject({ outcome: 'APPLIED' });
    world.webex.settings.listLagRequests = 0;
  });

  it('createUser says what is missing of a user who was created in part', async () => {
    // Webex looks at the location once it has created them, and leaves out all that goes with it.
    const input = someUser({
      licenses: { exactly: ['Webex Calling - Standard'] },
      location: 'nowhere',
      extension: '77',
    });
    const outcome = await change(world, 'createUser', input);
    expect(outcome.outcome).toBe('PARTIALLY_APPLIED');
    expect(appliedIn(outcome, true)).toEqual(['emails', 'displayName']);
    expect(appliedIn(outcome, false)).toEqual(expect.arrayContaining(['licenses', 'extension', 'location']));
    expect(world.webex.person(input.user.emails[0] ?? '')).toMatchObject({ licenseNames: [] });
  });

  it('createUser requests licenses again that Webex left out silently, and says which it did not grant', async () => {
    const license = world.webex.license('Webex Webinars 1000');
    // The catalogue that the gateway knows still has seats.
    world.webex.setTotalUnits('Webex Webinars 1000', undefined);
    await world.ask('{ connector { licenses { name } } }');
    world.webex.setTotalUnits('Webex Webinars 1000', license?.consumedUnits);
    world.webex.requests.clear();
    const outcome = await change(
      world,
      'createUser',
      someUser({ licenses: { exactly: ['Webex Webinars 1000', 'Basic Messaging'] } }),
    );
    expect(outcome.outcome).toBe('PARTIALLY_APPLIED');
    expect(appliedIn(outcome, false)).toEqual(['licenses']);
    expect(world.webex.requests.count('PATCH /licenses/users')).toBe(1);
  });

  it('createUser says which address is taken, and by whom', async () => {
    const [taken] = world.webex.people;
    const outcome = await change(world, 'createUser', someUser({ emails: [taken?.email] }));
    expect(outcome).toMatchObject({ error: { code: 'EMAIL_TAKEN', current: { emails: [taken?.email] } } });
    world.webex.settings.duplicatePersonStatus = 400;
    const [, other] = world.webex.people;
    expect(await change(world, 'createUser', someUser({ emails: [other?.email] }))).toMatchObject({
      error: { code: 'EMAIL_TAKEN' },
    });
    world.webex.settings.duplicatePersonStatus = 409;
  });

  it('a dry run of createUser shows seats, and finds a taken address', async () => {
    const outcome = await change(world, 'createUser', {
      ...someUser({ licenses: { change: { add: ['Advanced Messaging'] } } }),
      dryRun: true,
    });
    expect(outcome).toMatchObject({
      outcome: 'DRY_RUN',
      seats: [{ license: { name: 'Advanced Messaging' }, needed: 1 }],
    });
    const [taken] = world.webex.people;
    expect(
      await change(world, 'createUser', { ...someUser({ emails: [taken?.email] }), dryRun: true }),
    ).toMatchObject({ error: { code: 'EMAIL_TAKEN' } });
    expect(world.webex.requests.count('POST /people')).toBe(0);
  });

  it('createUser refuses a user without a name, and a read-only connector', async () => {
    expect(await change(world, 'createUser', someUser({ displayName: undefined }))).toMatchObject({
      error: { code: 'INVALID_INPUT' },
    });
    const setReadOnly = (readOnly: boolean) =>
      world.ask(
        `mutation ($input: UpdateConnectorInput!) { updateConnector(input: $input) { error { message } } }`,
        { input: { id: world.connectorId, readOnly } },
      );
    await setReadOnly(true);
    world.webex.requests.clear();
    expect(await change(world, 'createUser', someUser())).toMatchObject({ error: { code: 'READ_ONLY' } });
    expect(routesOf(world)).toEqual([]);
    await setReadOnly(false);
  });
});

describe.each(ORGANIZATIONS)('lists of changes, in %s', (whose) => {
  beforeAll(async () => {
    world = await worlds.world(whose);
  });

  it('lists of changes have one outcome per item, in order, and one bad item fails no other', async () => {
    const [taken] = world.webex.people;
    const [{ user: one }, { user: other }] = [someUser(), someUser()];
    const created = await changeAll(world, 'createUsers', {
      connector: world.connectorId,
      users: [one, { ...one, emails: [taken?.email] }, { emails: ['x@acme.example'] }, other],
    });
    expect(created.map(({ outcome, error }) => error?.code ?? outcome)).toEqual([
      'APPLIED',
      'EMAIL_TAKEN',
      'INVALID_INPUT',
      'APPLIED',
    ]);
    expect(created[2]).toMatchObject({ error: { problems: [{ path: 'input.users[2].displayName' }] } });
    const [first, , , last] = created;
    const updated = await changeAll(world, 'updateUsers', {
      users: [
        { id: first?.user?.id, user: { title: 'One' } },
        { id: 'nonsense', user: { title: 'Two' } },
        { id: last?.user?.id, user: { title: 'Three' } },
      ],
    });
    expect(updated.map(({ outcome, user }) => [outcome, user?.title])).toEqual([
      ['APPLIED', 'One'],
      ['NOT_APPLIED', undefined],
      ['APPLIED', 'Three'],
    ]);
    const deleted = await changeAll(world, 'deleteUsers', {
      ids: [first?.user?.id, last?.user?.id, first?.user?.id],
    });
    expect(deleted.map(({ outcome }) => outcome).toSorted()).toEqual([
      'APPLIED',
      'APPLIED',
      'NOTHING_CHANGED',
    ]);
  });

  it('lists of changes run in parallel, within the connections of the connector', async () => {
    const people = world.webex.people.slice(5, 50);
    const ids = await Promise.all(people.map(({ id }) => idOf(world, 'user', id)));
    world.webex.requests.clear();
    world.webex.settings.latencyMs = 80;
    const outcomes = await changeAll(world, 'updateUsers', {
      users: ids.map((id, index) => ({ id, user: { title: `Side by side ${index}` } })),
    });
    world.webex.settings.latencyMs = 0;
    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['APPLIED']));
    expect(world.webex.requests.mostConcurrent).toBe(10);
    expect(world.webex.requests.mostSockets).toBeLessThanOrEqual(10);
    expect(world.webex.requests.count('PUT /people/:id')).toBe(45);
  });

  it('lists of changes with more than 500 items are refused as a whole', async () => {
    const users = Array.from({ length: 501 }, (_, index) => ({ id: String(index), user: {} }));
    await expect(changeAll(world, 'updateUsers', { users })).rejects.toThrow('more than 500 changes');
  });
});
