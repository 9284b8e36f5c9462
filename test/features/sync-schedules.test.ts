import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NotFound } from '../../src/errors/request.ts';
import { type ApiKeyRepository, createApiKeyRepository } from '../../src/store/api-keys.ts';
import { createConnectorRepository } from '../../src/store/connectors.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { migrateToLatest } from '../../src/store/migrate.ts';
import { createNotices, type OwnedNotices } from '../../src/store/notices.ts';
import { createSealer, generateSecretKey } from '../../src/store/secrets/secrets.ts';
import { createSyncStore, type SyncStore } from '../../src/store/sync/sync-store.ts';
import type { SyncScheduleRow } from '../../src/store/sync/tables.ts';
import { Mappings } from '../../src/sync/mapping/mappings.ts';
import type { AskedPlan } from '../../src/sync/plans/asked-plan.ts';
import { Plans } from '../../src/sync/plans/plans.ts';
import { ScheduleWorker } from '../../src/sync/schedules/schedule-worker.ts';
import { type AskedSchedule, nextOf, Schedules } from '../../src/sync/schedules/schedules.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { CONNECTOR, type FreshDatabase, freshDatabase } from '../databases.ts';
import { STAFF } from '../sync-mapping.ts';

// Plans at fixed times. The clock is the database's, and it is the schedule that is moved, not the clock.

const CREATOR = 'api-key:hr';
let fresh: FreshDatabase;
let database: Database;
let notices: OwnedNotices;
let sync: SyncStore;
let apiKeys: ApiKeyRepository;
let mappings: Mappings;
let schedules: Schedules;
let worker: ScheduleWorker;
let connectorId: string;
let disabled: number;
const log: string[] = [];

beforeAll(async () => {
  fresh = await freshDatabase();
  database = await openDatabase(fresh.options);
  await migrateToLatest(database.db, database.location);
  notices = createNotices(database);
  const sealer = createSealer([generateSecretKey('test')]);
  sync = createSyncStore(database, sealer);
  apiKeys = createApiKeyRepository(database.db);
  mappings = new Mappings(sync.mappings);
  const store = { sync, notices, apiKeys };
  schedules = new Schedules({ store, mappings });
  const plans = new Plans({ store, mappings, selfApproval: false, history: 90, wake: async () => undefined });
  worker = new ScheduleWorker({
    ...{ store, plans, logger: createLogger('debug', (line) => log.push(line)) },
    runs: {
      async apply({ planId, digest }, actor) {
        const run = await sync.runs.create({ planId, digest, only: null, stopAfter: null, startedBy: actor });
        if (run === undefined) throw new NotFound('plan', planId);
        return run;
      },
    },
    disabled: () => {
      disabled += 1;
    },
  });
});
beforeEach(async () => {
  disabled = 0;
  log.length = 0;
  await database.db.deleteFrom('connectors').execute();
  const connectors = createConnectorRepository(database.db, createSealer([generateSecretKey('test')]));
  ({ id: connectorId } = await connectors.create({
    name: randomUUID(),
    ...CONNECTOR,
    clientSecret: 'secret',
  }));
});
afterAll(async () => {
  await notices.close();
  await database.close();
  await fresh[Symbol.asyncDispose]();
});

async function storeMapping(): Promise<string> {
  const name = `m-${randomUUID()}`;
  const text = STAFF.replace('name: staff', `name: ${name}`).replace('kind: FILE', 'kind: ROWS');
  await mappings.put({ text, ifVersion: undefined, actor: CREATOR, byAdmin: false });
  return name;
}

async function newVersion(name: string): Promise<void> {
  const { text = '' } = (await mappings.get(name)) ?? {};
  await mappings.put({ text: `${text}# changed\n`, ifVersion: undefined, actor: CREATOR, byAdmin: false });
}

async function put(more: Partial<AskedSchedule> = {}, mappingName?: string): Promise<SyncScheduleRow> {
  const plan: AskedPlan = {
    ...{ connectorId, actor: CREATOR, byAdmin: false, idempotencyKey: undefined },
    mapping: { name: mappingName ?? (await storeMapping()), version: undefined },
    rows: [{ employeeId: '1', mail: 'a@acme.example', givenName: 'A', sn: 'B' }],
    ...{ fileId: undefined, sourceId: undefined, retryOf: undefined, narrow: undefined },
    ...{ extent: undefined, note: undefined },
  };
  const asked = {
    name: 'nightly',
    cron: '30 2 * * *',
    timeZone: 'Europe/Berlin',
    mode: 'PLAN_ONLY' as const,
  };
  return (await schedules.put({ ...asked, enabled: true, plan, ...more })).schedule;
}

/** Makes a schedule due, as if its time had come so many minutes ago. */
async function makeDue({ id }: SyncScheduleRow, minutesAgo = 1): Promise<void> {
  await sql`update sync_schedules set next_at = now() - make_interval(mins => ${minutesAgo}) where id = ${id}`.execute(
    database.db,
  );
}

async function fire(schedule: SyncScheduleRow, minutesAgo = 1): Promise<SyncScheduleRow> {
  await makeDue(schedule, minutesAgo);
  return look(schedule);
}

async function look({ id }: SyncScheduleRow): Promise<SyncScheduleRow> {
  await worker.fireDue();
  const found = await schedules.get(id);
  if (found === null) throw new Error('The schedule is gone.');
  return found;
}

const plansOf = async () => (await sync.plans.page(connectorId, {}, 100)).rows;

/** Ends the last plan of a schedule. */
async function end({ last_plan_id: id }: SyncScheduleRow, state: string): Promise<void> {
  await sql`update sync_plans set state = ${state}, organization_id = 'org', digest = '\\x01', has_changes = true,
    expires_at = now() + interval '1 day' where id = ${id}`.execute(database.db);
}

async function endRun({ last_plan_id: id }: SyncScheduleRow, state: string): Promise<void> {
  await sql`update sync_runs set state = ${state} where plan_id = ${id}`.execute(database.db);
}

describe('a schedule', () => {
  test('plans when its time has come, as schedule:NAME, and moves on to its next time', async () => {
    const schedule = await put();
    expect((await look(schedule)).last_outcome).toBeNull();
    const fired = await fire(schedule);
    const [plan, ...others] = await plansOf();
    expect(others).toEqual([]);
    expect(plan).toMatchObject({ id: fired.last_plan_id, state: 'QUEUED', requested_by: 'schedule:nightly' });
    expect(fired.last_outcome).toBe('PLANNING');
    expect(fired.next_at?.getTime()).toBeGreaterThan(Date.now());
    expect(nextOf(fired)).toHaveLength(5);
    await end(fired, 'UNCHANGED');
    expect((await look(fired)).last_outcome).toBe('UNCHANGED');
  });

  test('that several workers see is due plans once', async () => {
    const schedule = await put();
    await makeDue(schedule);
    await Promise.all([worker.fireDue(), worker.fireDue(), worker.fireDue()]);
    expect(await plansOf()).toHaveLength(1);
  });

  test('plans with the newest version of its mapping, or with the one that is named', async () => {
    const name = await storeMapping();
    const newest = await put({}, name);
    await newVersion(name);
    await fire(newest);
    expect((await plansOf())[0]?.mapping_version).toBe(2);
  });

  test('is skipped while the plan before is being made, and while its run has not ended', async () => {
    const schedule = await put({ mode: 'APPLY_WITHIN_LIMITS' });
    const fired = await fire(schedule);
    expect((await fire(fired)).last_outcome).toBe('SKIPPED');
    await end(fired, 'READY');
    expect((await look(fired)).last_outcome).toBe('APPLYING');
    expect((await fire(fired)).last_outcome).toBe('SKIPPED');
    await endRun(fired, 'COMPLETED');
    expect((await look(fired)).last_outcome).toBe('COMPLETED');
    expect(await plansOf()).toHaveLength(1);
    expect((await fire(fired)).last_outcome).toBe('PLANNING');
  });

  test('makes up once for a time that was missed by less than an hour, and not for older ones', async () => {
    const schedule = await put({ cron: '* * * * *' });
    const fired = await fire(schedule, 59);
    expect(fired.last_outcome).toBe('PLANNING');
    expect(await plansOf()).toHaveLength(1);
    await end(fired, 'UNCHANGED');
    const missed = await fire(await look(fired), 61);
    expect(missed.last_outcome).toBe('MISSED');
    expect(await plansOf()).toHaveLength(1);
    expect(missed.next_at?.getTime()).toBeGreaterThan(Date.now());
  });

  test('that is switched off plans nothing', async () => {
    const schedule = await put({ enabled: false });
    expect((await fire(schedule)).last_outcome).toBeNull();
    expect(nextOf(schedule)).toEqual([]);
  });

  test('is replaced by another of the same name', async () => {
    const first = await put();
    const second = await put({ cron: '0 5 * * *' });
    expect(second).toMatchObject({ id: first.id, cron: '0 5 * * *' });
    expect(await schedules.list(connectorId)).toHaveLength(1);
    await schedules.delete(first.id);
    await expect(schedules.delete(first.id)).rejects.toThrow(NotFound);
  });
});

describe('a schedule that applies within limits', () => {
  test('applies a READY plan as schedule:NAME', async () => {
    const fired = await fire(await put({ mode: 'APPLY_WITHIN_LIMITS' }));
    await end(fired, 'READY');
    await look(fired);
    expect(await sync.runs.ofPlan(fired.last_plan_id ?? '')).toMatchObject({
      started_by: 'schedule:nightly',
    });
    await endRun(fired, 'COMPLETED_WITH_ERRORS');
    expect((await look(fired)).last_outcome).toBe('COMPLETED_WITH_ERRORS');
  });

  test('leaves a BLOCKED plan to an approval', async () => {
    const fired = await fire(await put({ mode: 'APPLY_WITHIN_LIMITS' }));
    await end(fired, 'BLOCKED');
    expect((await look(fired)).last_outcome).toBe('BLOCKED');
    expect(await sync.runs.ofPlan(fired.last_plan_id ?? '')).toBeNull();
  });

  test('leaves a plan to a caller if the mapping has another version than when it was put', async () => {
    const name = await storeMapping();
    const schedule = await put({ mode: 'APPLY_WITHIN_LIMITS' }, name);
    await newVersion(name);
    const fired = await fire(schedule);
    await end(fired, 'READY');
    expect((await look(fired)).last_outcome).toBe('MAPPING_CHANGED');
    expect(await sync.runs.ofPlan(fired.last_plan_id ?? '')).toBeNull();
    // Putting it again says that the new version is meant.
    const again = await fire(await put({ mode: 'APPLY_WITHIN_LIMITS' }, name));
    await end(again, 'READY');
    expect((await look(again)).last_outcome).toBe('APPLYING');
  });

  test('leaves a READY plan alone if it only plans', async () => {
    const fired = await fire(await put());
    await end(fired, 'READY');
    expect((await look(fired)).last_outcome).toBe('READY');
    expect(await sync.runs.ofPlan(fired.last_plan_id ?? '')).toBeNull();
  });
});

describe('a schedule is switched off', () => {
  test('when it has failed three times in a row, which is logged and counted', async () => {
    let schedule = await put();
    for (const failures of [1, 2]) {
      schedule = await fire(schedule);
      await end(schedule, 'FAILED');
      schedule = await look(schedule);
      expect(schedule).toMatchObject({ enabled: true, failures, last_outcome: 'PLAN_FAILED' });
    }
    expect(disabled).toBe(0);
    schedule = await fire(schedule);
    await end(schedule, 'FAILED');
    expect(await look(schedule)).toMatchObject({ enabled: false, failures: 3, last_outcome: 'PLAN_FAILED' });
    expect(disabled).toBe(1);
    expect(
      log.some((line) => line.includes('"nightly"') && line.includes('failed three times in a row')),
    ).toBe(true);
    expect(await put()).toMatchObject({ enabled: true, failures: 0 });
  });

  test('not when it succeeds in between', async () => {
    let schedule = await put();
    for (const state of ['FAILED', 'FAILED', 'UNCHANGED', 'FAILED', 'FAILED']) {
      schedule = await fire(schedule);
      await end(schedule, state);
      schedule = await look(schedule);
    }
    expect(schedule).toMatchObject({ enabled: true, failures: 2 });
  });

  test('when the API key of the caller who put it was revoked', async () => {
    const key = await apiKeys.create({
      ...{ name: 'hr', hash: randomUUID(), shown: 'webexgw_1', createdBy: 'api-key:admin', expiresAt: null },
      grants: [{ scope: 'provision', connectors: null }],
    });
    const schedule = await put();
    expect((await fire(schedule)).last_outcome).toBe('PLANNING');
    await apiKeys.revoke(key.id);
    expect(await fire(schedule)).toMatchObject({ enabled: false, last_outcome: 'CREATOR_GONE' });
  });
});
