import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createConnectorRepository } from '../../src/store/connectors.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { migrateToLatest } from '../../src/store/migrate.ts';
import { createSealer, generateSecretKey } from '../../src/store/secrets/secrets.ts';
import { createSyncStore, type SyncStore } from '../../src/store/sync/sync-store.ts';
import { CONNECTOR, type FreshDatabase, freshDatabase } from '../databases.ts';

let fresh: FreshDatabase;
let database: Database;
let sync: SyncStore;
beforeAll(async () => {
  fresh = await freshDatabase();
  database = await openDatabase(fresh.options);
  await migrateToLatest(database.db, database.location);
  sync = createSyncStore(database, createSealer([generateSecretKey('test')]));
});
afterEach(async () => {
  await database.db.deleteFrom('connectors').execute();
});
afterAll(async () => {
  await database.close();
  await fresh[Symbol.asyncDispose]();
});

async function createConnector(): Promise<string> {
  const connectors = createConnectorRepository(database.db, createSealer([generateSecretKey('test')]));
  const { id } = await connectors.create({ name: randomUUID(), ...CONNECTOR, clientSecret: 'secret' });
  return id;
}

const planned = (connectorId: string, key?: string) =>
  sync.plans.create({
    ...{ connectorId, mappingName: 'staff', mappingVersion: 1, requestedBy: 'api-key:hr' },
    request: { mapping: { name: 'staff', version: 1 }, extent: 'ALL', byAdmin: false },
    ...(key === undefined ? {} : { once: { key, hash: 'same' } }),
  });

const addItems = (planId: string, names: readonly string[]) =>
  database.db
    .insertInto('sync_items')
    .values(
      names.map((name, index) => ({
        ...{ plan_id: planId, seq: index + 1, wave: 2, kind: 'USER' as const, situation: 'ABSENT' as const },
        ...{ action: 'CREATE' as const, withheld: index % 2 === 0 ? null : ('NO_SEATS' as const) },
        ...{ reason: null, name, at: `line ${index + 2}`, source_key: `K${index}`, target_id: null },
        changes: JSON.stringify([
          { field: index === 0 ? 'title' : 'displayName', before: null, after: name },
        ]),
        ...{ reviewed: null, link: null, needs: null, candidates: null, sha256: randomBytes(32) },
        ...{ error: index === 2 ? JSON.stringify({ code: 'NO_SEATS' }) : null, drift: null },
      })),
    )
    .execute();

describe('stored plans', () => {
  test('are listed with the newest first, in pages', async () => {
    const connectorId = await createConnector();
    const ids = [];
    for (let number = 0; number < 3; number++) ids.unshift((await planned(connectorId)).plan.id);
    const first = await sync.plans.page(connectorId, {}, 2);
    const rest = await sync.plans.page(connectorId, {}, 2, first.rows.at(-1)?.plan_no);
    expect([...first.rows, ...rest.rows].map(({ id }) => id)).toEqual(ids);
    expect([first.hasNextPage, rest.hasNextPage]).toEqual([true, false]);
  });

  test('are filtered by state, caller, mapping and time', async () => {
    const connectorId = await createConnector();
    await planned(connectorId);
    const count = (filter: Parameters<SyncStore['plans']['count']>[1]) =>
      sync.plans.count(connectorId, filter);
    expect(await count({ states: ['QUEUED', 'READY'], requestedBy: 'api-key:hr', mapping: 'staff' })).toBe(1);
    expect(await count({ from: new Date(0), to: new Date(Date.now() + 60_000) })).toBe(1);
    for (const filter of [{ requestedBy: 'sales' }, { mapping: 'a\0' }, { to: new Date(0) }])
      expect(await count(filter)).toBe(0);
  });

  test('are stored once for one key of a caller', async () => {
    const connectorId = await createConnector();
    const [one, again] = [await planned(connectorId, 'k1'), await planned(connectorId, 'k1')];
    expect(again).toMatchObject({ isNew: false, plan: { id: one.plan.id } });
    expect(await planned(connectorId, 'k2')).toMatchObject({ isNew: true });
  });

  test('are not found by a text that is no id', async () => {
    expect(await sync.plans.get("' or true")).toBeNull();
  });
});

describe('a plan that is being made', () => {
  const take = async (connectorId: string) => {
    const { plan } = await planned(connectorId);
    const taken = await sync.planWork.takeDue('worker 1');
    expect(taken).toMatchObject({ id: plan.id, state: 'READING', tries: 1 });
    return { id: plan.id, epoch: taken?.epoch ?? 0 };
  };

  test('belongs to one worker, and to the next once its lease is over', async () => {
    const { id, epoch } = await take(await createConnector());
    expect(await sync.planWork.takeDue('worker 2')).toBeUndefined();
    expect(await sync.planWork.due()).toMatchObject({ plans: false, leased: true });
    await sync.planWork.voidLeases();
    const next = await sync.planWork.takeDue('worker 2');
    expect(next).toMatchObject({ id, tries: 2 });
    expect(await sync.planWork.renew(id, epoch)).toBe(false);
    expect(await sync.planWork.note(id, epoch, { state: 'COMPARING' })).toBe(false);
    expect(await sync.planWork.note(id, next?.epoch ?? 0, { state: 'COMPARING' })).toBe(true);
  });

  test('fails when its third worker is lost', async () => {
    const { id } = await take(await createConnector());
    for (let lost = 0; lost < 2; lost++) {
      await sync.planWork.voidLeases();
      expect(await sync.planWork.takeDue('worker')).toMatchObject({ id });
    }
    await sync.planWork.voidLeases();
    expect(await sync.planWork.takeDue('worker')).toBeUndefined();
    expect(await sync.plans.get(id)).toMatchObject({ state: 'FAILED', error_code: 'INTERRUPTED' });
  });

  test('is not counted against when its worker gives it back', async () => {
    const { id, epoch } = await take(await createConnector());
    await sync.planWork.giveBack(id, epoch);
    expect(await sync.planWork.takeDue('worker')).toMatchObject({ id, tries: 1 });
  });

  test('is out of the hands of its worker when it is canceled', async () => {
    const { id, epoch } = await take(await createConnector());
    expect(await sync.plans.cancel(id)).toMatchObject({ state: 'CANCELED' });
    expect(await sync.planWork.renew(id, epoch)).toBe(false);
    expect(await sync.planWork.fail(id, epoch, { code: 'X', message: 'Y' })).toBe(false);
    expect(await sync.plans.cancel(id)).toBeUndefined();
  });
});

describe('items of a plan', () => {
  test('are paged and filtered', async () => {
    const { plan } = await planned(await createConnector());
    await addItems(plan.id, ['Ada', 'A_b', 'Bea']);
    const seqs = async (filter: Parameters<SyncStore['items']['page']>[1]) =>
      (await sync.items.page(plan.id, filter, 10)).rows.map(({ seq }) => seq);
    expect(await sync.items.page(plan.id, {}, 2, 1)).toMatchObject({ hasNextPage: false });
    expect(await seqs({ nameStartsWith: 'A' })).toEqual([1, 2]);
    expect(await seqs({ nameStartsWith: 'A_' })).toEqual([2]);
    expect(await seqs({ nameStartsWith: 'A\0' })).toEqual([]);
    expect(await seqs({ withheld: ['NO_SEATS'], actions: ['CREATE'], kinds: ['USER'] })).toEqual([2]);
    expect(await seqs({ field: 'title' })).toEqual([1]);
    expect(await seqs({ errorCode: 'NO_SEATS' })).toEqual([3]);
    expect(await seqs({ sourceKey: 'K1', situations: ['ABSENT'] })).toEqual([2]);
    expect(await seqs({ ofRun: true })).toEqual([1, 3]);
    expect(await seqs({ outcomes: [] })).toEqual([1, 2, 3]);
    expect(await seqs({ settledAfter: 0 })).toEqual([]);
    expect(await sync.items.count(plan.id, { ofRun: true })).toBe(2);
  });

  test('are found by their numbers, and counted', async () => {
    const { plan } = await planned(await createConnector());
    await addItems(plan.id, ['Ada', 'Bob', 'Cem']);
    const found = await sync.items.ofSeqs(plan.id, [3, 1, 99, 2 ** 40]);
    expect(found.map(({ seq }) => seq)).toEqual([1, 3]);
    expect(await sync.items.get(plan.id, 2)).toMatchObject({ name: 'Bob' });
    expect(await sync.items.counts(plan.id)).toMatchObject([
      { action: 'CREATE', withheld: 'NO_SEATS', count: 1 },
      { action: 'CREATE', withheld: null, count: 2 },
    ]);
  });
});

describe('plans whose time is over', () => {
  test('expire, and are deleted later', async () => {
    const { plan } = await planned(await createConnector());
    const past = new Date(Date.now() - 40 * 86_400_000);
    await database.db
      .updateTable('sync_plans')
      .set({ state: 'READY', expires_at: past, requested_at: past })
      .where('id', '=', plan.id)
      .execute();
    expect(await sync.plans.expire()).toEqual([plan.id]);
    expect(await sync.plans.get(plan.id)).toMatchObject({ state: 'EXPIRED' });
    await sync.plans.forgetOld(90);
    expect(await sync.plans.get(plan.id)).toBeNull();
  });
});
