import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/sandbox/index.ts';
import { startWorld, type World } from '../world.ts';

const USERS = '{ connector { users(first: 5) { nodes { displayName } } } }';
const ALWAYS = Number.POSITIVE_INFINITY;

let world: World;

beforeEach(async () => {
  world = await startWorld({ connector: { connectionTimeout: 1 } });
});
afterEach(() => world[Symbol.asyncDispose]());

/** The code of the one error, after which the next request has to work. */
async function codeWith(fault: Fault, times = ALWAYS): Promise<unknown> {
  const handle = world.webex.fail({ route: 'GET /people', fault, times });
  const { errors, data } = await world.query(USERS);
  handle.clear();
  expect(data).toEqual({ connector: { users: null } });
  expect(errors).toHaveLength(1);
  expect(errors?.[0]?.path).toEqual(['connector', 'users']);
  const { connector } = await world.ask<{ connector: { users: { nodes: object[] } } }>(USERS);
  expect(connector.users.nodes).toHaveLength(5);
  return errors?.[0]?.extensions.code;
}

describe('a read that Webex answers badly ends in a typed error, and the next one works', () => {
  it.each<[string, Fault, string]>([
    ['500', { kind: 'status', status: 500 }, 'UPSTREAM_UNAVAILABLE'],
    ['503', { kind: 'status', status: 503 }, 'UPSTREAM_UNAVAILABLE'],
    ['403', { kind: 'status', status: 403 }, 'UPSTREAM_FORBIDDEN'],
    ['400', { kind: 'status', status: 400 }, 'UPSTREAM_REJECTED'],
    ['a page of HTML with status 200', { kind: 'html', status: 200 }, 'UPSTREAM_INVALID'],
    ['a page of HTML with status 502', { kind: 'html', status: 502 }, 'UPSTREAM_UNAVAILABLE'],
    ['a body that is cut in the middle of its JSON', { kind: 'broken-json' }, 'UPSTREAM_INVALID'],
    ['null', { kind: 'broken-json', body: 'null' }, 'UPSTREAM_INVALID'],
    ['a redirect, which is not followed', { kind: 'status', status: 302 }, 'UPSTREAM_REDIRECTED'],
    ['eleven megabytes', { kind: 'broken-json', body: `"${'x'.repeat(11 * 2 ** 20)}"` }, 'UPSTREAM_INVALID'],
    ['a list', { kind: 'broken-json', body: '[]' }, 'UPSTREAM_INVALID'],
    ['an object without items', { kind: 'broken-json', body: '{}' }, 'UPSTREAM_INVALID'],
    ['items that are not objects', { kind: 'broken-json', body: '{"items":[null,7]}' }, 'UPSTREAM_INVALID'],
    [
      'a person without an id',
      { kind: 'broken-json', body: '{"items":[{"displayName":"X"}]}' },
      'UPSTREAM_INVALID',
    ],
    ['a body that ends too early', { kind: 'truncated-body' }, 'UPSTREAM_UNAVAILABLE'],
    ['a connection that is cut', { kind: 'reset', when: 'before' }, 'UPSTREAM_UNAVAILABLE'],
    ['a body that stops coming', { kind: 'stalled-body' }, 'UPSTREAM_TIMEOUT'],
  ])('%s', async (_what, fault, code) => {
    expect(await codeWith(fault)).toBe(code);
  });

  it('Webex down', async () => {
    await world.webex.close();
    const { errors } = await world.query(USERS);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', retryable: true });
    expect(errors?.[0]?.message).toContain('refused the connection');
  });

  it('odd values in single fields are missing values', async () => {
    const [person] = world.webex.people;
    const item = {
      id: person?.id,
      created: '2024-01-01T00:00:00.000Z',
      title: 7,
      emails: 'x',
      licenses: null,
      timezone: {},
      loginEnabled: 'yes',
      phoneNumbers: [1, { type: 'work' }],
    };
    world.webex.fail({
      route: 'GET /people',
      fault: { kind: 'broken-json', body: JSON.stringify({ items: [item], surprise: 1 }) },
    });
    expect(
      await world.ask(
        '{ connector { users(first: 1) { nodes { displayName title emails licenses { name } timezone loginEnabled type } } } }',
      ),
    ).toEqual({
      connector: {
        users: {
          nodes: [
            {
              displayName: null,
              title: null,
              emails: [],
              licenses: [],
              timezone: null,
              loginEnabled: null,
              type: 'UNKNOWN',
            },
          ],
        },
      },
    });
  });
});

describe('a read is repeated where that is safe', () => {
  it.each<[string, Fault]>([
    ['a server error', { kind: 'status', status: 502 }],
    ['a cut connection', { kind: 'reset', when: 'after' }],
    ['a truncated answer', { kind: 'truncated-body' }],
    ['a 429', { kind: 'status', status: 429, retryAfter: 0 }],
  ])('after %s', async (_what, fault) => {
    world.webex.fail({ route: 'GET /people', fault });
    await world.ask(USERS);
    expect(world.webex.requests.count('GET /people')).toBe(2);
  });

  it('a read is sent three times at most', async () => {
    await codeWith({ kind: 'status', status: 503 });
    expect(world.webex.requests.all.filter((request) => request.status === 503)).toHaveLength(3);
  });

  it('a 429 delays every request of the connector for as long as Webex asks', async () => {
    world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 429, retryAfter: 1 } });
    await Promise.all([
      world.ask(USERS),
      ...['A', 'B', 'C'].map((name) =>
        world.ask(`{ connector { users(filter: { displayNameStartsWith: "${name}" }) { nodes { id } } } }`),
      ),
    ]);
    const throttled = world.webex.requests.all.find((request) => request.status === 429);
    const during = world.webex.requests.all.filter(
      (request) =>
        request.startedAt > (throttled?.endedAt ?? 0) + 50 &&
        request.startedAt < (throttled?.endedAt ?? 0) + 950,
    );
    expect(throttled).toBeDefined();
    expect(during).toEqual([]);
  });
});

describe('a pause longer than anybody would wait for', () => {
  it.each<[string, number | string | Date]>([
    ['an hour', 3_600],
    ['a date tomorrow', new Date(Date.now() + 20 * 3_600_000)],
    ['a hundred years', 3_153_600_000],
    ['a number too large to count with', '9'.repeat(400)],
  ])('%s: fails at once, and so does everything else of that connector, without asking Webex', async (_what, retryAfter) => {
    world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 429, retryAfter } });
    const { errors } = await world.query(USERS);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
    expect(errors?.[0]?.extensions.retryAfter).toBeGreaterThan(60);
    expect(errors?.[0]?.extensions.retryAfter).toBeLessThanOrEqual(86_400);
    const again = await world.query('{ connector { licenses { name } } }');
    expect(again.errors?.[0]?.extensions.code).toBe('RATE_LIMITED');
    expect(world.webex.requests.count()).toBe(1);
    const { connector } = await world.ask<{ connector: { pool: { throttledUntil: string } } }>(
      '{ connector { pool { throttledUntil } } }',
    );
    expect(Date.parse(connector.pool.throttledUntil)).toBeGreaterThan(Date.now() + 60_000);
    await world.gateway.close();
  });
});

describe('links to the next page', () => {
  const ALL = '{ connector { users(first: 250) { nodes { webexId } pageInfo { hasNextPage } } } }';
  type All = { connector: { users: { nodes: { webexId: string }[]; pageInfo: { hasNextPage: boolean } } } };

  beforeEach(() => {
    world.webex.settings.peoplePageCeiling = 50;
  });

  it('links to another host are followed at the connector’s host, so the token stays there', async () => {
    await using elsewhere = await startWorld({ connect: false });
    world.webex.fail({
      route: 'GET /people',
      fault: { kind: 'next-link', how: 'foreign', origin: elsewhere.webex.url },
      times: 2,
    });
    const { connector } = await world.ask<All>(ALL);
    expect(connector.users.nodes).toHaveLength(world.webex.people.length);
    expect(elsewhere.webex.requests.count()).toBe(0);
  });

  it('links that lead back end in an error, not in a loop', async () => {
    world.webex.fail({ route: 'GET /people', fault: { kind: 'next-link', how: 'looping' }, times: ALWAYS });
    const { errors } = await world.query(ALL);
    expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_INVALID');
    expect(world.webex.requests.count('GET /people')).toBeLessThanOrEqual(3);
  });

  it('links behind an empty page are followed', async () => {
    world.webex.fail({ route: 'GET /people', fault: { kind: 'empty-page' } });
    const { connector } = await world.ask<All>(ALL);
    expect(connector.users.nodes.map((node) => node.webexId)).toEqual(
      world.webex.people.map((person) => person.id),
    );
  });

  it('links without their parameters, or with max=null, are repaired', async () => {
    world.webex.settings.nextLinkDropsParameters = true;
    world.webex.settings.nextLinkMaxNull = true;
    const prefix = 'A';
    const { connector } = await world.ask<All>(
      `{ connector { users(first: 250, filter: { displayNameStartsWith: "${prefix}" }) { nodes { webexId } pageInfo { hasNextPage } } } }`,
    );
    const expected = world.webex.people.filter((person) => person.displayName.startsWith(prefix));
    expect(connector.users.nodes.map((node) => node.webexId)).toEqual(expected.map((person) => person.id));
    const all = await world.ask<All>(ALL);
    expect(all.connector.users.nodes).toHaveLength(250);
    expect(
      world.webex.requests.all.filter((request) => !request.query.includes('excludeStatus=true')),
    ).toEqual([]);
  });
});

describe('scopes that were not granted', () => {
  it('missing scopes are named in the error, and in the details of the connector', async () => {
    await using narrow = await startWorld({ connector: { scopes: ['spark-admin:people_read'] } });
    const { errors } = await narrow.query('{ connector { licenses { name } } }');
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'UPSTREAM_FORBIDDEN',
      scopes: ['spark-admin:licenses_read'],
      retryable: false,
    });
    expect(errors?.[0]?.extensions.trackingId).toEqual(expect.any(String));
  });
});

describe('what is gone', () => {
  it('a deleted user is left out of the members of a group, and null as a manager', async () => {
    world.webex.settings.danglingMembers = true;
    const group = world.webex.groups.find((each) => each.displayName.startsWith('Project'));
    // Not the administrator who connected: with them the connection would go.
    const administrator = world.webex.person(world.webex.adminEmail)?.id;
    const isPlain = (id?: string) => id !== undefined && id !== administrator;
    const managerId = world.webex.people.find((person) => isPlain(person.managerId))?.managerId;
    const report = world.webex.people.find((person) => person.managerId === managerId);
    const gone = [...(group?.memberIds.filter(isPlain).slice(0, 2) ?? []), managerId];
    const token = world.webex.issueToken();
    for (const id of new Set(gone)) {
      await fetch(`${world.webex.serviceUri}/people/${id}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${token}` },
      });
    }
    const { connector } = await world.ask<{
      connector: { group: { members: { nodes: { webexId: string }[] } }; user: object };
    }>(
      `query ($name: String, $id: ID) { connector {
        group(displayName: $name) { members(first: 1000) { nodes { webexId emails } } }
        user(id: $id) { displayName manager { displayName } }
      } }`,
      { name: group?.displayName, id: report?.id },
    );
    const left = group?.memberIds.filter((id) => !gone.includes(id));
    expect(connector.group.members.nodes.map((node) => node.webexId)).toEqual(left);
    expect(connector.user).toEqual({ displayName: report?.displayName, manager: null });
  });
});
