import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/sandbox/index.ts';
import { change, idOf } from '../changes.ts';
import { startWorld, type World } from '../world.ts';

let world: World;
let taken = 0;

beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 60 } });
});
afterEach(() => world.webex.clearFaults());
afterAll(() => world[Symbol.asyncDispose]());

/** A user whom no other test has used, who is not the administrator. */
async function someUser(): Promise<{ webexId: string; id: string; email: string }> {
  const people = world.webex.people.filter(({ email }) => email !== world.webex.adminEmail);
  taken += 1;
  const person = people[taken];
  if (person === undefined) throw new Error('There is nobody left.');
  return { webexId: person.id, id: await idOf(world, 'user', person.id), email: person.email };
}

async function lastOutcome(): Promise<unknown> {
  const { auditEvents } = await world.ask<{ auditEvents: { nodes: { outcome: string }[] } }>(
    '{ auditEvents(first: 1) { nodes { outcome } } }',
  );
  return auditEvents.nodes[0]?.outcome;
}

const page = '<html><body>Please sign in</body></html>';
const raw = (head: string, applied: boolean): Fault => ({
  kind: 'raw',
  answer: `HTTP/1.1 ${head}\r\n\r\n`,
  applied,
});

describe('a deletion is answered by what can be seen afterwards', () => {
  it.each([
    301, 302, 303, 307, 308,
  ])('a redirect (%i) that deleted nothing is reported as a redirect', async (status) => {
    const { webexId, id } = await someUser();
    const headers = { location: 'https://login.example.com/sso?secret=1' };
    world.webex.fail({ route: 'DELETE /people/:id', fault: { kind: 'status', status, headers } });
    expect(await change(world, 'deleteUser', { id })).toMatchObject({
      outcome: 'NOT_APPLIED',
      error: {
        __typename: 'WebexFailure',
        code: 'UPSTREAM_REDIRECTED',
        message: expect.stringMatching(/redirect \(status 30\d\) to https:\/\/login\.example\.com,/),
      },
    });
    expect(world.webex.person(webexId)).toBeDefined();
    expect(await lastOutcome()).toBe('NOT_APPLIED');
  });

  it.each<[string, Fault, string, string]>([
    ['a page with status 200', { kind: 'html', status: 200 }, 'OUTCOME_UNKNOWN', 'UNKNOWN'],
    ['204', { kind: 'status', status: 204, body: '' }, 'OUTCOME_UNKNOWN', 'UNKNOWN'],
    ['404', { kind: 'status', status: 404 }, 'UPSTREAM_NOT_FOUND', 'NOT_APPLIED'],
    ['410', { kind: 'status', status: 410 }, 'UPSTREAM_NOT_FOUND', 'NOT_APPLIED'],
    ['304', raw('304 Not Modified', false), 'UPSTREAM_INVALID', 'NOT_APPLIED'],
  ])('%s for a user who is still there is no deletion', async (_what, fault, code, outcome) => {
    const { webexId, id } = await someUser();
    world.webex.fail({ route: 'DELETE /people/:id', fault });
    expect(await change(world, 'deleteUser', { id })).toMatchObject({ outcome, error: { code } });
    expect(world.webex.person(webexId)).toBeDefined();
    expect(await lastOutcome()).toBe(outcome);
  });

  it.each<[string, Fault]>([
    ['204 with a body', raw(`204 No Content\r\ncontent-length: ${page.length}\r\n\r\n${page}`, true)],
    ['200 with a page', raw(`200 OK\r\ncontent-length: ${page.length}\r\n\r\n${page}`, true)],
    ['103', raw('103 Early Hints', true)],
    ['302', { kind: 'status', status: 302, applied: true }],
    ['410', { kind: 'status', status: 410, applied: true }],
    ['403', { kind: 'status', status: 403, applied: true }],
    ['504', { kind: 'status', status: 504, applied: true }],
  ])('%s for a user who is gone is a deletion', async (_what, fault) => {
    const { webexId, id } = await someUser();
    world.webex.fail({ route: 'DELETE /people/:id', fault });
    expect(await change(world, 'deleteUser', { id })).toMatchObject({ outcome: 'APPLIED' });
    expect(world.webex.person(webexId)).toBeUndefined();
    expect(await lastOutcome()).toBe('APPLIED');
  });

  it('the deletion of a group is checked by reading it, too', async () => {
    const displayName = 'Redirected';
    await change(world, 'createGroup', { connector: world.connectorId, displayName });
    const id = await idOf(world, 'group', world.webex.group(displayName)?.id ?? '');
    world.webex.fail({ route: 'DELETE /groups/:id', fault: { kind: 'status', status: 302 } });
    expect(await change(world, 'deleteGroup', { id })).toMatchObject({
      outcome: 'NOT_APPLIED',
      error: { code: 'UPSTREAM_REDIRECTED' },
    });
    expect(world.webex.group(displayName)).toBeDefined();
    expect(await change(world, 'deleteGroup', { id })).toMatchObject({ outcome: 'APPLIED' });
  });
});

describe('a 400 to the read of a user does not mean that the user does not exist', () => {
  it('a deletion whose read is refused reads the user without calling data, and deletes', async () => {
    const { webexId, id } = await someUser();
    world.webex.fail({ route: 'GET /people/:id', fault: { kind: 'status', status: 400 } });
    expect(await change(world, 'deleteUser', { id })).toMatchObject({ outcome: 'APPLIED' });
    expect(world.webex.person(webexId)).toBeUndefined();
  });

  it('a deletion fails if the read without calling data is refused, too', async () => {
    const { webexId, id } = await someUser();
    world.webex.fail({ route: 'GET /people/:id', fault: { kind: 'status', status: 400 }, times: 2 });
    expect(await change(world, 'deleteUser', { id })).toMatchObject({
      outcome: 'NOT_APPLIED',
      error: { code: 'UPSTREAM_REJECTED' },
    });
    expect(world.webex.person(webexId)).toBeDefined();
  });

  it('a query shows the error, and what could be read', async () => {
    const { webexId } = await someUser();
    world.webex.fail({
      route: 'GET /people/:id',
      fault: { kind: 'status', status: 400 },
      times: Number.POSITIVE_INFINITY,
      where: ({ query }) => query.has('callingData'),
    });
    const { data, errors } = await world.query<{ connector: { user: object } }>(
      'query ($id: ID) { connector { user(id: $id) { title webexId extension } } }',
      { id: webexId },
    );
    expect(errors?.[0]).toMatchObject({
      path: ['connector', 'user', 'extension'],
      extensions: { code: 'UPSTREAM_REJECTED' },
    });
    expect(data?.connector.user).toMatchObject({ webexId, extension: null });
  });

  it('a change does not replace a user whose calling data Webex refuses to show', async () => {
    const calling = world.webex.people.find(({ licenseNames }) =>
      licenseNames.some((name) => name.startsWith('Webex Calling - Prof')),
    );
    const id = await idOf(world, 'user', calling?.id ?? '');
    world.webex.fail({
      route: 'GET /people/:id',
      fault: { kind: 'status', status: 400 },
      times: Number.POSITIVE_INFINITY,
      where: ({ query }) => query.has('callingData'),
    });
    expect(await change(world, 'updateUser', { id, user: { title: 'Kept whole' } })).toMatchObject({
      outcome: 'NOT_APPLIED',
      error: { code: 'UPSTREAM_REJECTED' },
    });
    expect(world.webex.requests.count('PUT /people/:id')).toBe(0);
    expect(world.webex.person(calling?.id ?? '')?.extension).toBe(calling?.extension);
  });
});

describe('a creation that was sent twice is not taken for a conflict with itself', () => {
  it.each(['createUser', 'createGroup'])('%s, throttled after it was carried out', async (mutation) => {
    const isUser = mutation === 'createUser';
    world.webex.fail({
      route: isUser ? 'POST /people' : 'POST /groups',
      fault: { kind: 'status', status: 429, retryAfter: 1, applied: true },
    });
    const { connectorId: connector, webex } = world;
    const displayName = 'Twice';
    const user = { emails: [`twice@${webex.org.domain}`], displayName };
    const input = isUser ? { connector, user } : { connector, displayName };
    expect(await change(world, mutation, input)).toMatchObject({ outcome: 'APPLIED' });
  });
});
