import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import type { Route } from '../../src/sandbox/index.ts';
import { openStore } from '../../src/store/store.ts';
import { change, idOf } from '../changes.ts';
import { freshDatabase } from '../databases.ts';
import { startWorld, type World, type WorldOptions } from '../world.ts';

/** For what takes milliseconds on a machine that is not busy. */
const PATIENCE = { interval: 5, timeout: 10_000 };
/** Seconds: longer than any test waits, so that only what is seen can end the waiting. */
const LONG = 600;
/** Seconds that are over in a moment. */
const SHORT = 1;

const UPDATE =
  'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { outcome error { __typename code retryable retryAfter } } }';

/** What a change is answered with that had to wait for too long. */
const BUSY = {
  outcome: 'NOT_APPLIED',
  error: { __typename: 'Unavailable', code: 'RECORD_BUSY', retryable: true },
};

interface Busy {
  readonly updateUser: { readonly error: { readonly retryAfter: number } };
}

/** A world in which a change of each kind can be given up, and be made by Webex when the test says so. */
async function startLate(options: WorldOptions = {}) {
  const world = await startWorld({ sandbox: { users: 30 }, ...options });
  const giveUp = (route: Route) => {
    const made = Promise.withResolvers<void>();
    world.webex.fail({ route, fault: { kind: 'late', after: made.promise } });
    return () => made.resolve();
  };
  return { world, giveUp };
}

async function someUser(world: World) {
  const found = world.webex.people.find(
    ({ email, licenseNames, roleNames }) =>
      email !== world.webex.adminEmail && roleNames.length === 0 && !licenseNames.includes('Basic Messaging'),
  );
  if (found === undefined) throw new Error('nobody suits');
  return { webexId: found.id, id: await idOf(world, 'user', found.id) };
}

/** Asks for a change, and resolves once it waits: the record was read again, and nothing was sent. */
async function heldUp(world: World, mutation: string, input: object) {
  world.webex.requests.clear();
  const answer = change(world, mutation, input);
  const reads = () => world.webex.requests.all.filter(({ method }) => method === 'GET').length;
  await expect.poll(reads, PATIENCE).toBeGreaterThan(1);
  expect(world.webex.requests.all.filter(({ method }) => method !== 'GET')).toEqual([]);
  return { answer };
}

interface Told {
  readonly operation: string;
  readonly outcome: string;
  readonly actor: string;
  readonly changes: readonly { readonly field: string; readonly before: unknown; readonly after: unknown }[];
}

async function undone(world: World): Promise<readonly Told[]> {
  const { auditEvents } = await world.ask<{ auditEvents: { nodes: readonly Told[] } }>(
    '{ auditEvents(filter: { outcomes: [UNDONE] }) { nodes { operation outcome actor changes { field before after } } } }',
  );
  return auditEvents.nodes;
}

async function metric(world: World, name: string): Promise<string[]> {
  const text = await (await world.gateway.fetchMetrics(new Request('http://gateway.test/metrics'))).text();
  return text.split('\n').filter((line) => line.startsWith(name));
}

describe('a change of a user that nobody has answered', () => {
  it('an unanswered change of a user delays the next one until it is visible, so that neither is lost', async () => {
    const { world, giveUp } = await startLate({ lateWriteGrace: LONG });
    await using _ = world;
    const { id, webexId } = await someUser(world);
    const land = giveUp('PUT /people/:id');
    expect((await change(world, 'updateUser', { id, user: { title: 'Late' } })).error?.code).toBe(
      'OUTCOME_UNKNOWN',
    );
    const next = change(world, 'updateUser', { id, user: { department: 'Next' } });
    await expect
      .poll(() => world.webex.requests.all.filter(({ method }) => method === 'GET').length, PATIENCE)
      .toBeGreaterThan(3);
    expect(world.webex.requests.all.filter(({ method }) => method === 'PUT')).toHaveLength(1);
    land();
    expect((await next).outcome).toBe('APPLIED');
    expect(world.webex.person(webexId)).toMatchObject({ title: 'Late', department: 'Next' });
    const { auditEvents } = await world.ask<{ auditEvents: { nodes: { outcome: string }[] } }>(
      '{ auditEvents(filter: { operation: "updateUser" }) { nodes { outcome } } }',
    );
    expect(auditEvents.nodes.map(({ outcome }) => outcome)).toEqual(['APPLIED', 'APPLIED']);
  });

  it('an unanswered change delays changes through another gateway on the same database, too', async () => {
    const { world, giveUp } = await startLate({ lateWriteGrace: LONG });
    await using _ = world;
    const other = await world.restart();
    const { id, webexId } = await someUser(world);
    const land = giveUp('PUT /people/:id');
    expect((await change(world, 'updateUser', { id, user: { title: 'Late' } })).error?.code).toBe(
      'OUTCOME_UNKNOWN',
    );
    const next = change(other, 'updateUserRoles', { id, add: ['Support Administrator'] });
    await expect
      .poll(() => world.webex.requests.all.filter(({ method }) => method === 'GET').length, PATIENCE)
      .toBeGreaterThan(3);
    land();
    expect((await next).outcome).toBe('APPLIED');
    expect(world.webex.person(webexId)).toMatchObject({
      title: 'Late',
      roleNames: ['Support Administrator'],
    });
    await other.gateway.close();
  });

  it('a change that waits longer than its deadline is not sent, and the error says when to try again', async () => {
    const { world, giveUp } = await startLate({ lateWriteGrace: LONG });
    await using _ = world;
    const { id, webexId } = await someUser(world);
    giveUp('PUT /people/:id');
    expect((await change(world, 'updateUser', { id, user: { title: 'Late' } })).error?.code).toBe(
      'OUTCOME_UNKNOWN',
    );
    world.webex.requests.clear();
    const { data } = await world.query<Busy>(
      UPDATE,
      { input: { id, user: { department: 'Next' } } },
      { headers: { 'content-type': 'application/json', 'webex-deadline': '0.3' } },
    );
    expect(data?.updateUser).toEqual({ ...BUSY, error: { ...BUSY.error, retryAfter: expect.any(Number) } });
    expect(data?.updateUser.error.retryAfter).toBeGreaterThan(500);
    expect(world.webex.requests.all.filter(({ method }) => method !== 'GET')).toEqual([]);
    // A dry run sends nothing that could be undone.
    expect(
      (await change(world, 'updateUser', { id, dryRun: true, user: { department: 'Next' } })).outcome,
    ).toBe('DRY_RUN');
    expect(world.webex.person(webexId)?.department).not.toBe('Next');
  });

  it('an unanswered change delays nothing after its time; an acknowledged change that it then undoes is reported', async () => {
    const { world, giveUp } = await startLate({ lateWriteGrace: SHORT });
    await using _ = world;
    const { id, webexId } = await someUser(world);
    const before = world.webex.person(webexId)?.department ?? null;
    const land = giveUp('PUT /people/:id');
    expect((await change(world, 'updateUser', { id, user: { title: 'Late' } })).error?.code).toBe(
      'OUTCOME_UNKNOWN',
    );
    expect((await change(world, 'updateUser', { id, user: { department: 'Next' } })).outcome).toBe('APPLIED');
    land();
    await expect.poll(() => world.webex.person(webexId)?.title, PATIENCE).toBe('Late');
    expect(world.webex.person(webexId)?.department ?? null).toBe(before);
    await expect
      .poll(() => undone(world), PATIENCE)
      .toEqual([
        {
          operation: 'updateUser',
          outcome: 'UNDONE',
          actor: 'gateway',
          changes: [{ field: 'department', before: 'Next', after: before }],
        },
      ]);
    expect(world.log.filter((line) => line.includes('no longer holds'))).toHaveLength(1);
    expect(
      await metric(world, 'webex_gateway_changes_total{operation="updateUser",outcome="UNDONE"}'),
    ).toEqual(['webex_gateway_changes_total{operation="updateUser",outcome="UNDONE"} 1']);
  });

  it('an unanswered change is checked by the next process if its own has ended', async () => {
    const { world, giveUp } = await startLate({ lateWriteGrace: SHORT });
    await using _ = world;
    const { id, webexId } = await someUser(world);
    const land = giveUp('PUT /people/:id');
    expect((await change(world, 'updateUser', { id, user: { title: 'Late' } })).error?.code).toBe(
      'OUTCOME_UNKNOWN',
    );
    expect((await change(world, 'updateUser', { id, user: { department: 'Next' } })).outcome).toBe('APPLIED');
    await world.gateway.close();
    land();
    await expect.poll(() => world.webex.person(webexId)?.title, PATIENCE).toBe('Late');
    const next = await world.restart();
    await expect.poll(async () => (await undone(next)).length, PATIENCE).toBe(1);
    await next.gateway.close();
  });

  it('an unanswered change is checked, and forgotten if Webex never made it', async () => {
    const { world, giveUp } = await startLate({ lateWriteGrace: SHORT });
    await using _ = world;
    const { id, webexId } = await someUser(world);
    giveUp('PUT /people/:id');
    expect((await change(world, 'updateUser', { id, user: { title: 'Late' } })).error?.code).toBe(
      'OUTCOME_UNKNOWN',
    );
    expect((await change(world, 'updateUser', { id, user: { department: 'Next' } })).outcome).toBe('APPLIED');
    await expect.poll(() => world.store.undecidedWrites.nextDue(), PATIENCE).toBeUndefined();
    expect(await undone(world)).toEqual([]);
    expect(world.webex.person(webexId)?.department).toBe('Next');
    expect(await metric(world, 'webex_gateway_second_looks_total{outcome="kept"}')).toEqual([
      'webex_gateway_second_looks_total{outcome="kept"} 2',
    ]);
  });

  it('an unanswered change does not count as made because it was sent again with its key', async () => {
    const { world, giveUp } = await startLate({ lateWriteGrace: LONG });
    await using _ = world;
    const { id, webexId } = await someUser(world);
    const land = giveUp('PUT /people/:id');
    const input = { id, user: { title: 'Late' } };
    expect((await change(world, 'updateUser', input, 'key')).error?.code).toBe('OUTCOME_UNKNOWN');
    expect((await change(world, 'updateUser', input, 'key')).outcome).toBe('APPLIED');
    const { data } = await world.query<Busy>(
      UPDATE,
      { input: { id, user: { department: 'Next' } } },
      { headers: { 'content-type': 'application/json', 'webex-deadline': '0.3' } },
    );
    expect(data?.updateUser).toMatchObject(BUSY);
    land();
    await expect.poll(() => world.webex.person(webexId)?.title, PATIENCE).toBe('Late');
  });
});

describe('a change that ended with its process', () => {
  it('a change whose process ended delays the next one of the same user', async () => {
    await using world = await startWorld({ sandbox: { users: 30 } });
    const { id, webexId } = await someUser(world);
    const began = (eventId: string, at: string) =>
      world.store.auditEvents.begin({
        id: eventId,
        actor: 'anonymous',
        operation: 'updateUser',
        requestId: at,
        dryRun: false,
        connectorId: world.connectorId,
        connectorName: 'acme',
        targetType: 'User',
        targetId: webexId,
        targetName: null,
        changes: [{ field: 'title', before: null, after: 'Late' }],
        idempotencyKey: null,
        settled: undefined,
      });
    await began(randomUUID(), 'killed');
    const { data } = await world.query<Busy>(
      UPDATE,
      { input: { id, user: { department: 'Next' } } },
      { headers: { 'content-type': 'application/json', 'webex-deadline': '0.3' } },
    );
    expect(data?.updateUser).toMatchObject(BUSY);
    expect(world.webex.requests.count('PUT /people/:id')).toBe(0);
  });
});

describe.runIf(process.env.TEST_DATABASE_URL)('a change whose lock is lost while it is made', () => {
  it('a change whose lock is lost still delays another gateway, and is checked afterwards', async () => {
    await using database = await freshDatabase();
    await using store = await openStore(database.options);
    await using second = await openStore(database.options);
    await using world = await startWorld({ sandbox: { users: 30 }, store });
    const other = await world.restart({ store: second });
    const { id, webexId } = await someUser(world);
    world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'latency', ms: 3_000 } });
    const mine = change(world, 'updateUser', { id, user: { title: 'Mine' } });
    await expect.poll(() => world.webex.requests.count('PUT /people/:id'), PATIENCE).toBe(1);
    const client = new Client({ connectionString: database.options.databaseUrl });
    await client.connect();
    await client.query(
      "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
    );
    await client.end();
    // The audit event of the first is not complete, so its write counts as undecided until it is to be seen.
    const theirs = change(other, 'updateUser', { id, user: { department: 'Theirs' } });
    expect((await mine).outcome).toBe('APPLIED');
    expect((await theirs).outcome).toBe('APPLIED');
    expect(world.webex.person(webexId)).toMatchObject({ title: 'Mine', department: 'Theirs' });
    await expect.poll(() => store.undecidedWrites.nextDue(), PATIENCE).toBeUndefined();
    expect(await undone(world)).toEqual([]);
    expect(await metric(world, 'webex_gateway_second_looks_total{outcome="kept"}')).toEqual([
      'webex_gateway_second_looks_total{outcome="kept"} 1',
    ]);
    await other.gateway.close();
  });
});

describe('a change that nobody has answered', () => {
  it('an unanswered change delays changes of licenses, and a deletion, of the same user', async () => {
    const { world, giveUp } = await startLate({ lateWriteGrace: LONG });
    await using _ = world;
    const { id, webexId } = await someUser(world);
    const add = [{ license: 'Basic Messaging' }];
    const land = giveUp('PATCH /licenses/users');
    expect((await change(world, 'updateUserLicenses', { id, add })).error?.code).toBe('OUTCOME_UNKNOWN');
    const next = await heldUp(world, 'updateUser', { id, user: { title: 'Next' } });
    land();
    expect((await next.answer).outcome).toBe('APPLIED');
    expect(world.webex.person(webexId)).toMatchObject({
      title: 'Next',
      licenseNames: expect.arrayContaining(['Basic Messaging']),
    });
    const landDeletion = giveUp('DELETE /people/:id');
    expect((await change(world, 'deleteUser', { id })).error?.code).toBe('OUTCOME_UNKNOWN');
    const last = await heldUp(world, 'updateUser', { id, user: { title: 'Last' } });
    landDeletion();
    expect((await last.answer).error?.code).toBe('NOT_FOUND');
    expect(world.webex.person(webexId)).toBeUndefined();
  });

  it('an unanswered change delays changes of a group and of its members', async () => {
    const { world, giveUp } = await startLate({ lateWriteGrace: LONG });
    await using _ = world;
    const [group] = world.webex.groups;
    const groupId = await idOf(world, 'group', group?.id ?? '');
    const landMembers = giveUp('PATCH /groups/:id');
    const newcomer = world.webex.people.find(({ id }) => !group?.memberIds.includes(id));
    const add = [newcomer?.email];
    expect((await change(world, 'updateGroupMembers', { id: groupId, add })).error?.code).toBe(
      'OUTCOME_UNKNOWN',
    );
    const next = await heldUp(world, 'updateGroup', { id: groupId, description: 'Next' });
    landMembers();
    expect((await next.answer).outcome).toBe('APPLIED');
    const landName = giveUp('PATCH /groups/:id');
    expect((await change(world, 'updateGroup', { id: groupId, displayName: 'Late' })).error?.code).toBe(
      'OUTCOME_UNKNOWN',
    );
    const last = await heldUp(world, 'updateGroupMembers', { id: groupId, remove: add });
    landName();
    expect((await last.answer).outcome).toBe('APPLIED');
    const stands = world.webex.groups.find(({ id }) => id === group?.id);
    expect(stands).toMatchObject({ displayName: 'Late', memberIds: group?.memberIds });
  });
});
