import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { change, changeList, ERROR, idOf } from '../changes.ts';
import { startWorld, type World } from '../world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 60 } });
});
beforeEach(() => {
  world.webex.clearFaults();
  world.webex.requests.clear();
});
afterAll(() => world[Symbol.asyncDispose]());

async function userIds(count: number): Promise<string[]> {
  const people = world.webex.people.filter(({ email }) => email !== world.webex.adminEmail).slice(0, count);
  return Promise.all(people.map(({ id }) => idOf(world, 'user', id)));
}

describe('ten mutations in one document of which three fail', () => {
  it('ten mutations of which three fail answer with ten payloads and no top-level error', async () => {
    const ids = await userIds(7);
    const good = ids.map(
      (id, index) =>
        `good${index}: updateUser(input: { id: "${id}", user: { title: "T${index}" } }) { ...P }`,
    );
    const bad = [
      'bad0: updateUser(input: { id: "nobody", user: { title: "T" } }) { ...P }',
      'bad1: createUser(input: { connector: "no such", user: { emails: ["a@example.com"], displayName: "A" } }) { ...P }',
      `bad2: createUser(input: { user: { emails: ["${world.webex.adminEmail}"], displayName: "A" } }) { ...P }`,
    ];
    const fields = [...good, ...bad].join('\n');
    const { data, errors } = await world.query<Record<string, { outcome: string; error: object | null }>>(
      `mutation { ${fields} } fragment P on UserChangePayload { outcome error { code message retryable } }`,
    );
    expect(errors).toBeUndefined();
    const payloads = Object.entries(data ?? {});
    expect(payloads).toHaveLength(10);
    for (const [name, { outcome, error }] of payloads) {
      if (name.startsWith('good'))
        expect({ name, outcome, error }).toEqual({ name, outcome: 'APPLIED', error: null });
      else
        expect({ name, outcome, error }).toMatchObject({
          name,
          outcome: 'NOT_APPLIED',
          error: { retryable: false },
        });
    }
    expect([data?.bad0, data?.bad1, data?.bad2].map((payload) => payload?.error)).toMatchObject([
      { code: 'INVALID_INPUT' },
      { code: 'NOT_FOUND' },
      { code: 'EMAIL_TAKEN' },
    ]);
  });
});

describe('a list of changes', () => {
  it('a list of changes has an error for the whole request, or counts its items', async () => {
    const [id = ''] = await userIds(1);
    expect(await changeList(world, 'updateUsers', { users: [] })).toMatchObject({
      items: [],
      counts: [],
      error: { __typename: 'InvalidInput', problems: [{ path: 'input.users' }] },
    });
    const unknown = { connector: 'no such', users: [{ emails: ['b@example.com'], displayName: 'B' }] };
    expect(await changeList(world, 'createUsers', unknown)).toMatchObject({
      items: [],
      error: { __typename: 'NotFound', code: 'NOT_FOUND', kind: 'CONNECTOR', reference: 'no such' },
    });
    const title = randomUUID();
    const users = [
      { id, user: { title } },
      { id: 'nobody', user: { title } },
    ];
    const list = await changeList(world, 'updateUsers', { users });
    expect(list).toMatchObject({ error: null, items: [{ outcome: 'APPLIED' }, { outcome: 'NOT_APPLIED' }] });
    expect(list.counts).toEqual([
      { outcome: 'APPLIED', count: 1 },
      { outcome: 'NOT_APPLIED', count: 1 },
    ]);
  });

  it('a list of changes is refused item by item, each in the audit trail, if the caller lacks the scope for the connector', async () => {
    await using guarded = await startWorld({ sandbox: { users: 5 }, guarded: true });
    await guarded.ask(
      'mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { error { code } } }',
      { input: guarded.settings('another') },
    );
    const { createApiKey } = await guarded.ask<{ createApiKey: { key: string } }>(
      `mutation { createApiKey(input: { name: "elsewhere", grants: [
        { scope: PROVISION, connectors: ["another"] }, { scope: READ, connectors: ["acme"] }] }) { key } }`,
    );
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${createApiKey.key}` };
    const { data } = await guarded.query(
      'mutation ($input: CreateUsersInput!) { createUsers(input: $input) { items { outcome auditEventId error { code } } error { code } } }',
      { input: { connector: 'acme', users: [{ emails: ['d@example.com'], displayName: 'D' }] } },
      { headers },
    );
    const item = { outcome: 'NOT_APPLIED', auditEventId: expect.any(String), error: { code: 'FORBIDDEN' } };
    expect(data).toEqual({ createUsers: { items: [item], error: null } });
  });

  it('more than 500 items over all fields of a request are refused as too complex', async () => {
    const items = Array.from({ length: 501 }, () => 'x');
    const { data, errors } = await world.query(
      'mutation ($input: DeleteUsersInput!) { deleteUsers(input: $input) { error { code } } }',
      { input: { ids: items } },
    );
    expect(data ?? null).toBeNull();
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'REQUEST_TOO_COMPLEX',
      measure: 'changes',
      limit: 500,
    });
  });
});

describe('a read-only connector', () => {
  it('a read-only connector refuses changes and makes dry runs', async () => {
    await using reading = await startWorld({ sandbox: { users: 5 }, connector: { readOnly: true } });
    const user = { emails: ['e@example.com'], displayName: 'E' };
    const refused = { outcome: 'NOT_APPLIED', error: { __typename: 'NotAllowed', code: 'READ_ONLY' } };
    expect(await change(reading, 'createUser', { user })).toMatchObject(refused);
    expect(await change(reading, 'createUser', { user, dryRun: true })).toMatchObject({ outcome: 'DRY_RUN' });
  });
});

describe('an error of a change', () => {
  it('the error of a change leads to the object that is in the way', async () => {
    const [, person] = world.webex.people;
    const user = { emails: [person?.email], displayName: 'Twice' };
    const { error } = await change(world, 'createUser', { user });
    expect(error).toMatchObject({
      __typename: 'Conflict',
      code: 'EMAIL_TAKEN',
      current: { emails: [person?.email], displayName: person?.displayName },
    });
    await change(world, 'createGroup', { displayName: 'Once' });
    expect((await change(world, 'createGroup', { displayName: 'Once' })).error).toMatchObject({
      code: 'NAME_TAKEN',
      current: { displayName: 'Once' },
    });
  });

  it('the error of a change leads to the user who has the address, also in a dry run', async () => {
    const [id = ''] = await userIds(1);
    const other = world.webex.people.at(-1);
    const otherId = await idOf(world, 'user', other?.id ?? '');
    const user = { emails: [other?.email.toUpperCase()] };
    for (const dryRun of [true, false]) {
      expect(await change(world, 'updateUser', { id, user, dryRun })).toMatchObject({
        outcome: 'NOT_APPLIED',
        error: { code: 'EMAIL_TAKEN', current: { id: otherId, emails: [other?.email] } },
      });
    }
  });

  it('the error of a change leads to all connectors that may be meant if none is given', async () => {
    await using several = await startWorld({ sandbox: { users: 5 } });
    await several.ask(
      'mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { error { code } } }',
      { input: several.settings('another') },
    );
    const user = { emails: ['new@example.com'], displayName: 'New' };
    const { data } = await several.query<{
      createUser: { error: { candidates: { id: string; name: string }[] } };
    }>(
      'mutation ($input: CreateUserInput!) { createUser(input: $input) { error { code ... on Ambiguous { candidates { id ... on Connector { name } } } } } }',
      { input: { user } },
    );
    expect(data?.createUser.error).toMatchObject({ code: 'AMBIGUOUS' });
    expect(data?.createUser.error.candidates.map(({ name }) => name).toSorted()).toEqual(['acme', 'another']);
  });

  it('the error of a change without a connection leads to the connector', async () => {
    await using unconnected = await startWorld({ sandbox: { users: 5 }, connect: false });
    const user = { emails: ['new@example.com'], displayName: 'New' };
    const { data } = await unconnected.query<{ createUser: object }>(
      'mutation ($input: CreateUserInput!) { createUser(input: $input) { outcome error { code retryable ... on NotConnected { connector { id ... on Connector { name } } } } } }',
      { input: { user } },
    );
    expect(data?.createUser).toEqual({
      outcome: 'NOT_APPLIED',
      error: {
        code: 'NOT_CONNECTED',
        retryable: false,
        connector: { id: unconnected.connectorId, name: 'acme' },
      },
    });
  });

  it('FORBIDDEN is in the payload, with the required scope', async () => {
    await using guarded = await startWorld({ sandbox: { users: 5 }, guarded: true });
    const { createApiKey } = await guarded.ask<{ createApiKey: { key: string } }>(
      'mutation { createApiKey(input: { name: "reader", grants: [{ scope: READ }] }) { key } }',
    );
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${createApiKey.key}` };
    const { data, errors } = await guarded.query<Record<string, object>>(
      `mutation ($one: CreateUserInput!, $many: CreateUsersInput!) {
        one: createUser(input: $one) { outcome auditEventId error { ${ERROR} } }
        many: createUsers(input: $many) { items { outcome } error { code } }
        test: testConnector(input: { id: "acme" }) { test { ok } error { code } }
        key: createApiKey(input: { name: "x", grants: [] }) { key error { code } }
      }`,
      {
        one: { user: { emails: ['c@example.com'], displayName: 'C' } },
        many: { users: [{ emails: ['c@example.com'], displayName: 'C' }] },
      },
      { headers },
    );
    expect(errors).toBeUndefined();
    const forbidden = { __typename: 'NotAllowed', code: 'FORBIDDEN', requiredScope: 'PROVISION' };
    expect(data?.one).toMatchObject({ outcome: 'NOT_APPLIED', auditEventId: null, error: forbidden });
    expect(data?.many).toEqual({ items: [], error: { code: 'FORBIDDEN' } });
    expect(data?.test).toEqual({ test: null, error: { code: 'FORBIDDEN' } });
    expect(data?.key).toEqual({ key: null, error: { code: 'FORBIDDEN' } });
  });
});

describe('the changes of a payload', () => {
  it('changes have the names of licenses, roles and managers beside their ids, and so has the audit trail', async () => {
    const [, id = ''] = await userIds(2);
    const manager = world.webex.people[5]?.email ?? '';
    const user = { manager, roles: { exactly: ['Support Administrator'] } };
    const key = randomUUID();
    const first = await change(world, 'updateUser', { id, user }, key);
    expect(first.changes).toMatchObject([
      { field: 'manager', afterText: manager, applied: true },
      { field: 'roles', afterText: 'Support Administrator', applied: true },
    ]);
    const { node } = await world.ask<{ node: { changes: object[]; outcome: string } }>(
      'query ($id: ID!) { node(id: $id) { ... on AuditEvent { outcome changes { field before after beforeText afterText } } } }',
      { id: first.auditEventId },
    );
    expect(node.outcome).toBe('APPLIED');
    expect(node.changes).toEqual(first.changes.map(({ applied: _, ...shown }) => shown));
    const again = await change(world, 'updateUser', { id, user }, key);
    expect(again).toEqual({ ...first, replayed: true });
  });

  it('the payload of a deletion has the id that the user had', async () => {
    const [, , id = ''] = await userIds(3);
    const tried = await change(world, 'deleteUser', { id, dryRun: true });
    expect(tried).toMatchObject({ outcome: 'DRY_RUN', deletedUserId: null, user: { id } });
    expect(new Set(tried.changes.map(({ applied }) => applied))).toEqual(new Set([null]));
    expect(await change(world, 'deleteUser', { id })).toMatchObject({
      outcome: 'APPLIED',
      deletedUserId: id,
      user: { id },
    });
    expect(await change(world, 'deleteUser', { id })).toMatchObject({
      ...{ outcome: 'NOTHING_CHANGED', deletedUserId: id, user: null, changes: [] },
    });
  });
});
