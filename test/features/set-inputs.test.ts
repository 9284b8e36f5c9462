import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { change, changeAll, idOf, problemsOf, routesOf } from '../changes.ts';
import { startWorld, type World } from '../world.ts';

let world: World;
let webexId: string;
let id: string;
beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 20 } });
  webexId = world.webex.people.at(-1)?.id ?? '';
  id = await idOf(world, 'user', webexId);
});
beforeEach(async () => {
  await change(world, 'updateUser', {
    id,
    user: { licenses: { exactly: ['Basic Messaging'] }, roles: { exactly: ['Support Administrator'] } },
  });
  world.webex.requests.clear();
});
afterAll(() => world[Symbol.asyncDispose]());

const pathsOf = (payload: Parameters<typeof problemsOf>[0]) => problemsOf(payload).map(({ path }) => path);
const held = () => world.webex.person(webexId);
const writes = () => world.webex.requests.all.filter(({ method }) => method !== 'GET');

/** The gateway's id of a license or a role, by its name. */
async function globalId(type: 'license' | 'role', name: string): Promise<string> {
  const { connector } = await world.ask<{ connector: Record<string, { id: string } | null> }>(
    `query ($name: String!) { connector { ${type}(name: $name) { id } } }`,
    { name },
  );
  const found = connector[type]?.id;
  if (found === undefined) throw new Error(`There is no ${type} ${name}.`);
  return found;
}

/** Adds the second of two by name and removes it by id. */
async function contradiction(type: 'license' | 'role') {
  const names =
    type === 'license'
      ? ['Advanced Messaging', 'Webex Webinars 1000']
      : ['Device Administrator', 'Support Administrator'];
  return { change: { add: names, remove: [await globalId(type, names[1] ?? '')] } };
}

describe('a SetInput with `change`', () => {
  it('removes and adds in one request, and leaves everything else', async () => {
    const licenses = { change: { add: ['Advanced Messaging'], remove: ['Basic Messaging'] } };
    const roles = { change: { add: ['Device Administrator'] } };
    const payload = await change(world, 'updateUser', { id, user: { licenses, roles } });
    expect(payload).toMatchObject({ outcome: 'APPLIED', error: null });
    expect(writes()).toHaveLength(1);
    expect(held()?.licenseNames).toEqual(['Advanced Messaging']);
    expect(held()?.roleNames.toSorted()).toEqual(['Device Administrator', 'Support Administrator']);
  });

  it('changes nothing if everything to remove is gone and everything to add is there', async () => {
    const licenses = { change: { remove: ['Advanced Messaging'] } };
    const roles = { change: { add: ['Support Administrator'], remove: ['Device Administrator'] } };
    const payload = await change(world, 'updateUser', { id, user: { licenses, roles } });
    expect(payload).toMatchObject({ outcome: 'NOTHING_CHANGED', changes: [], error: null });
    expect(writes()).toEqual([]);
  });

  it.each(['license', 'role'] as const)('refuses a %s to add that is to be removed as well', async (type) => {
    const user = { [`${type}s`]: await contradiction(type) };
    const payload = await change(world, 'updateUser', { id, user });
    expect(payload).toMatchObject({ outcome: 'NOT_APPLIED', error: { code: 'INVALID_INPUT' } });
    expect(problemsOf(payload)).toEqual([
      {
        path: `input.user.${type}s.change.add[1]`,
        message: 'is in `remove` as well; name it once.',
      },
    ]);
    const items = await changeAll(world, 'updateUsers', {
      users: [
        { id, user: { title: 'Fine' } },
        { id, user },
      ],
    });
    expect(items.map(({ error }) => error?.code)).toEqual([undefined, 'INVALID_INPUT']);
    expect(items.flatMap(pathsOf)).toEqual([`input.users[1].user.${type}s.change.add[1]`]);
  });

  it('is refused on creation if it has anything to remove, before anything is read', async () => {
    const remove = { change: { add: [], remove: ['Basic Messaging'] } };
    const user = { emails: ['set@acme.example'], displayName: 'Set', licenses: remove, roles: remove };
    const fields = ['licenses.change.remove', 'roles.change.remove'];
    const one = await change(world, 'createUser', { user });
    expect(one).toMatchObject({ outcome: 'NOT_APPLIED', error: { code: 'INVALID_INPUT' }, changes: [] });
    expect(pathsOf(one)).toEqual(fields.map((field) => `input.user.${field}`));
    const many = await changeAll(world, 'createUsers', { users: [user] });
    expect(many.flatMap(pathsOf)).toEqual(fields.map((field) => `input.users[0].${field}`));
    expect(routesOf(world)).toEqual([]);
  });

  it('is accepted on creation with an empty list to remove', async () => {
    const licenses = { change: { add: ['Advanced Messaging'], remove: [] } };
    const user = { emails: ['set@acme.example'], displayName: 'Set', licenses };
    const payload = await change(world, 'createUser', { user, dryRun: true });
    expect(payload).toMatchObject({ outcome: 'DRY_RUN', error: null });
  });
});

describe('updateUserRoles and updateUserLicenses', () => {
  it('refuse what is to be added and removed, by its place in the input', async () => {
    const { change: roles } = await contradiction('role');
    expect(pathsOf(await change(world, 'updateUserRoles', { id, ...roles }))).toEqual(['input.add[1]']);
    const { change: licenses } = await contradiction('license');
    const add = licenses.add.map((license) => ({ license }));
    const payload = await change(world, 'updateUserLicenses', { id, add, remove: licenses.remove });
    expect(pathsOf(payload)).toEqual(['input.add[1].license']);
    expect(writes()).toEqual([]);
  });
});

it.each([
  ['both alternatives', { exactly: [], change: { add: [] } }],
  ['no alternative', {}],
])('a SetInput with %s makes the request invalid', async (_what, licenses) => {
  const { data, errors } = await world.query(
    'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { outcome } }',
    { input: { id, user: { licenses } } },
  );
  expect(data ?? null).toBeNull();
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_REQUEST']);
  expect(routesOf(world)).toEqual([]);
});
