import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

// What several GraphQL requests want is read once: at the same moment for all, and for a while for those who come later.

let world: World;

afterEach(() => world[Symbol.asyncDispose]());

async function spend(query: string) {
  world.webex.requests.clear();
  await world.ask(query);
  return world.webex.requests.byRoute;
}

describe('the same read at the same moment', () => {
  beforeEach(async () => {
    world = await startWorld({ sandbox: { settings: { latencyMs: 80 } } });
  });

  it('the same read is one request to Webex for all GraphQL requests that need it', async () => {
    const query =
      'query ($email: EmailAddress!) { connector { user(email: $email) { displayName licenses { name } } } }';
    const email = world.webex.people[11]?.email;
    world.webex.requests.clear();
    const answers = await Promise.all(Array.from({ length: 20 }, () => world.ask(query, { email })));
    expect(world.webex.requests.byRoute).toEqual({ 'GET /people': 1, 'GET /licenses': 1 });
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('a shared read is not given up while a request waits for it', async () => {
    const query = 'query ($email: EmailAddress!) { connector { user(email: $email) { displayName } } }';
    const person = world.webex.people[11];
    const first = new AbortController();
    const body = JSON.stringify({ query, variables: { email: person?.email } });
    const headers = { 'content-type': 'application/json' };
    const gone = world.gateway.fetch(
      new Request('http://gateway.test/graphql', { method: 'POST', headers, body, signal: first.signal }),
    );
    const staying = world.ask(query, { email: person?.email });
    await expect.poll(() => world.webex.requests.count()).toBe(1);
    first.abort();
    await gone;
    expect(await staying).toEqual({ connector: { user: { displayName: person?.displayName } } });
    expect(world.webex.requests.count()).toBe(1);
  });

  it('a shared read fails for all with the same error, and is sent again afterwards', async () => {
    world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 403 } });
    const query = 'query ($email: EmailAddress!) { connector { user(email: $email) { displayName } } }';
    const email = world.webex.people[11]?.email;
    const answers = await Promise.all(Array.from({ length: 5 }, () => world.query(query, { email })));
    expect(answers.map(({ errors }) => errors?.[0]?.extensions.code)).toEqual(
      Array.from({ length: 5 }, () => 'UPSTREAM_FORBIDDEN'),
    );
    await world.ask(query, { email });
  });
});

describe('licenses, roles and the organization', () => {
  const QUERY = '{ connector { licenses { name } roles { name } details { organization { displayName } } } }';

  it('catalogues are cached, the organization too', async () => {
    world = await startWorld({ catalogueLifetime: 3_600 });
    await world.ask(QUERY);
    expect(await spend(QUERY)).toEqual({});
  });

  it('catalogues are read again when their lifetime is over', async () => {
    world = await startWorld({ catalogueLifetime: 0.0001 });
    await world.ask(QUERY);
    expect(await spend(QUERY)).toEqual({
      'GET /licenses': 1,
      'GET /roles': 1,
      'GET /organizations/:id': 1,
    });
  });
});

describe('a catalogue that is being read', () => {
  const INDEX = '{ connector { users(first: 3) { nodes { groups { displayName } } } } }';
  type Groups = { connector: { users: { nodes: { groups: object[] }[] } } };

  /** Its memberships take many requests, one after the other. */
  async function startWithLongIndex() {
    world = await startWorld({
      sandbox: { settings: { latencyMs: 20, groupsPageCeiling: 3 } },
      connector: {
        maximumConnections: 1,
        scopes: [
          'spark-admin:people_read',
          'identity:groups_read',
          'spark-admin:licenses_read',
          'spark-admin:roles_read',
        ],
      },
    });
    // Each page begins with the last group of the one before.
    return 1 + Math.ceil((world.webex.groups.length - 3) / 2);
  }
  const groupRequests = () => world.webex.requests.count('GET /groups');
  const isIdle = async () => {
    const { connector } = await world.ask<{ connector: { pool: { running: number; queued: number } } }>(
      '{ connector { pool { running queued } } }',
    );
    return connector.pool.running + connector.pool.queued === 0;
  };

  it('the read of a catalogue is given up when the last request that waits for it is gone, and the next request begins again', async () => {
    const pages = await startWithLongIndex();
    const clients = [new AbortController(), new AbortController()];
    const gone = clients.map(({ signal }) => world.query(INDEX, {}, { signal }).catch(() => undefined));
    await expect.poll(groupRequests, { interval: 5 }).toBe(2);
    for (const client of clients) client.abort();
    await Promise.all(gone);
    await expect.poll(isIdle, { interval: 5 }).toBe(true);
    expect(groupRequests()).toBeLessThan(pages);
    world.webex.requests.clear();
    const { connector } = await world.ask<Groups>(INDEX);
    expect(connector.users.nodes.some(({ groups }) => groups.length > 0)).toBe(true);
    expect(groupRequests()).toBe(pages);
  });

  it('the read of a catalogue goes on for requests that joined, when those that began it go away', async () => {
    const pages = await startWithLongIndex();
    const first = new AbortController();
    const gone = world.query(INDEX, {}, { signal: first.signal }).catch(() => undefined);
    await expect.poll(groupRequests, { interval: 5 }).toBe(1);
    const staying = world.ask<Groups>(INDEX.replace('3', '4'));
    await expect
      .poll(() => world.webex.requests.count('GET /people') + groupRequests(), { interval: 5 })
      .toBeGreaterThan(3);
    first.abort();
    await gone;
    expect((await staying).connector.users.nodes).toHaveLength(4);
    expect(groupRequests()).toBe(pages);
  });

  it('the read of a catalogue that an operation does not need in the end stops with the operation', async () => {
    const pages = await startWithLongIndex();
    world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 403 } });
    const { errors } = await world.query(INDEX);
    expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_FORBIDDEN');
    await expect.poll(isIdle, { interval: 5 }).toBe(true);
    expect(groupRequests()).toBeLessThan(pages);
  });

  it('the groups of one user do not wait for the read of a catalogue if one search finds them', async () => {
    const scopes = ['spark-admin:people_read', 'identity:groups_read', 'identity:people_read'];
    world = await startWorld({ sandbox: { users: 1_000 }, connector: { scopes } });
    const { webex } = world;
    const stalled = webex.fail({ route: 'GET /groups', fault: { kind: 'latency', ms: 3_600_000 } });
    const everybody = new AbortController();
    const body = JSON.stringify({
      query: '{ connector { users(first: 1000) { nodes { groups { displayName } } } } }',
    });
    const headers = { 'content-type': 'application/json' };
    const index = world.gateway.fetch(
      new Request('http://gateway.test/graphql', { method: 'POST', headers, body, signal: everybody.signal }),
    );
    await expect.poll(() => stalled.struck, { interval: 5 }).toBe(1);
    const person = webex.people.find(({ groupNames }) => groupNames.length > 0);
    const query =
      'query ($email: EmailAddress!) { connector { user(email: $email) { groups { displayName } } } }';
    webex.requests.clear();
    const { connector } = await world.ask<{ connector: { user: { groups: { displayName: string }[] } } }>(
      query,
      { email: person?.email },
    );
    expect(connector.user.groups.map(({ displayName }) => displayName).toSorted()).toEqual(
      person?.groupNames.toSorted(),
    );
    expect(webex.requests.byRoute).toEqual({ 'GET /people': 1, 'GET /identity/scim/:orgId/v2/Users': 1 });
    everybody.abort();
    await index;
  });

  it('a catalogue whose read began before a user had a license is no proof that the license does not exist', async () => {
    world = await startWorld();
    const { webex } = world;
    const LICENSES = '{ connector { licenses { webexId name } } }';
    const kept = await world.ask<{ connector: { licenses: { webexId: string; name: string }[] } }>(LICENSES);
    const old = kept.connector.licenses.map(({ webexId, name }) => ({ id: webexId, name }));
    const [one, other] = webex.people;
    const answer = (route: 'GET /people' | 'GET /licenses', items: readonly object[], email?: string) =>
      webex.fail({
        route,
        fault: { kind: 'broken-json', body: JSON.stringify({ items }) },
        where: ({ query }) => query.get('email') === (email ?? null),
      });
    // Both begin with what is kept. The first misses a license there, and it is read again, slowly. Meanwhile the
    // second hears of a license that is newer than that.
    answer(
      'GET /people',
      [{ id: one?.id, emails: [one?.email], created: '2024-01-01T00:00:00.000Z', licenses: ['gone'] }],
      one?.email,
    );
    webex.fail({ route: 'GET /licenses', fault: { kind: 'latency', ms: 200 } });
    answer('GET /licenses', old);
    webex.fail({
      route: 'GET /people',
      fault: { kind: 'latency', ms: 60 },
      where: ({ query }) => query.get('email') === other?.email,
    });
    answer(
      'GET /people',
      [{ id: other?.id, emails: [other?.email], created: '2024-01-01T00:00:00.000Z', licenses: ['new'] }],
      other?.email,
    );
    answer('GET /licenses', [...old, { id: 'new', name: 'New' }]);
    webex.requests.clear();
    const query = `query ($email: EmailAddress!) {
      connector { licenses { name } user(email: $email) { licenses { name } } } }`;
    const [first, second] = await Promise.all(
      [one, other].map((person) =>
        world.ask<{ connector: { user: object } }>(query, { email: person?.email }),
      ),
    );
    expect(first?.connector.user).toEqual({ licenses: [] });
    expect(second?.connector.user).toEqual({ licenses: [{ name: 'New' }] });
    expect(webex.requests.count('GET /licenses')).toBe(2);
  });
});
