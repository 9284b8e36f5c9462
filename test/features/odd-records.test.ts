import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Route } from '../../src/sandbox/index.ts';
import { change, idOf } from '../changes.ts';
import { startWorld, type World } from '../world.ts';

type Wire = Record<string, unknown>;

let world: World;

beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 30 }, catalogueLifetime: 0 });
});
afterEach(() => world.webex.clearFaults());
afterAll(() => world[Symbol.asyncDispose]());

/** Has the sandbox answer to the next requests of a list as it would, but for what `spoil` makes of the records. */
async function spoil(path: string, field: string, change: (records: Wire[]) => unknown): Promise<void> {
  const response = await fetch(`${world.webex.serviceUri}${path}`, {
    headers: { authorization: `Bearer ${world.webex.issueToken()}` },
  });
  const body: Wire = JSON.parse(await response.text());
  const records = body[field];
  if (!Array.isArray(records)) throw new Error('The sandbox has no such list.');
  const changed = change(records) ?? records;
  const fault = { kind: 'broken-json', body: JSON.stringify({ ...body, [field]: changed }) } as const;
  const route = `GET ${path.split('?')[0]}`;
  world.webex.fail({ route: asRoute(route), fault, times: Number.POSITIVE_INFINITY });
  world.webex.requests.clear();
}

function asRoute(route: string): Route {
  if (route === 'GET /people' || route === 'GET /groups' || route === 'GET /licenses') return route;
  throw new Error(`There is no ${route}.`);
}

const USERS =
  '{ connector { users(first: 30) { nodes { webexId displayName emails type createdAt invitePending loginEnabled } } } }';
type Users = { connector: { users: { nodes: Record<string, unknown>[] } } };

describe('one odd record of a list leaves the others as they are', () => {
  it.each<[string, (person: Wire) => void, object]>([
    ['without created', (person) => delete person.created, { createdAt: null }],
    ['with a number as created', (person) => (person.created = 1_445_177_186_000), { createdAt: null }],
    [
      'with null everywhere',
      (person) => {
        for (const name of Object.keys(person)) if (name !== 'id') person[name] = null;
      },
      {
        ...{ displayName: null, emails: [], type: 'UNKNOWN', createdAt: null },
        ...{ invitePending: null, loginEnabled: null },
      },
    ],
  ])('a user %s is shown with null, [] or UNKNOWN', async (_what, change, shown) => {
    await spoil('/people?max=30', 'items', (people) => {
      change(people[7] ?? {});
    });
    const { connector } = await world.ask<Users>(USERS);
    expect(connector.users.nodes).toHaveLength(30);
    expect(connector.users.nodes[7]).toMatchObject({ webexId: world.webex.people[7]?.id, ...shown });
  });

  it('users without an id are left out, and counted in the answer and in the log', async () => {
    await spoil('/people?max=30', 'items', (people) => {
      delete people[3]?.id;
      return [...people, null, 'a text'];
    });
    const { data, extensions } = await world.query<Users>(USERS);
    expect(data?.connector.users.nodes).toHaveLength(29);
    expect(extensions.webex.recordsLeftOut).toBe(3);
    expect(JSON.parse(world.log.at(-1) ?? '')).toMatchObject({ upstreamRecordsLeftOut: 3 });
  });

  it('a group without a name and a count is shown with null', async () => {
    await spoil('/groups?count=100', 'groups', (groups) => {
      delete groups[1]?.displayName;
      delete groups[1]?.memberSize;
    });
    const { connector } = await world.ask<{ connector: { groups: { nodes: object[] } } }>(
      '{ connector { groups(first: 100) { nodes { webexId displayName memberCount } } } }',
    );
    expect(connector.groups.nodes).toHaveLength(world.webex.groups.length);
    expect(connector.groups.nodes[1]).toMatchObject({ displayName: null, memberCount: null });
  });

  it('a group whose count is unknown is not taken for an empty one', async () => {
    const route = 'GET /groups/:id';
    const group = world.webex.groups.find(({ memberIds }) => memberIds.length > 1);
    const id = await idOf(world, 'group', group?.id ?? '');
    const body = JSON.stringify({ id: group?.id, displayName: 'Uncounted' });
    world.webex.fail({ route, fault: { kind: 'broken-json', body }, times: 2 });
    const [member] = group?.memberIds ?? [];
    expect(await change(world, 'updateGroupMembers', { id, add: [member] })).toMatchObject({
      outcome: 'NOTHING_CHANGED',
    });
  });
});

describe('a list that Webex leaves out or sends as null', () => {
  it('is empty if it is null and nothing contradicts', async () => {
    world.webex.fail({ route: 'GET /people', fault: { kind: 'broken-json', body: '{"items":null}' } });
    const { connector } = await world.ask<Users>(USERS);
    expect(connector.users.nodes).toEqual([]);
  });

  it('is empty if its total is 0', async () => {
    world.webex.fail({ route: 'GET /groups', fault: { kind: 'broken-json', body: '{"totalResults":"0"}' } });
    const { connector } = await world.ask<{ connector: { groups: { nodes: object[] } } }>(
      '{ connector { groups { nodes { webexId } } } }',
    );
    expect(connector.groups.nodes).toEqual([]);
  });

  it.each([
    ['GET /people', '{}'],
    ['GET /people', '{"items":null,"errors":[{"description":"Failed."}]}'],
    ['GET /people', '{"items":"none"}'],
    ['GET /people', '{"items":[{"displayName":"Nobody"}]}'],
    ['GET /groups', '{"groups":null,"totalResults":7}'],
    ['GET /groups', '{}'],
  ] as const)('of %s is an error as %s', async (route, body) => {
    world.webex.fail({ route, fault: { kind: 'broken-json', body } });
    const list = route === 'GET /people' ? 'users' : 'groups';
    const { errors } = await world.query(`{ connector { ${list} { nodes { webexId } } } }`);
    expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_INVALID');
  });
});

describe('seats that Webex does not count', () => {
  it.each<[string, Wire, object]>([
    ['left out', {}, { totalUnits: null, consumedUnits: null, availableUnits: null }],
    [
      'null',
      { totalUnits: null, consumedUnits: 0 },
      { totalUnits: null, consumedUnits: 0, availableUnits: null },
    ],
    [
      'words',
      { totalUnits: 'unlimited', consumedUnits: 'few' },
      { totalUnits: null, consumedUnits: null, availableUnits: null },
    ],
    [
      'more than there can be',
      { totalUnits: 1e12, consumedUnits: 0.5 },
      { totalUnits: null, consumedUnits: null, availableUnits: null },
    ],
    [
      'numbers in texts, which count',
      { totalUnits: '500', consumedUnits: '12' },
      { totalUnits: 500, consumedUnits: 12, availableUnits: 488 },
    ],
  ])('(%s) are unknown, and never in the way of granting', async (_what, units, shown) => {
    const license = world.webex.licenses.find(({ name }) => name === 'Advanced Space Meetings');
    const person = world.webex.people.find(({ licenseIds }) => !licenseIds.includes(license?.id ?? ''));
    await spoil('/licenses', 'items', (licenses) =>
      licenses.map(({ totalUnits, consumedUnits, ...rest }) =>
        rest.id === license?.id ? { ...rest, ...units } : { ...rest, totalUnits, consumedUnits },
      ),
    );
    const { connector } = await world.ask<{ connector: { license: object } }>(
      'query ($id: ID) { connector { license(id: $id) { totalUnits consumedUnits availableUnits } } }',
      { id: license?.id },
    );
    expect(connector.license).toEqual(shown);
    const id = await idOf(world, 'user', person?.id ?? '');
    const grant = { id, add: [{ license: license?.id }] };
    expect(await change(world, 'updateUserLicenses', grant)).toMatchObject({ outcome: 'APPLIED' });
  });
});
