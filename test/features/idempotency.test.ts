import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { change, changeAll, idOf } from '../changes.ts';
import { EachOrganization, ORGANIZATIONS } from '../each-organization.ts';
import type { World } from '../world.ts';

const worlds = new EachOrganization({ sandbox: { users: 60 }, lateWriteGrace: 0.05 });
let world: World;
afterAll(() => worlds[Symbol.asyncDispose]());
beforeEach(() => {
  world.webex.clearFaults();
  world.webex.requests.clear();
});

let count = 0;
function someUser(more: object = {}) {
  count += 1;
  const user = { emails: [`keyed${count}@acme.example`], displayName: `Keyed ${count}`, ...more };
  return { connector: world.connectorId, user };
}

describe.each(ORGANIZATIONS)('an Idempotency-Key, in %s', (whose) => {
  beforeAll(async () => {
    world = await worlds.world(whose);
  });

  it('gives the same answer again and writes nothing twice', async () => {
    const key = randomUUID();
    const input = someUser();
    const first = await change(world, 'createUser', input, key);
    expect(first.outcome).toBe('APPLIED');
    expect(await change(world, 'createUser', input, key)).toEqual({ ...first, replayed: true });
    expect(world.webex.requests.count('POST /people')).toBe(1);
  });

  it('gives the answer of then, though the user has changed since', async () => {
    const [person] = world.webex.people;
    const id = await idOf(world, 'user', person?.id ?? '');
    const key = randomUUID();
    const first = await change(world, 'updateUser', { id, user: { title: 'Then' } }, key);
    await change(world, 'updateUser', { id, user: { title: 'Now' } });
    expect(await change(world, 'updateUser', { id, user: { title: 'Then' } }, key)).toEqual({
      ...first,
      replayed: true,
    });
    expect(world.webex.person(person?.id ?? '')?.title).toBe('Now');
  });

  it('makes those who come meanwhile wait for the first, in another gateway too', async () => {
    const key = randomUUID();
    const input = someUser();
    const other = await world.restart();
    world.webex.settings.latencyMs = 50;
    const answers = await Promise.all(
      [world, other, world, other].map((each) => change(each, 'createUser', input, key)),
    );
    world.webex.settings.latencyMs = 0;
    expect(new Set(answers.map(({ user }) => user?.id)).size).toBe(1);
    expect(world.webex.requests.count('POST /people')).toBe(1);
  });

  it('is refused with other arguments', async () => {
    const key = randomUUID();
    await change(world, 'createUser', someUser(), key);
    expect(await change(world, 'createUser', someUser(), key)).toMatchObject({
      outcome: 'NOT_APPLIED',
      error: { __typename: 'Conflict', code: 'IDEMPOTENCY_KEY_REUSED', current: null, retryable: false },
    });
  });

  it('a key keeps a partial outcome, and stays free if nothing was done', async () => {
    const [, person] = world.webex.people;
    const id = await idOf(world, 'user', person?.id ?? '');
    const [half, never] = [randomUUID(), randomUUID()];
    world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'half-applied', fields: ['title'] } });
    const input = { id, user: { title: 'Half', department: 'Done' } };
    const first = await change(world, 'updateUser', input, half);
    expect(first.outcome).toBe('PARTIALLY_APPLIED');
    expect(await change(world, 'updateUser', input, half)).toEqual({ ...first, replayed: true });
    expect(world.webex.requests.count('PUT /people/:id')).toBe(1);
    world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'status', status: 503 } });
    expect((await change(world, 'updateUser', { id, user: { title: 'Late' } }, never)).error).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      retryable: true,
    });
    expect((await change(world, 'updateUser', { id, user: { title: 'Late' } }, never)).outcome).toBe(
      'APPLIED',
    );
  });

  it('a key finds out what happened to a change of unknown outcome', async () => {
    const key = randomUUID();
    const input = someUser();
    world.webex.fail({ route: 'POST /people', fault: { kind: 'reset', when: 'after' } });
    world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 500 }, times: 9 });
    expect((await change(world, 'createUser', input, key)).outcome).toBe('UNKNOWN');
    world.webex.clearFaults();
    expect(await change(world, 'createUser', input, key)).toMatchObject({
      outcome: 'APPLIED',
      replayed: false,
      user: { emails: input.user.emails },
    });
    expect(world.webex.requests.count('POST /people')).toBe(1);
  });

  it('a replay does not undo what others have changed since', async () => {
    const person = world.webex.people[2];
    const id = await idOf(world, 'user', person?.id ?? '');
    const lost = randomUUID();
    world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'reset', when: 'before' } });
    const mine = { id, user: { title: 'Mine' } };
    expect((await change(world, 'updateUser', mine, lost)).outcome).toBe('UNKNOWN');
    await change(world, 'updateUser', { id, user: { title: 'Theirs' } });
    expect((await change(world, 'updateUser', mine, lost)).error?.code).toBe('MODIFIED_MEANWHILE');
  });

  it('a key finds the user it created, also if earlier reads are slow and lists lag', async () => {
    const key = randomUUID();
    const input = someUser({ licenses: { exactly: ['Basic Messaging'] } });
    Object.assign(world.webex.settings, { listLagHidesEmail: true, listLagRequests: 2 });
    world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 500 }, times: 3 });
    world.webex.fail({ route: 'POST /people', fault: { kind: 'reset', when: 'after' } });
    const first = await change(world, 'createUser', input, key);
    expect(first.outcome).toBe('UNKNOWN');
    world.webex.clearFaults();
    expect(await change(world, 'createUser', input, key)).toMatchObject({
      outcome: 'APPLIED',
      replayed: false,
      user: { emails: input.user.emails },
    });
    Object.assign(world.webex.settings, { listLagHidesEmail: false, listLagRequests: 0 });
    expect(world.webex.requests.count('POST /people')).toBe(1);
  });

  it('is one for each connector', async () => {
    const key = randomUUID();
    const { createConnector } = await world.ask<{ createConnector: { connector: { id: string } } }>(
      'mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { connector { id } } }',
      { input: world.settings('another') },
    );
    const { user } = someUser();
    const [made] = await changeAll(
      world,
      'createUsers',
      { connector: world.connectorId, users: [user] },
      key,
    );
    expect(made?.outcome).toBe('APPLIED');
    const other = { connector: createConnector.connector.id, users: [user] };
    expect((await changeAll(world, 'createUsers', other, key))[0]?.outcome).not.toBe('APPLIED');
    await world.ask(
      'mutation ($input: DeleteConnectorInput!) { deleteConnector(input: $input) { __typename } }',
      {
        input: { id: createConnector.connector.id },
      },
    );
  });

  it('holds for each item of a list', async () => {
    const key = randomUUID();
    const users = [someUser(), someUser(), someUser()].map(({ user }) => user);
    const input = { connector: world.connectorId, users };
    world.webex.fail({ route: 'POST /people', fault: { kind: 'status', status: 503 }, after: 1 });
    const first = await changeAll(world, 'createUsers', input, key);
    expect(first.map(({ outcome, error }) => error?.code ?? outcome).toSorted()).toEqual([
      'APPLIED',
      'APPLIED',
      'UPSTREAM_UNAVAILABLE',
    ]);
    const again = await changeAll(world, 'createUsers', input, key);
    expect(again.map(({ outcome }) => outcome)).toEqual(Array(3).fill('APPLIED'));
    expect(again.map(({ replayed }) => replayed)).toEqual(first.map(({ error }) => error === null));
    expect(world.webex.requests.count('POST /people')).toBe(4);
  });

  it.each(['x'.repeat(256), 'with space', ''])('of %j is refused', async (key) => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const { errors } = await world.query('{ connectors { id } }', {}, { headers });
    expect(errors?.[0]?.message).toContain('Idempotency-Key: must be 1 to 255 printable characters');
  });
});
