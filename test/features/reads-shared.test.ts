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

  it('is one request to Webex, in however many GraphQL requests it is asked for', async () => {
    const query =
      'query ($email: EmailAddress!) { connector { user(email: $email) { displayName licenses { name } } } }';
    const email = world.webex.people[11]?.email;
    world.webex.requests.clear();
    const answers = await Promise.all(Array.from({ length: 20 }, () => world.ask(query, { email })));
    expect(world.webex.requests.byRoute).toEqual({ 'GET /people': 1, 'GET /licenses': 1 });
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('is not given up while anybody still waits for it', async () => {
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

  it('fails for all who share it with the same error, and is asked for anew afterwards', async () => {
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

  it('are kept, the organization too', async () => {
    world = await startWorld({ catalogueLifetime: 3_600 });
    await world.ask(QUERY);
    expect(await spend(QUERY)).toEqual({});
  });

  it('are read again when their time is over', async () => {
    world = await startWorld({ catalogueLifetime: 0.0001 });
    await world.ask(QUERY);
    expect(await spend(QUERY)).toEqual({
      'GET /licenses': 1,
      'GET /roles': 1,
      'GET /organizations/:id': 1,
    });
  });
});
