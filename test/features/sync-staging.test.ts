import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { migrateToLatest } from '../../src/store/migrate.ts';
import {
  createStagingRepository,
  StagingLost,
  type StagingRepository,
  type StagingRow,
} from '../../src/store/sync/staging.ts';
import { type FreshDatabase, freshDatabase } from '../databases.ts';

let fresh: FreshDatabase;
let database: Database;
let repository: StagingRepository;
beforeAll(async () => {
  fresh = await freshDatabase();
  database = await openDatabase(fresh.options);
  await migrateToLatest(database.db, database.location);
  repository = createStagingRepository(database.db, database.kind);
});
afterAll(async () => {
  await database.close();
  await fresh[Symbol.asyncDispose]();
});

const person = (number: number, changes: Partial<StagingRow<'sync_target_rows'>> = {}) => ({
  webex_id: `person-${number}`,
  email: `p${number}@acme.example`,
  others: ['other@acme.example'],
  name: `Person ${number}`,
  type: 'person',
  observed: { fields: { title: null } },
  ...changes,
});

describe('the staging tables of a plan', () => {
  test('take rows in batches and count them', async () => {
    const staging = await repository.open(1, 1);
    const people = Array.from({ length: 1_234 }, (_, number) => person(number));
    expect(await staging.insert('sync_target_rows', people)).toBe(1_234);
    await staging.insert('sync_held_members', [{ group_id: 'g', webex_id: 'person-1' }]);
    await staging.analyze();
    expect(await staging.counts()).toMatchObject({
      sync_target_rows: 1_234,
      sync_held_members: 1,
      sync_drafts: 0,
    });
    await staging.drop();
  });

  test('hold every kind of column, null included', async () => {
    const staging = await repository.open(2, 1);
    await staging.insert('sync_source_rows', [
      {
        ...{
          row_no: 1,
          at: 'line 2',
          key: null,
          previous_key: null,
          emails: ['a@acme.example'],
          alternates: [],
        },
        ...{ former: [], qualifies: true, state: 'INVALID', desired: null },
        problems: [{ field: 'title', code: 'TOO_LONG', message: 'Too long.' }],
      },
    ]);
    await staging.insert('sync_drafts', [
      {
        ...{
          draft_no: 1,
          wave: 2,
          kind: 'USER',
          situation: 'FOUND',
          action: 'LINK',
          withheld: null,
          reason: null,
        },
        ...{ name: 'a', at: null, source_key: 'k', target_id: 't', changes: [], reviewed: { title: 'x' } },
        ...{ link: { emails: ['a'] }, candidates: null, needs: [3, 4], counts_in: { UPDATE: 1 } },
        ...{ row_no: 1, manager_row: null, takes: ['a@acme.example'] },
      },
    ]);
    expect(await rowsOf('sync_source_rows', 2)).toMatchObject([
      { plan_no: 2, key: null, emails: ['a@acme.example'], desired: null, problems: [{ code: 'TOO_LONG' }] },
    ]);
    expect(await rowsOf('sync_drafts', 2)).toMatchObject([
      { needs: [3, 4], counts_in: { UPDATE: 1 }, candidates: null, reviewed: { title: 'x' } },
    ]);
    await staging.drop();
  });

  test('hold texts with characters that PostgreSQL refuses, without these', async () => {
    const staging = await repository.open(3, 1);
    await staging.insert('sync_target_rows', [person(1, { name: 'a\0b\ud800c', observed: { title: '\0' } })]);
    expect(await rowsOf('sync_target_rows', 3)).toMatchObject([
      { name: 'a\ufffdb\ufffdc', observed: { title: '\ufffd' } },
    ]);
    await staging.drop();
  });

  test('leave a row that is there already as it is', async () => {
    const staging = await repository.open(4, 1);
    expect(await staging.insert('sync_target_rows', [person(1), person(1), person(2)])).toBe(2);
    expect(await staging.insert('sync_target_rows', [person(2, { name: 'Other' }), person(3)])).toBe(1);
    expect(await rowsOf('sync_target_rows', 4)).toContainEqual(expect.objectContaining({ name: 'Person 2' }));
    await staging.drop();
  });

  test('of an earlier attempt are gone, and its worker can add nothing to the new ones', async () => {
    const first = await repository.open(5, 1);
    await first.insert('sync_target_rows', [person(1)]);
    const second = await repository.open(5, 2);
    await expect(first.insert('sync_target_rows', [person(2)])).rejects.toThrow(StagingLost);
    await expect(first.counts()).rejects.toThrow(StagingLost);
    await first.drop();
    expect(await second.insert('sync_target_rows', [person(3)])).toBe(1);
    expect(await rowsOf('sync_target_rows', 5)).toHaveLength(1);
    await second.drop();
  });

  test('of plans that are not being made are dropped at a start', async () => {
    const abandoned = await repository.open(6, 1);
    await repository.dropAbandoned();
    await expect(abandoned.insert('sync_target_rows', [person(1)])).rejects.toThrow(StagingLost);
    await abandoned.drop();
  });

  test('have names of numbers only', async () => {
    await expect(repository.open(Number('1; drop table connectors'), 1)).rejects.toThrow(TypeError);
    await expect(repository.open(1.5, 1)).rejects.toThrow(TypeError);
  });
});

async function rowsOf(table: 'sync_source_rows' | 'sync_target_rows' | 'sync_drafts', planNo: number) {
  return database.db.selectFrom(table).selectAll().where('plan_no', '=', planNo).execute();
}
