import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Fault, Route } from '../../src/sandbox/index.ts';
import { change, idOf } from '../changes.ts';
import { startWorld, type World } from '../world.ts';

// A change for which there is no access token at the moment. It was not sent, or Webex has refused it with a 401.

let world: World;
let taken = 0;

beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 40 } });
});
afterEach(() => world.webex.clearFaults());
afterAll(() => world[Symbol.asyncDispose]());

const FOREVER = Number.POSITIVE_INFINITY;
const NO_ANSWER: Fault = { kind: 'reset', when: 'before' };
const PROXY_TIMEOUT: Fault = { kind: 'status', status: 504 };
const REFUSED: Fault = { kind: 'status', status: 401 };

/** A user whom no other test has used, who is not the administrator. */
async function someUser(): Promise<{ webexId: string; id: string }> {
  const people = world.webex.people.filter(({ email }) => email !== world.webex.adminEmail);
  taken += 1;
  const person = people[taken];
  if (person === undefined) throw new Error('There is nobody left.');
  return { webexId: person.id, id: await idOf(world, 'user', person.id) };
}

async function lastOutcome(): Promise<unknown> {
  const { auditEvents } = await world.ask<{ auditEvents: { nodes: { outcome: string }[] } }>(
    '{ auditEvents(first: 1) { nodes { outcome } } }',
  );
  return auditEvents.nodes[0]?.outcome;
}

describe('a change for which the token cannot be renewed was not carried out, and is told so', () => {
  it.each<[string, Route, Fault, () => Promise<unknown>]>([
    ['an update, no answer', 'PUT /people/:id', NO_ANSWER, () => update()],
    ['an update, a proxy that timed out', 'PUT /people/:id', PROXY_TIMEOUT, () => update()],
    ['a creation', 'POST /people', NO_ANSWER, () => create()],
    ['a deletion', 'DELETE /people/:id', NO_ANSWER, () => remove()],
    ['a new group', 'POST /groups', NO_ANSWER, () => createGroup()],
  ])('%s', async (_what, route, fault, make) => {
    world.webex.fail({ route, fault: REFUSED });
    world.webex.fail({ route: 'POST /access_token', fault });
    expect(await make()).toMatchObject({ outcome: 'NOT_APPLIED', error: { code: 'UPSTREAM_UNAVAILABLE' } });
    expect(await lastOutcome()).toBe('NOT_APPLIED');
  });

  it('leaves nothing that the next change of the same user has to wait for', async () => {
    const { webexId, id } = await someUser();
    world.webex.fail({ route: 'PUT /people/:id', fault: REFUSED });
    world.webex.fail({ route: 'POST /access_token', fault: NO_ANSWER });
    const title = 'Second in command';
    expect(await change(world, 'updateUser', { id, user: { title: 'First' } })).toMatchObject({
      outcome: 'NOT_APPLIED',
      error: { code: 'UPSTREAM_UNAVAILABLE' },
    });
    expect(await change(world, 'updateUser', { id, user: { title } })).toMatchObject({ outcome: 'APPLIED' });
    expect(world.webex.person(webexId)).toMatchObject({ title });
  });
});

it('a change that Webex refuses with every token was not carried out, also if the user cannot be read afterwards', async () => {
  const { id } = await someUser();
  world.webex.fail({ route: 'PUT /people/:id', fault: REFUSED, times: FOREVER });
  world.webex.fail({ route: 'GET /people/me', fault: REFUSED, times: FOREVER });
  world.webex.fail({ route: 'GET /people/:id', fault: REFUSED, times: FOREVER, after: 1 });
  expect(await change(world, 'updateUser', { id, user: { title: 'Refused' } })).toMatchObject({
    outcome: 'NOT_APPLIED',
    error: { code: 'UPSTREAM_UNAVAILABLE' },
  });
  expect(await lastOutcome()).toBe('NOT_APPLIED');
});

it('a change before which a read of its own got no answer was not carried out', async () => {
  const { id } = await someUser();
  world.webex.fail({ route: 'PUT /people/:id', fault: REFUSED, times: 2 });
  world.webex.fail({ route: 'GET /people/me', fault: PROXY_TIMEOUT, times: FOREVER });
  expect(await change(world, 'updateUser', { id, user: { title: 'Refused' } })).toMatchObject({
    outcome: 'NOT_APPLIED',
    error: { code: 'UPSTREAM_UNAVAILABLE' },
  });
  expect(await lastOutcome()).toBe('NOT_APPLIED');
});

async function update() {
  return change(world, 'updateUser', { id: (await someUser()).id, user: { title: 'Updated' } });
}
async function remove() {
  return change(world, 'deleteUser', { id: (await someUser()).id });
}
function create() {
  const { connectorId } = world;
  return change(world, 'createUser', {
    connector: connectorId,
    user: { emails: ['new@example.com'], displayName: 'New' },
  });
}
function createGroup() {
  return change(world, 'createGroup', { connector: world.connectorId, displayName: 'New group' });
}
