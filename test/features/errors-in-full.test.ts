import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { change, changeAll, idOf } from '../changes.ts';
import { startWorld, type World } from '../world.ts';

const ALWAYS = Number.POSITIVE_INFINITY;

/** A Webex id that no user has. */
const NOBODY = Buffer.from('ciscospark://us/PEOPLE/00000000-0000-4000-8000-000000000000')
  .toString('base64')
  .replace(/=+$/, '');

const outsiders = () => {
  const members = new Set(world.webex.groups[0]?.memberIds);
  return world.webex.people.map(({ id }) => id).filter((id) => !members.has(id));
};

let world: World;
let userId: string;
let groupId: string;
beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 60 }, catalogueLifetime: 0 });
  userId = await idOf(world, 'user', world.webex.people.at(-1)?.id ?? '');
  groupId = await idOf(world, 'group', world.webex.groups[0]?.id ?? '');
});
beforeEach(() => {
  world.webex.clearFaults();
  world.webex.requests.clear();
});
afterAll(() => world[Symbol.asyncDispose]());

/** The paths of everything that an input is refused for. */
async function pathsOf(mutation: string, input: object): Promise<string[]> {
  const { outcome, error } = await change(world, mutation, input);
  expect({ outcome, code: error?.code }).toEqual({ outcome: 'NOT_APPLIED', code: 'INVALID_INPUT' });
  expect(world.webex.requests.count()).toBe(0);
  return Object(error).problems.map(({ path }: { path: string }) => path);
}

describe('InvalidInput', () => {
  it('lists every reference of a user that is not valid, and the other values', async () => {
    const user = {
      emails: ['no address'],
      manager: 'a name without an address',
      licenses: { exactly: [groupId, '', 'Advanced Messaging'] },
      roles: { change: { add: [userId] } },
    };
    expect(await pathsOf('createUser', { user: { ...user, displayName: '' } })).toEqual([
      'input.user.manager',
      'input.user.licenses.exactly[0]',
      'input.user.licenses.exactly[1]',
      'input.user.roles.change.add[0]',
      'input.user.displayName',
      'input.user.emails[0]',
    ]);
    const update = { id: userId, user: { ...user, title: '' } };
    expect(await pathsOf('updateUser', update)).toEqual(
      expect.arrayContaining(['input.user.manager', 'input.user.emails[0]', 'input.user.title']),
    );
  });

  it('lists every item of a list that is not valid', async () => {
    const licenses = { id: userId, add: [{ license: groupId, extension: 'x' }], remove: [groupId, userId] };
    expect(await pathsOf('updateUserLicenses', licenses)).toEqual([
      'input.add[0].license',
      'input.remove[0]',
      'input.remove[1]',
      'input.add[0].extension',
    ]);
    expect(await pathsOf('updateUserRoles', { id: userId, add: [''], remove: [groupId] })).toEqual([
      'input.add[0]',
      'input.remove[0]',
    ]);
    expect(await pathsOf('updateGroupMembers', { id: groupId, add: ['x', groupId], remove: ['y'] })).toEqual([
      'input.add[0]',
      'input.add[1]',
      'input.remove[0]',
    ]);
    expect(await pathsOf('createGroup', { displayName: 'Few', members: ['x', 'y'] })).toEqual([
      'input.members[0]',
      'input.members[1]',
    ]);
  });

  it('lists the problems of each item of a list of changes', async () => {
    const users = [
      { id: userId, user: { manager: 'x', roles: { exactly: [''] }, emails: [] } },
      { id: userId, user: { manager: 'y' } },
    ];
    const items = await changeAll(world, 'updateUsers', { users });
    expect(items).toMatchObject([
      {
        error: {
          problems: [
            { path: 'input.users[0].user.manager' },
            { path: 'input.users[0].user.roles.exactly[0]' },
            { path: 'input.users[0].user.emails' },
          ],
        },
      },
      { error: { problems: [{ path: 'input.users[1].user.manager' }] } },
    ]);
  });
});

describe('a dry run of changes of members', () => {
  const isUnknown = {
    outcome: 'NOT_APPLIED',
    error: { __typename: 'NotFound', code: 'NOT_FOUND', kind: 'USER', reference: NOBODY },
    members: [{ reference: NOBODY, action: 'ADD', outcome: 'NOT_APPLIED', error: { code: 'NOT_FOUND' } }],
  };

  it('fails for a user whom Webex does not know, and names the user', async () => {
    const input = { id: groupId, add: [...outsiders(), NOBODY], dryRun: true };
    expect(await change(world, 'updateGroupMembers', input)).toMatchObject(isUnknown);
    expect(
      await change(world, 'createGroup', { displayName: 'Dry', members: [NOBODY], dryRun: true }),
    ).toMatchObject(isUnknown);
    expect(world.webex.requests.count('PATCH /groups/:id')).toBe(0);
  });

  it('succeeds if all users to add are known', async () => {
    const add = outsiders();
    expect(add.length).toBeGreaterThan(0);
    const input = { id: groupId, add, remove: [NOBODY], dryRun: true };
    expect(await change(world, 'updateGroupMembers', input)).toMatchObject({
      outcome: 'DRY_RUN',
      error: null,
    });
  });
});

describe('what belongs to an error', () => {
  it('is null with an error of its own if it cannot be read, and the error itself is answered', async () => {
    const [name] = world.webex.licenses
      .map((license) => license.name)
      .filter((each, index, all) => all.indexOf(each) !== index);
    world.webex.fail({
      route: 'GET /licenses',
      fault: { kind: 'status', status: 403 },
      after: 1,
      times: ALWAYS,
    });
    const { data, errors } = await world.query(
      `mutation ($input: UpdateUserInput!) { updateUser(input: $input) {
        outcome error { code message ... on Ambiguous { candidates { id } } } } }`,
      { input: { id: userId, user: { licenses: { change: { add: [name] } } } } },
    );
    expect(data).toEqual({
      updateUser: {
        outcome: 'NOT_APPLIED',
        error: { code: 'AMBIGUOUS', message: expect.stringContaining(name ?? ''), candidates: null },
      },
    });
    expect(errors).toMatchObject([
      { path: ['updateUser', 'error', 'candidates'], extensions: { code: 'UPSTREAM_FORBIDDEN' } },
    ]);
  });
});

describe('NOT_FOUND', () => {
  it('has the same facts in a payload and in a top-level error', async () => {
    const facts = { code: 'NOT_FOUND', kind: 'CONNECTOR', reference: 'nowhere' };
    const { errors } = await world.query('{ connector(name: "nowhere") { id } }');
    expect(errors).toMatchObject([{ extensions: facts }]);
    expect(errors?.[0]?.extensions).not.toHaveProperty('id');
    const user = { emails: ['new@example.com'], displayName: 'New' };
    expect((await change(world, 'createUser', { connector: 'nowhere', user })).error).toMatchObject(facts);
  });
});
