import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PersonTruth } from '../../src/sandbox/index.ts';
import { appliedIn, change, idOf, problemsOf, routesOf } from '../changes.ts';
import { EachOrganization, ORGANIZATIONS } from '../each-organization.ts';
import type { World } from '../world.ts';

const worlds = new EachOrganization({ sandbox: { users: 120 } });
let world: World;
let person: PersonTruth;
let id: string;

afterAll(() => worlds[Symbol.asyncDispose]());
/** Takes one of those without calling. What a test leaves undecided holds up changes of the same user. */
async function take(index: number): Promise<void> {
  const found = world.webex.people.filter(
    ({ locationId, email }) => locationId === undefined && email !== world.webex.adminEmail,
  )[index];
  if (found === undefined) throw new Error('nobody without calling');
  person = found;
  id = await idOf(world, 'user', person.id);
  world.webex.requests.clear();
}

beforeEach(async () => {
  world.webex.reset();
  await world.connect();
  await take(0);
});

const truth = () => world.webex.person(person.id);

describe.each(ORGANIZATIONS)('updateUser, in %s', (whose) => {
  beforeAll(async () => {
    world = await worlds.world(whose);
  });

  it('updateUser sets given values, clears null, leaves the rest, with one read and one write', async () => {
    expect(
      await change(world, 'updateUser', { id, user: { title: 'Engineer', department: null } }),
    ).toMatchObject({ outcome: 'APPLIED', user: { title: 'Engineer', department: null } });
    expect(routesOf(world).slice(0, 2)).toEqual(['GET /people/:id', 'PUT /people/:id']);
    expect(truth()).toEqual({ ...person, title: 'Engineer', department: undefined });
  });

  it('updateUser sends nothing if everything is as requested already, and says so', async () => {
    await change(world, 'updateUser', { id, user: { title: 'Engineer' } });
    routesOf(world);
    expect(await change(world, 'updateUser', { id, user: { title: ' Engineer ' } })).toMatchObject({
      outcome: 'NOTHING_CHANGED',
    });
    expect(routesOf(world).filter((route) => !route.startsWith('GET'))).toEqual([]);
  });

  it('a dry run of updateUser shows the change field by field, and sends nothing', async () => {
    const outcome = await change(world, 'updateUser', {
      id,
      dryRun: true,
      user: { title: 'Chief', displayName: person.displayName },
    });
    expect(outcome).toMatchObject({
      outcome: 'DRY_RUN',
      changes: [{ field: 'title', before: person.title ?? null, after: 'Chief' }],
    });
    expect(routesOf(world).filter((route) => !route.startsWith('GET'))).toEqual([]);
    expect(truth()).toEqual(person);
  });

  it('updateUser finds out what a partially applied write has changed', async () => {
    world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'half-applied', fields: ['title'] } });
    const outcome = await change(world, 'updateUser', { id, user: { title: 'Half', department: 'Done' } });
    expect(appliedIn(outcome, true)).toEqual(['title']);
    expect(appliedIn(outcome, false)).toEqual(['department']);
    expect(outcome).toMatchObject({
      outcome: 'PARTIALLY_APPLIED',
      error: {
        code: 'UPSTREAM_REJECTED',
        webexMessage: expect.stringContaining('Part of the request'),
        trackingIds: [expect.stringMatching(/./)],
      },
    });
    expect(truth()).toMatchObject({ title: 'Half', department: person.department });
  });

  it('updateUser is APPLIED if only the answer of Webex was lost', async () => {
    world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'reset', when: 'after' } });
    expect(await change(world, 'updateUser', { id, user: { title: 'Lost' } })).toMatchObject({
      outcome: 'APPLIED',
      user: { title: 'Lost' },
    });
  });

  it('updateUser is NOT_APPLIED if Webex reports a failure and no change is visible', async () => {
    world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'status', status: 503 } });
    expect(await change(world, 'updateUser', { id, user: { title: 'Never' } })).toMatchObject({
      error: { code: 'UPSTREAM_UNAVAILABLE' },
    });
    expect(truth()).toEqual(person);
  });

  it.each([
    { user: 1, fault: { kind: 'reset', when: 'before' } },
    { user: 2, fault: { kind: 'status', status: 504 } },
    { user: 3, fault: { kind: 'html', status: 502 } },
  ] as const)('updateUser is UNKNOWN if no answer says whether Webex made the change: $fault.kind', async ({
    user,
    fault,
  }) => {
    await take(user);
    world.webex.fail({ route: 'PUT /people/:id', fault });
    expect(await change(world, 'updateUser', { id, user: { title: 'Perhaps' } })).toMatchObject({
      error: { code: 'OUTCOME_UNKNOWN' },
    });
    expect(truth()).toEqual(person);
  });

  it('updateUser is UNKNOWN if the user cannot be read afterwards', async () => {
    await take(4);
    world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'status', status: 500, applied: true } });
    world.webex.fail({
      route: 'GET /people/:id',
      fault: { kind: 'status', status: 500 },
      after: 1,
      times: 9,
    });
    expect(await change(world, 'updateUser', { id, user: { title: 'Unknown' } })).toMatchObject({
      outcome: 'UNKNOWN',
      error: { code: 'OUTCOME_UNKNOWN' },
    });
  });

  it('updateUser refuses a record that was changed meanwhile, and shows it', async () => {
    const { user: mine } = await change(world, 'updateUser', { id, user: { title: 'Mine' } });
    const { lastModifiedAt: lastModified } = mine ?? {};
    world.webex.clock.advance(5);
    await change(world, 'updateUser', { id, user: { title: 'Theirs' } });
    routesOf(world);
    expect(
      await change(world, 'updateUser', {
        id,
        ifUnmodifiedSince: lastModified,
        user: { title: 'Mine again' },
      }),
    ).toMatchObject({ error: { code: 'MODIFIED_MEANWHILE' } });
    expect(routesOf(world).filter((route) => !route.startsWith('GET'))).toEqual([]);
    expect(truth()?.title).toBe('Theirs');
  });

  it('updateUser writes every field of a user who calls, and keeps the calling data', async () => {
    const caller = world.webex.people.find(
      ({ locationId, extension }) => locationId !== undefined && extension !== undefined,
    );
    if (caller === undefined) throw new Error('nobody calls');
    const callerId = await idOf(world, 'user', caller.id);
    expect(await change(world, 'updateUser', { id: callerId, user: { title: 'Caller' } })).toMatchObject({
      user: { title: 'Caller' },
    });
    expect(world.webex.person(caller.id)).toEqual({ ...caller, title: 'Caller' });
  });

  it('updateUser assigns a first calling license with its location and extension', async () => {
    const [locationId = ''] = world.webex.locationIds;
    const license = 'Webex Calling - Professional';
    const wanted = [...person.licenseIds, world.webex.license(license)?.id];
    expect(
      await change(world, 'updateUser', {
        id,
        user: { licenses: { exactly: wanted }, location: locationId, extension: '4711' },
      }),
    ).toMatchObject({
      outcome: 'APPLIED',
      user: { extension: '4711', locationWebexId: locationId },
    });
    expect(truth()?.licenseNames).toContain(license);
  });

  it('updateUser takes a manager by email address and roles by name, and disables sign-in', async () => {
    const manager = world.webex.people.find((each) => each.id !== person.id && each.email !== person.email);
    const outcome = await change(world, 'updateUser', {
      id,
      user: { manager: manager?.email, roles: { exactly: ['Support Administrator'] }, loginEnabled: false },
    });
    expect(outcome).toMatchObject({
      user: {
        manager: { emails: [manager?.email] },
        roles: [{ name: 'Support Administrator' }],
        loginEnabled: false,
      },
    });
    expect(truth()).toMatchObject({
      managerId: manager?.id,
      roleNames: ['Support Administrator'],
      loginEnabled: false,
    });
  });

  it('updateUser keeps the first address first, and the implicit license when all others are replaced', async () => {
    const holder = world.webex.people.find(({ licenseNames }) => licenseNames.includes('Screen Share'));
    if (holder === undefined) throw new Error('nobody holds an implicit license');
    const holderId = await idOf(world, 'user', holder.id);
    const second = `second.${holder.email}`;
    await change(world, 'updateUser', {
      id: holderId,
      user: { emails: [holder.email, second], licenses: { exactly: ['Advanced Messaging'] } },
    });
    expect(world.webex.person(holder.id)).toMatchObject({ email: holder.email });
    expect(world.webex.person(holder.id)?.licenseNames.toSorted()).toEqual([
      'Advanced Messaging',
      'Screen Share',
    ]);
  });

  it('updateUser lists every invalid field before anything is sent', async () => {
    const outcome = await change(world, 'updateUser', {
      id,
      user: {
        displayName: null,
        emails: [],
        title: '',
        phoneNumbers: ['+1 555 010 0100', 'call me'],
        extension: 'x1',
        avatar: 'ftp://pictures.example/me',
        siteUrls: ['not a site'],
        licenses: null,
      },
    });
    expect(outcome).toMatchObject({ error: { code: 'INVALID_INPUT' } });
    const problems = problemsOf(outcome);
    expect(problems.map(({ path }) => path).toSorted()).toEqual([
      'input.user.avatar',
      'input.user.displayName',
      'input.user.emails',
      'input.user.extension',
      'input.user.licenses',
      'input.user.phoneNumbers[1]',
      'input.user.siteUrls[0]',
      'input.user.title',
    ]);
    expect(routesOf(world)).toEqual([]);
  });

  it.each([
    ['a license that is not there', { licenses: { exactly: ['No Such License'] } }, 'NOT_FOUND'],
    [
      'a license whose name is not unique',
      { licenses: { change: { add: ['Meeting - Webex Meeting Center'] } } },
      'AMBIGUOUS',
    ],
    ['a role that is not there', { roles: { change: { remove: ['Emperor'] } } }, 'NOT_FOUND'],
    ['a manager whom nobody knows', { manager: 'nobody@acme.example' }, 'NOT_FOUND'],
    ['a manager who is no id and no address', { manager: 'the boss' }, 'INVALID_INPUT'],
    [
      'a calling license without a location',
      { licenses: { change: { add: ['Webex Calling - Standard'] } }, extension: '12' },
      'INVALID_INPUT',
    ],
    ['an extension without a calling license', { extension: '4711' }, 'INVALID_INPUT'],
  ])('updateUser refuses %s', async (_what, fields, code) => {
    expect(await change(world, 'updateUser', { id, user: fields })).toMatchObject({ error: { code } });
    expect(world.webex.requests.count('PUT /people/:id')).toBe(0);
  });

  it('updateUser names the missing scope after a 403', async () => {
    const message = 'The access token lacks the scope spark-admin:people_write.';
    world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'status', status: 403, message } });
    expect(await change(world, 'updateUser', { id, user: { title: 'Forbidden' } })).toMatchObject({
      error: { code: 'UPSTREAM_FORBIDDEN', missingScopes: ['spark-admin:people_write'] },
    });
  });

  it('updateUser names no scope after a 403 that does not mention one', async () => {
    const message = 'The address belongs to a domain that is claimed by another organization.';
    world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'status', status: 403, message } });
    expect(await change(world, 'updateUser', { id, user: { title: 'Forbidden' } })).toMatchObject({
      error: {
        code: 'UPSTREAM_FORBIDDEN',
        message: 'Webex refused: the connected account may not do this.',
        missingScopes: [],
        webexMessage: message,
      },
    });
  });

  it('updateUser fails with DIRECTORY_SYNCHRONIZED if users come from a directory', async () => {
    const message = 'Users are synchronized by Cisco Directory Connector.';
    world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'status', status: 400, message } });
    expect(await change(world, 'updateUser', { id, user: { title: 'Synced' } })).toMatchObject({
      error: { code: 'DIRECTORY_SYNCHRONIZED' },
    });
  });
});

describe.each(ORGANIZATIONS)('updateUserLicenses and updateUserRoles, in %s', (whose) => {
  beforeAll(async () => {
    world = await worlds.world(whose);
  });

  it('updateUserLicenses and updateUserRoles add and remove what is named, and leave the others', async () => {
    const add = ['Customer Experience - Essential', 'Basic Messaging'].filter(
      (name) => !person.licenseNames.includes(name),
    );
    const [remove = ''] = person.licenseNames.filter(
      (name) => name !== 'Screen Share' && name !== 'Meeting - Webex Meeting Center',
    );
    const outcome = await change(world, 'updateUserLicenses', {
      id,
      add: add.map((license) => ({ license })),
      remove: [remove],
    });
    expect(outcome.outcome).toBe('APPLIED');
    const wanted = [...person.licenseNames.filter((name) => name !== remove), ...add];
    expect(truth()?.licenseNames.toSorted()).toEqual(wanted.toSorted());
    await change(world, 'updateUserRoles', {
      id,
      add: ['Compliance Officer', 'Device Administrator'],
    });
    await change(world, 'updateUserRoles', { id, remove: ['Device Administrator'] });
    expect(truth()?.roleNames.toSorted()).toEqual([...person.roleNames, 'Compliance Officer'].toSorted());
  });

  it('updateUserLicenses changes the shown seats at once, although licenses are cached', async () => {
    const name = 'Customer Experience - Essential';
    const seats = async () => {
      const { connector } = await world.ask<{ connector: { license: { consumedUnits: number } } }>(
        'query ($name: String!) { connector { license(name: $name) { consumedUnits } } }',
        { name },
      );
      return connector.license.consumedUnits;
    };
    const isHeld = person.licenseNames.includes(name);
    const before = await seats();
    const changes = isHeld ? { remove: [name] } : { add: [{ license: name }] };
    await change(world, 'updateUserLicenses', { id, ...changes });
    expect(await seats()).toBe(before + (isHeld ? -1 : 1));
  });

  it('updateUserLicenses lists every invalid part of the input', async () => {
    const outcome = await change(world, 'updateUserLicenses', {
      id,
      add: [{ license: 'Basic Messaging', extension: 'x!' }, { license: 'Basic Messaging' }],
      addAttendeeSites: ['acme.webex.com#attendee'],
    });
    const fields = (each: typeof outcome) => problemsOf(each).map(({ path }) => path);
    expect(fields(outcome)).toEqual(['input.add[0].extension', 'input.addAttendeeSites[0]']);
    const repeated = { id, add: [{ license: 'Basic Messaging' }, { license: 'Basic Messaging' }] };
    expect(fields(await change(world, 'updateUserLicenses', repeated))).toEqual(['input.add[1].license']);
    const both = { id, add: ['Compliance Officer'], remove: ['Compliance Officer'] };
    expect(fields(await change(world, 'updateUserRoles', both))).toEqual(['input.add[0]']);
  });

  it('updateUserLicenses reports a 206 license by license', async () => {
    const free = ['Customer Experience - Essential', 'Advanced Space Meetings', 'Basic Messaging'].filter(
      (name) => !person.licenseNames.includes(name),
    );
    world.webex.fail({ route: 'PATCH /licenses/users', fault: { kind: 'partial-grant' } });
    const add = free.map((license) => ({ license }));
    const outcome = await change(world, 'updateUserLicenses', { id, add });
    expect(outcome.outcome).toBe(free.length > 1 ? 'PARTIALLY_APPLIED' : 'APPLIED');
    const granted = free.slice(0, 1).map((name) => world.webex.license(name)?.id);
    expect(truth()?.licenseIds.toSorted()).toEqual([...person.licenseIds, ...granted].toSorted());
  });
});

describe.each(ORGANIZATIONS)('deleteUser, in %s', (whose) => {
  beforeAll(async () => {
    world = await worlds.world(whose);
  });

  it('deleteUser answers with the user as they were, and succeeds if they are gone already', async () => {
    expect(await change(world, 'deleteUser', { id })).toMatchObject({
      outcome: 'APPLIED',
      user: { emails: [person.email] },
    });
    expect(truth()).toBeUndefined();
    expect(await change(world, 'deleteUser', { id })).toMatchObject({ outcome: 'NOTHING_CHANGED' });
  });

  it('deleteUser leaves a user alone who was changed meanwhile, and accepts ids of users only', async () => {
    const ifUnmodifiedSince = '2001-01-01T00:00:00Z';
    expect(await change(world, 'deleteUser', { id, ifUnmodifiedSince })).toMatchObject({
      error: { code: 'MODIFIED_MEANWHILE' },
    });
    expect(truth()).toEqual(person);
    const me = Buffer.from(
      Buffer.from(id, 'base64')
        .toString()
        .replace(/[^:]+$/, 'me'),
    ).toString('base64');
    expect(await change(world, 'deleteUser', { id: me })).toMatchObject({ error: { code: 'INVALID_INPUT' } });
  });

  it('a dry run of deleteUser shows the seats that it would free', async () => {
    const outcome = await change(world, 'deleteUser', { id, dryRun: true });
    expect(outcome).toMatchObject({ outcome: 'DRY_RUN' });
    const seats = Array.isArray(outcome.seats) ? outcome.seats : [];
    expect(seats.map(({ needed }) => needed)).toEqual(person.licenseNames.map(() => -1));
    expect(truth()).toEqual(person);
  });
});
