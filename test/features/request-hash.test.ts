import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { change, changeAll, idOf } from '../changes.ts';
import { startWorld, type World } from '../world.ts';

/** A license as a caller may name it. */
interface Named {
  readonly id: string;
  readonly webexId: string;
}

let world: World;
let webexId: string;
let id: string;
let license: Named;
beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 20 } });
  webexId = world.webex.people.at(-1)?.id ?? '';
  id = await idOf(world, 'user', webexId);
  ({
    connector: { license },
  } = await world.ask<{ connector: { license: Named } }>(
    '{ connector { license(name: "Advanced Messaging") { id webexId } } }',
  ));
});
beforeEach(() => world.webex.requests.clear());
afterAll(() => world[Symbol.asyncDispose]());

const writes = () => world.webex.requests.all.filter(({ method }) => method !== 'GET');
const REUSED = {
  outcome: 'NOT_APPLIED',
  replayed: false,
  error: { __typename: 'Conflict', code: 'IDEMPOTENCY_KEY_REUSED', retryable: false, current: null },
};

describe('the same change in another spelling is the same request to an Idempotency-Key', () => {
  it.each<[string, () => object]>([
    ['the Webex id of the user', () => ({ id: webexId })],
    ['the connector that is the default', () => ({ connector: world.connectorId })],
    ['the name of the connector', () => ({ connector: 'acme', id: webexId })],
    ['dryRun as its default', () => ({ dryRun: false })],
    ['dryRun as null', () => ({ dryRun: null })],
    ['no ifUnmodifiedSince', () => ({ ifUnmodifiedSince: null })],
  ])('with %s', async (_what, spelling) => {
    const key = randomUUID();
    const user = { title: randomUUID(), department: 'Spelling' };
    const first = await change(world, 'updateUser', { id, user }, key);
    expect(first).toMatchObject({ outcome: 'APPLIED', replayed: false });
    const again = await change(world, 'updateUser', { id, user, ...spelling() }, key);
    expect(again).toEqual({ ...first, replayed: true });
    expect(writes()).toHaveLength(1);
  });

  it('with another order of fields, blanks around texts, another spelling of a number, and ids of either kind', async () => {
    const key = randomUUID();
    const title = randomUUID();
    const licenses = (named: string) => ({ change: { add: [named] } });
    const phoneNumbers = (number: string) => [number];
    const asked = { title, phoneNumbers: phoneNumbers('+1 555 010 0100'), licenses: licenses(license.id) };
    const first = await change(world, 'updateUser', { id, user: asked }, key);
    expect(first.outcome).toBe('APPLIED');
    const spelled = {
      licenses: { change: { remove: [], add: [license.webexId] } },
      phoneNumbers: phoneNumbers('+1 (555) 010-0100'),
      title: ` ${title}\u200b`,
    };
    expect(await change(world, 'updateUser', { user: spelled, id }, key)).toEqual({
      ...first,
      replayed: true,
    });
    expect(writes()).toHaveLength(1);
  });
});

it('null for what a license may take, and an absent list, are the same request of updateUserLicenses', async () => {
  const key = randomUUID();
  const add = [{ license: 'Basic Messaging' }];
  const first = await change(world, 'updateUserLicenses', { id, add }, key);
  const nulls = { location: null, phoneNumber: null, extension: null };
  const spelled = {
    id,
    add: [{ license: 'Basic Messaging', ...nulls }],
    remove: [],
    ifUnmodifiedSince: null,
  };
  expect(await change(world, 'updateUserLicenses', spelled, key)).toEqual({ ...first, replayed: true });
});

describe('another change is another request to an Idempotency-Key, and refused', () => {
  it.each<[string, () => object]>([
    ['another value', () => ({ user: { title: 'Other' } })],
    ['a field more', () => ({ user: { title: 'Kept', department: 'More' } })],
    ['a field that is to be cleared', () => ({ user: { title: 'Kept', department: null } })],
    ['a condition', () => ({ ifUnmodifiedSince: '2026-01-01T00:00:00Z' })],
    ['a set that is to be replaced', () => ({ user: { title: 'Kept', roles: { exactly: [] } } })],
  ])('with %s', async (_what, other) => {
    const key = randomUUID();
    const input = { id, user: { title: 'Kept' } };
    const first = await change(world, 'updateUser', input, key);
    world.webex.requests.clear();
    expect(await change(world, 'updateUser', { ...input, ...other() }, key)).toMatchObject(REUSED);
    expect(writes()).toEqual([]);
    expect(await change(world, 'updateUser', input, key)).toEqual({ ...first, replayed: true });
  });

  it('with another user, and with `add` where it was `remove`', async () => {
    const other = await idOf(world, 'user', world.webex.people.at(-2)?.id ?? '');
    const [one, two] = [randomUUID(), randomUUID()];
    const user = { title: randomUUID() };
    expect((await change(world, 'updateUser', { id, user }, one)).outcome).toBe('APPLIED');
    expect(await change(world, 'updateUser', { id: other, user }, one)).toMatchObject(REUSED);
    const roles = ['Device Administrator'];
    expect((await change(world, 'updateUserRoles', { id, add: roles }, two)).outcome).toBe('APPLIED');
    expect(await change(world, 'updateUserRoles', { id, remove: roles }, two)).toMatchObject(REUSED);
  });

  it('item by item in a list, whose order counts', async () => {
    const key = randomUUID();
    const other = await idOf(world, 'user', world.webex.people.at(-2)?.id ?? '');
    const [mine, theirs, changed] = [randomUUID(), randomUUID(), randomUUID()];
    const item = (title: string, of = id) => ({ id: of, user: { title } });
    await changeAll(world, 'updateUsers', { users: [item(mine), item(theirs, other)] }, key);
    world.webex.requests.clear();
    const again = await changeAll(world, 'updateUsers', { users: [item(mine), item(changed, other)] }, key);
    expect(again).toMatchObject([{ outcome: 'APPLIED', replayed: true, error: null }, REUSED]);
    const turned = await changeAll(world, 'updateUsers', { users: [item(theirs, other), item(mine)] }, key);
    expect(turned).toMatchObject([REUSED, REUSED]);
    expect(writes()).toEqual([]);
  });

  it('but a dry run takes no key, so that the change itself can follow under it', async () => {
    const key = randomUUID();
    const user = { title: randomUUID() };
    const tried = await change(world, 'updateUser', { id, user, dryRun: true }, key);
    expect(tried).toMatchObject({ outcome: 'DRY_RUN', replayed: false });
    expect(await change(world, 'updateUser', { id, user }, key)).toMatchObject({
      ...{ outcome: 'APPLIED', replayed: false },
    });
  });
});
