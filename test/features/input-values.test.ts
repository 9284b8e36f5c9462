import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { change, changeAll, idOf, routesOf } from '../changes.ts';
import { startWorld, type World } from '../world.ts';

let world: World;
let userId: string;

beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 30 } });
  userId = await idOf(world, 'user', world.webex.people[3]?.id ?? '');
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => world.webex.requests.clear());

const emailsThere = () => world.webex.people.map(({ email }) => email);

describe('a list of users to create', () => {
  it.each([
    ['a blank behind it', 'fay@acme.example ', 'APPLIED', undefined],
    ['a no-break blank behind it', 'nia@acme.example\u00a0', 'APPLIED', undefined],
    ['an umlaut', 'jörg@acme.example', 'NOT_APPLIED', 'holds ö (U+00F6)'],
    ['no @', 'not-an-address', 'NOT_APPLIED', 'must be an email address'],
    ['nothing in it', '', 'NOT_APPLIED', 'must not be empty'],
    [
      'a character that the database cannot hold',
      'a\u0000@acme.example',
      'NOT_APPLIED',
      'control characters',
    ],
  ])('creates the others if one address has %s', async (what, email, made, words) => {
    const name = what.replaceAll(/\W/g, '');
    const users = [`one.${name}@acme.example`, email, `two.${name}@acme.example`].map((each) => ({
      emails: [each],
      displayName: 'Some User',
    }));
    const outcomes = await changeAll(world, 'createUsers', { connector: world.connectorId, users });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['APPLIED', made, 'APPLIED']);
    expect(emailsThere()).toEqual(
      expect.arrayContaining([`one.${name}@acme.example`, `two.${name}@acme.example`]),
    );
    if (words === undefined) {
      expect(outcomes[1]).toMatchObject({ user: { emails: [email.trim()] } });
    } else {
      expect(outcomes[1]).toMatchObject({
        error: { problems: [{ path: 'input.users[1].emails[0]', message: expect.stringContaining(words) }] },
      });
    }
  });

  it('writes every refused one to the audit trail, whatever its address holds', async () => {
    const { auditEvents } = await world.ask<{
      auditEvents: { nodes: { targetName: string; outcome: string }[] };
    }>(
      '{ auditEvents(filter: { operation: "createUsers", outcomes: [NOT_APPLIED] }) { nodes { targetName outcome } } }',
    );
    expect(auditEvents.nodes.map(({ targetName }) => targetName)).toEqual(
      expect.arrayContaining(['jörg@acme.example', 'not-an-address', 'a\ufffd@acme.example']),
    );
  });
});

describe('a list of users to change', () => {
  it('changes the others if one moment cannot be read', async () => {
    const users = [
      { id: userId, user: { title: 'Of no moment' }, ifUnmodifiedSince: 'yesterday' },
      { id: userId, user: { title: 'Of its moment' } },
    ];
    expect(await changeAll(world, 'updateUsers', { users })).toMatchObject([
      { error: { problems: [{ path: 'input.users[0].ifUnmodifiedSince' }] } },
      { outcome: 'APPLIED', user: { title: 'Of its moment' } },
    ]);
  });
});

describe('a value that Webex would refuse, or that nobody could see', () => {
  it.each([
    ['a name of fillers', 'updateUser', { displayName: '\u3164\u3164' }, 'displayName'],
    ['a title with half an emoji', 'updateUser', { title: 'Ann \ud83d' }, 'title'],
    ['a department with a line separator', 'updateUser', { department: 'a\u2028b' }, 'department'],
    [
      'a first name that turns the direction of writing',
      'updateUser',
      { firstName: 'a\u202eb' },
      'firstName',
    ],
    ['a phone number without a country', 'updateUser', { phoneNumbers: ['030 901820'] }, 'phoneNumbers[0]'],
    ['an extension with letters', 'updateUser', { extension: 'x12' }, 'extension'],
    [
      'a city of control characters',
      'updateUser',
      { addresses: [{ locality: 'a\u0007' }] },
      'addresses[0].locality',
    ],
    ['a location that is far too long', 'updateUser', { location: 'x'.repeat(9_000) }, 'location'],
    ['a manager with an umlaut in the address', 'updateUser', { manager: 'jörg@acme.example' }, 'manager'],
  ])('is refused by its field before anything is sent: %s', async (_what, mutation, fields, field) => {
    expect(await change(world, mutation, { id: userId, user: fields })).toMatchObject({
      error: { code: 'INVALID_INPUT', problems: [{ path: `input.user.${field}` }] },
    });
    expect(routesOf(world)).toEqual([]);
  });

  it('is refused in a license to give, in a group, and in its members', async () => {
    const add = [{ license: 'Webex Calling - Professional', phoneNumber: '030 901820' }];
    expect(await change(world, 'updateUserLicenses', { id: userId, add })).toMatchObject({
      error: { problems: [{ path: 'input.add[0].phoneNumber' }] },
    });
    const { connectorId } = world;
    expect(
      await change(world, 'createGroup', { connector: connectorId, displayName: 'Team \udc4d' }),
    ).toMatchObject({ error: { problems: [{ path: 'input.displayName' }] } });
    const members = ['\u200bann\u200b@acme.example'];
    expect(
      await change(world, 'createGroup', { connector: connectorId, displayName: 'Team', members }),
    ).toMatchObject({ error: { problems: [{ path: 'input.members[0]' }] } });
    expect(routesOf(world)).toEqual([]);
  });

  it('is refused in filters', async () => {
    const { errors } = await world.query(
      `query ($name: String!) { connector { a: group(displayName: $name) { id }
        b: groups(filter: { displayNameStartsWith: $name }) { nodes { id } }
        c: users(filter: { displayNameStartsWith: $name }) { nodes { id } } } }`,
      { name: 'x \ud83d' },
    );
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(
      Array(errors?.length).fill('INVALID_INPUT'),
    );
    expect(routesOf(world)).toEqual([]);
  });
});

describe('a phone number', () => {
  it('is sent in the form of E.164, with a license and with a user', async () => {
    const phoneNumbers = ['+44\u00a020\u00a07946\u00a00000'];
    expect(await change(world, 'updateUser', { id: userId, user: { phoneNumbers } })).toMatchObject({
      user: { phoneNumbers: expect.arrayContaining([{ type: 'work', value: '+442079460000' }]) },
    });
    expect(
      await change(world, 'updateUser', { id: userId, user: { phoneNumbers: ['+44 (0)20 79460000'] } }),
    ).toMatchObject({ outcome: 'NOTHING_CHANGED' });
  });
});

describe('a user of whom Webex shows no display name', () => {
  it('is changed only together with one, and gets none that is made up', async () => {
    const person = world.webex.people.find(({ roleNames }) => roleNames.length === 0);
    const id = await idOf(world, 'user', person?.id ?? '');
    world.webex.requests.clear();
    world.webex.fail({
      route: 'GET /people/:id',
      times: 3,
      fault: {
        kind: 'altered',
        alter: (body) => Object.assign(body, { displayName: '', firstName: undefined }),
      },
    });
    expect(await change(world, 'updateUser', { id, user: { title: 'Nameless' } })).toMatchObject({
      error: { code: 'INVALID_INPUT', problems: [{ path: 'input.user.displayName' }] },
    });
    expect(await change(world, 'updateUserRoles', { id, add: ['Device Administrator'] })).toMatchObject({
      error: { code: 'INVALID_INPUT' },
    });
    expect(routesOf(world)).not.toContain('PUT /people/:id');
    expect(
      await change(world, 'updateUser', { id, user: { title: 'Named', displayName: 'Ann' } }),
    ).toMatchObject({ outcome: 'APPLIED', user: { displayName: 'Ann', title: 'Named' } });
  });
});

describe('an empty text', () => {
  it('is refused, with null as the way to clear a value only if null clears it', async () => {
    const wrong = { displayName: '', title: '', roles: { exactly: [] } };
    const { error } = await change(world, 'updateUser', { id: userId, user: wrong });
    expect(error).toMatchObject({
      problems: [
        { path: 'input.user.displayName', message: 'must not be empty.' },
        { path: 'input.user.title', message: 'must not be empty. Give null to clear it.' },
      ],
    });
    const named = await change(world, 'updateUser', { connector: '', id: userId, user: {} });
    expect(named.error).toMatchObject({
      problems: [{ path: 'input.connector', message: 'must not be empty.' }],
    });
    const licenses = { exactly: [''] };
    expect((await change(world, 'updateUser', { id: userId, user: { licenses } })).error).toMatchObject({
      problems: [{ path: 'input.user.licenses.exactly[0]', message: 'must not be empty.' }],
    });
    expect(world.webex.requests.count()).toBe(0);
  });
});
