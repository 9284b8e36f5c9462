import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Fault, Route } from '../../src/sandbox/index.ts';
import { change, idOf } from '../changes.ts';
import { type Answer, startWorld, type World } from '../world.ts';

const ALWAYS = Number.POSITIVE_INFINITY;

let world: World;

beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 90 }, catalogueLifetime: 0 });
  Object.assign(world.webex.settings, { peoplePageCeiling: 20, membersCeiling: 20, holdersPageCeiling: 20 });
});
afterEach(() => world.webex.clearFaults());
afterAll(() => world[Symbol.asyncDispose]());

interface List {
  readonly name: string;
  /** The route of its pages, and how many of them come before the third. */
  readonly route: Route;
  readonly after: number;
  readonly read: () => Promise<Answer<unknown>>;
  /** The ids that Webex has. */
  readonly all: () => readonly string[];
}

const everybody = () => {
  const group = world.webex.group('All Employees');
  if (group === undefined) throw new Error('There is no such group.');
  return group;
};
const license = () => {
  const [first] = world.webex.licenses.toSorted((one, other) => other.consumedUnits - one.consumedUnits);
  if (first === undefined) throw new Error('There is no license.');
  return first;
};

const LISTS: readonly List[] = [
  {
    name: 'people',
    route: 'GET /people',
    after: 2,
    read: () =>
      world.query('{ connector { users(first: 1000) { nodes { webexId } pageInfo { hasNextPage } } } }'),
    all: () => world.webex.people.map(({ id }) => id),
  },
  {
    name: 'members of a group',
    route: 'GET /groups/:id/members',
    after: 1,
    read: () =>
      world.query(
        'query ($id: ID) { connector { group(id: $id) { members(first: 1000) { nodes { webexId } pageInfo { hasNextPage } } } } }',
        { id: everybody().id },
      ),
    all: () => everybody().memberIds,
  },
  {
    name: 'holders of a license',
    route: 'GET /licenses/:id',
    after: 2,
    read: () =>
      world.query(
        'query ($id: ID) { connector { license(id: $id) { users(first: 1000) { nodes { webexId } pageInfo { hasNextPage } } } } }',
        { id: license().id },
      ),
    all: () =>
      world.webex.people.filter(({ licenseIds }) => licenseIds.includes(license().id)).map(({ id }) => id),
  },
];

const FAULTS: readonly (readonly [string, Fault])[] = [
  ['404', { kind: 'status', status: 404 }],
  ['410', { kind: 'status', status: 410 }],
  ['400', { kind: 'status', status: 400 }],
  ['302', { kind: 'status', status: 302 }],
  ['a page of HTML', { kind: 'html', status: 200 }],
  ['an empty object', { kind: 'broken-json', body: '{}' }],
  ['an error in a list that is null', { kind: 'broken-json', body: '{"items":null,"errors":[{}]}' }],
  [
    'a Link header that cannot be read',
    { kind: 'status', status: 200, body: '{"items":[]}', headers: { link: 'next' } },
  ],
  ['an empty page that has a next one', { kind: 'empty-page' }],
  ['a link that leads back', { kind: 'next-link', how: 'looping' }],
];

/** Every id that an answer shows, however deep. */
function shownIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('webexId' in value) return [String(value.webexId)];
  return Object.values(value).flatMap(shownIn);
}

/** A single record has no empty pages in the sandbox. */
const faultsOf = ({ route }: List) =>
  FAULTS.filter(([, { kind }]) => kind !== 'empty-page' || route !== 'GET /licenses/:id');

describe.each(LISTS)('a list of $name whose third page is bad', (list) => {
  it.each(
    faultsOf(list).flatMap((fault) => [[...fault, 1] as const, [...fault, ALWAYS] as const]),
  )('once or always (%s): all of it, or an error', async (_what, fault, times) => {
    const handle = world.webex.fail({ route: list.route, fault, times, after: list.after });
    const { data, errors } = await list.read();
    expect(handle.struck).toBeGreaterThan(0);
    if (errors !== undefined) {
      expect(errors[0]?.extensions.code).toMatch(/^UPSTREAM_/);
      return;
    }
    expect(shownIn(data).toSorted()).toEqual(list.all().toSorted());
    expect(JSON.stringify(data)).toContain('"hasNextPage":false');
  });

  it.each([404, 410])('once with %i is read again from its beginning', async (status) => {
    world.webex.fail({ route: list.route, fault: { kind: 'status', status }, after: list.after });
    const { data, errors } = await list.read();
    expect(errors).toBeUndefined();
    expect(shownIn(data).toSorted()).toEqual(list.all().toSorted());
  });
});

describe('the members that a change of a group reads', () => {
  const route = 'GET /groups/:id/members';

  it.each<[string, Fault]>([
    ['a page that is too slow for Webex', { kind: 'status', status: 504 }],
    ['a page that is absent', { kind: 'status', status: 404 }],
    ['an empty page with a next one', { kind: 'empty-page' }],
  ])('are complete in spite of %s', async (_what, fault) => {
    const { id, memberIds } = everybody();
    world.webex.fail({ route, fault, after: fault.kind === 'status' && fault.status === 504 ? 0 : 1 });
    const groupId = await idOf(world, 'group', id);
    expect(
      await change(world, 'updateGroupMembers', { id: groupId, add: memberIds.slice(-3) }),
    ).toMatchObject({
      outcome: 'NOTHING_CHANGED',
    });
  });

  it.each<[string, Fault]>([
    ['are absent', { kind: 'status', status: 404 }],
    ['are empty pages without an end', { kind: 'empty-page' }],
  ])('fail the change before anything is sent if they %s', async (_what, fault) => {
    const { id, memberIds } = everybody();
    const groupId = await idOf(world, 'group', id);
    world.webex.requests.clear();
    world.webex.fail({ route, fault, times: ALWAYS });
    const outcome = await change(world, 'updateGroupMembers', { id: groupId, remove: memberIds.slice(-3) });
    expect(outcome.error?.code).toMatch(/^UPSTREAM_/);
    expect(world.webex.requests.count('PATCH /groups/:id')).toBe(0);
  });

  it('make the groups of a user an error if a part of them is absent', async () => {
    world.webex.fail({ route, fault: { kind: 'status', status: 404 }, after: 1, times: ALWAYS });
    const { errors } = await world.query(
      'query ($id: ID) { connector { user(id: $id) { groups { description } } } }',
      { id: everybody().memberIds.at(-1) },
    );
    expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_INVALID');
  });
});

describe.each(['licenses', 'roles'] as const)('%s, which Webex sends in one answer', (list) => {
  it('are read to their end if a next page is announced all the same', async () => {
    const all = world.webex[list];
    world.webex.fail({
      route: `GET /${list}`,
      fault: {
        kind: 'status',
        status: 200,
        body: JSON.stringify({ items: [{ id: all[0]?.id, name: all[0]?.name }] }),
        headers: { link: `<${world.webex.url}/v1/${list}?cursor=2>; rel="next"` },
      },
    });
    const { connector } = await world.ask<{ connector: Record<string, object[]> }>(
      `{ connector { ${list} { webexId } } }`,
    );
    expect(connector[list]).toHaveLength(all.length);
  });

  it('are an error if the list does not end', async () => {
    world.webex.fail({ route: `GET /${list}`, fault: { kind: 'next-link', how: 'looping' }, times: ALWAYS });
    const { errors } = await world.query(`{ connector { ${list} { webexId } } }`);
    expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_INVALID');
  });
});
