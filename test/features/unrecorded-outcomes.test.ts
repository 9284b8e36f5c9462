import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { openStore } from '../../src/store/store.ts';
import { change, idOf } from '../changes.ts';
import { freshFolder, lastingDatabase } from '../databases.ts';
import { startWorld, type World } from '../world.ts';

/** For what takes milliseconds on a machine that is not busy. */
const PATIENCE = { interval: 10, timeout: 15_000 };

const SERVER = process.env.TEST_DATABASE_URL;

async function events(world: World) {
  const all = await world.store.auditEvents.list({}, 1_000);
  return all.map(({ operation, outcome, errorCode }) => ({ operation, outcome, errorCode }));
}

async function ready(world: World): Promise<{ readonly status: number; readonly reason?: string }> {
  const response = await world.gateway.fetch(new Request('http://gateway.test/ready'));
  return { ...JSON.parse(await response.text()), status: response.status };
}

async function metric(world: World, name: string): Promise<string | undefined> {
  const response = await world.gateway.fetchMetrics(new Request('http://gateway.test/metrics'));
  return (await response.text()).split('\n').find((line) => line.startsWith(`webex_gateway_${name} `));
}

describe.runIf(SERVER)('an audit trail on PostgreSQL', () => {
  let world: World;
  let database: Client;
  beforeEach(async () => {
    world = await startWorld({ sandbox: { users: 20 } });
    database = new Client({ connectionString: world.databaseUrl });
    await database.connect();
  });
  afterEach(async () => {
    await database.query('drop trigger if exists full_disk on audit_events');
    await database.end();
    await world[Symbol.asyncDispose]();
  });

  const refuse = (when: 'insert' | 'update', code: string) =>
    database.query(`
      create or replace function refuse() returns trigger language plpgsql as
        $$ begin raise exception 'refused by the test' using errcode = '${code}'; end $$;
      create trigger full_disk before ${when} on audit_events execute function refuse()`);
  const accept = () => database.query('drop trigger full_disk on audit_events');

  it('gets each outcome when its sessions are ended again and again while changes are made', async () => {
    const ids = await Promise.all(world.webex.people.map(({ id }) => idOf(world, 'user', id)));
    const answers: string[] = [];
    let isOver = false;
    const changes = Promise.all(
      ids.map(async (id) => {
        for (let round = 0; round < 6; round++) {
          const { outcome } = await change(world, 'updateUser', {
            id,
            user: { title: `Title ${round}` },
          }).catch(() => ({ outcome: 'Error' }));
          answers.push(outcome);
        }
      }),
    ).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await database.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
      await sleep(150);
    }
    await changes;
    await expect
      .poll(() => metric(world, 'audit_writes_waiting'), PATIENCE)
      .toBe('webex_gateway_audit_writes_waiting 0');
    const counted = await database.query(
      "select outcome, count(*)::integer from audit_events where operation = 'updateUser' group by outcome",
    );
    const outcomes = new Map(counted.rows.map(({ outcome, count }) => [outcome, count]));
    expect(Object.fromEntries(outcomes)).not.toHaveProperty('PENDING');
    const made = answers.filter((answer) => answer === 'APPLIED').length;
    expect(made).toBeGreaterThan(0);
    expect(outcomes.get('APPLIED')).toBeGreaterThanOrEqual(made);
  });

  it('gets the outcome of a change that it did not take at first, as soon as it does', async () => {
    const id = await idOf(world, 'user', world.webex.people[2]?.id ?? '');
    await refuse('update', '53100');
    expect((await change(world, 'updateUser', { id, user: { title: 'Made' } })).outcome).toBe('APPLIED');
    expect(await metric(world, 'audit_writes_waiting')).toBe('webex_gateway_audit_writes_waiting 1');
    expect((await events(world))[0]).toMatchObject({ operation: 'updateUser', outcome: 'PENDING' });
    await accept();
    await expect.poll(async () => (await events(world))[0]?.outcome, PATIENCE).toBe('APPLIED');
    expect(await metric(world, 'audit_writes_waiting')).toBe('webex_gateway_audit_writes_waiting 0');
  });

  it('that does not take an outcome until the gateway closes leaves it in the log', async () => {
    const id = await idOf(world, 'user', world.webex.people[2]?.id ?? '');
    await refuse('update', '53100');
    expect((await change(world, 'updateUser', { id, user: { title: 'Made' } })).outcome).toBe('APPLIED');
    await world.gateway.close();
    const line = world.log.find((each) => each.includes('the outcome of a change could not be recorded'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ outcome: 'APPLIED', auditEvent: expect.any(String) });
  });

  it.each([
    ['53100', 'its disk is full'],
    ['25006', 'it is read-only'],
  ])('that cannot be written to (%s) is told at /ready until it can be; reads go on', async (code, reason) => {
    const webexId = world.webex.people[2]?.id ?? '';
    const id = await idOf(world, 'user', webexId);
    expect(await ready(world)).toEqual({ status: 200 });
    await refuse('insert', code);
    world.webex.requests.clear();
    expect((await change(world, 'updateUser', { id, user: { title: 'Lost' } })).error?.code).toBe(
      'NOT_RECORDED',
    );
    await expect
      .poll(() => ready(world), PATIENCE)
      .toMatchObject({
        status: 503,
        reason: expect.stringContaining(reason),
      });
    expect(await metric(world, 'changes_recordable')).toBe('webex_gateway_changes_recordable 0');
    expect(world.webex.requests.count('PUT /people/:id')).toBe(0);
    expect(await idOf(world, 'user', webexId)).toBe(id);
    await accept();
    await expect.poll(async () => (await ready(world)).status, PATIENCE).toBe(200);
    expect(await metric(world, 'changes_recordable')).toBe('webex_gateway_changes_recordable 1');
    expect(await events(world)).not.toContainEqual(expect.objectContaining({ operation: 'probe' }));
    expect((await change(world, 'updateUser', { id, user: { title: 'Kept' } })).user?.title).toBe('Kept');
  });
});

it('an embedded database whose disk is full is told at /ready, until a change can be recorded again', async () => {
  await using folder = await freshFolder();
  await (await openStore(folder.options)).close();
  const raw = await openDatabase(folder.options);
  await sql`
    create function refuse() returns trigger language plpgsql as $$ begin
      if exists (select from api_keys where revoked_at is null) then
        raise exception 'refused by the test' using errcode = '53100';
      end if;
      return new;
    end $$`.execute(raw.db);
  await sql`create trigger full_disk before insert on audit_events for each row execute function refuse()`.execute(
    raw.db,
  );
  await raw.close();
  await using store = await openStore(folder.options);
  await using world = await startWorld({ store, sandbox: { users: 5 } });
  const id = await idOf(world, 'user', world.webex.people[2]?.id ?? '');
  const full = await store.apiKeys.create({
    ...{
      name: 'the disk is full',
      hash: 'hash',
      shown: 'shown',
      grants: [],
      createdBy: 'test',
      expiresAt: null,
    },
  });
  expect((await change(world, 'updateUser', { id, user: { title: 'Lost' } })).error?.code).toBe(
    'NOT_RECORDED',
  );
  await expect.poll(() => ready(world), PATIENCE).toMatchObject({ status: 503 });
  expect((await ready(world)).reason).toContain('its disk is full');
  await store.apiKeys.revoke(full.id);
  await expect.poll(async () => (await ready(world)).status, PATIENCE).toBe(200);
  expect((await change(world, 'updateUser', { id, user: { title: 'Kept' } })).user?.title).toBe('Kept');
});

describe('the start after a process has ended in the middle of changes', () => {
  it('gives each of them an outcome: what the record shows, what is certain of itself, or UNKNOWN', async () => {
    await using database = await lastingDatabase();
    const first = await openStore(database.options);
    await using world = await startWorld({ store: first, sandbox: { users: 20 } });
    const [shown, notShown] = world.webex.people;
    await change(world, 'updateUser', {
      id: await idOf(world, 'user', shown?.id ?? ''),
      user: { title: 'Made' },
    });
    const [connector] = await first.connectors.list();
    const left = async (name: string, event: object) => {
      await first.auditEvents.begin({
        ...{ id: randomUUID(), actor: 'anonymous', operation: 'updateUser', requestId: 'killed' },
        ...{ dryRun: false, connectorId: connector?.id ?? null, connectorName: 'acme' },
        targetType: 'User',
        ...{ targetId: null, targetName: name, idempotencyKey: null, settled: undefined },
        changes: [{ field: 'title', before: null, after: 'Made' }],
        ...event,
      });
    };
    await left('shown', { targetId: shown?.id });
    await left('not shown', { targetId: notShown?.id });
    await left('tried', { targetId: notShown?.id, dryRun: true });
    await left('as it was', { targetId: notShown?.id, changes: [] });
    await left('created', { operation: 'createUser' });
    await world.gateway.close();
    await first.close();
    if (SERVER !== undefined) await makeOlder(database.options.databaseUrl);

    await using second = await openStore(database.options);
    const restarted = await world.restart({ store: second });
    const outcomes = async () => {
      const all = await second.auditEvents.list({ from: new Date(0) }, 100);
      return Object.fromEntries(
        all.filter(({ requestId }) => requestId === 'killed').map((each) => [each.targetName, each.outcome]),
      );
    };
    await expect.poll(async () => Object.values(await outcomes()), PATIENCE).not.toContain('PENDING');
    const made = await idOf(restarted, 'user', shown?.id ?? '');
    expect((await change(restarted, 'updateUser', { id: made, user: { department: 'Next' } })).outcome).toBe(
      'APPLIED',
    );
    await expect.poll(outcomes, PATIENCE).toEqual({
      ...{ shown: 'APPLIED', 'not shown': 'UNKNOWN', tried: 'DRY_RUN' },
      ...{ 'as it was': 'NOTHING_CHANGED', created: 'UNKNOWN' },
    });
    expect(restarted.log.filter((line) => line.includes('it has one now'))).toHaveLength(5);
    await restarted.gateway.close();
  });
});

/** On a server other gateways may be at work, so that only what is old is known to be nobody's. */
async function makeOlder(connectionString: string | undefined): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  await client.query("update audit_events set at = at - interval '1 hour' where request_id = 'killed'");
  await client.end();
}
