import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CorrelationRules, correlate } from '../../src/store/sync/matches.ts';
import { openStaged, type StagedWorld } from '../sync-staged.ts';

let world: StagedWorld;
beforeAll(async () => {
  world = await openStaged();
});
afterAll(() => world.close());

const RULES: CorrelationRules = {
  steps: ['LINK', 'EMAIL', 'ALTERNATE_EMAIL', 'PREVIOUS_EMAIL'],
  domains: [],
  groups: [],
  groupsMustExist: true,
  isWhole: true,
};

type Given = Parameters<StagedWorld['stage']>[0];

async function situationsOf(given: Given, rules: Partial<CorrelationRules> = {}) {
  const { plan, staging } = await world.stage(given);
  await correlate(world.database.db, plan, { ...RULES, ...rules }, () => staging.analyze());
  const rows = await world.database.db
    .selectFrom('sync_matches')
    .select(['row_no', 'webex_id', 'situation', 'how', 'reason'])
    .where('plan_no', '=', plan.planNo)
    .orderBy('row_no')
    .orderBy('webex_id')
    .execute();
  await staging.drop();
  return rows.map(({ row_no, webex_id, situation, how }) =>
    [row_no ?? '-', situation, webex_id ?? '-', how ?? '-'].join(' '),
  );
}

describe('correlation of records with users', () => {
  test('a linked record is its user, whatever its address is now', async () => {
    const found = await situationsOf({
      records: [{ key: '1', emails: ['new@acme.example'] }],
      people: [{ id: 'A', emails: ['old@acme.example'] }],
      links: [{ key: '1', id: 'A' }],
    });
    expect(found).toEqual(['1 CONFIRMED A LINK']);
  });

  test('a record without a link is found by its address, another address, or a former one', async () => {
    const found = await situationsOf({
      records: [
        { key: '1', emails: ['a@acme.example'] },
        { key: '2', emails: ['b@acme.example'] },
        { key: '3', emails: ['c@acme.example'], former: ['c-old@acme.example'] },
        { key: '4', emails: ['d@acme.example'] },
      ],
      people: [
        { id: 'A', emails: ['a@acme.example'] },
        { id: 'B', emails: ['x@acme.example', 'b@acme.example'] },
        { id: 'C', emails: ['c-old@acme.example'] },
      ],
    });
    expect(found).toEqual([
      '1 FOUND A EMAIL',
      '2 FOUND B ALTERNATE_EMAIL',
      '3 FOUND C PREVIOUS_EMAIL',
      '4 ABSENT - -',
    ]);
  });

  test('several users in one step are ambiguous, and later steps are not asked', async () => {
    const found = await situationsOf({
      records: [{ key: '1', emails: ['a@acme.example'], alternates: ['b@acme.example', 'c@acme.example'] }],
      people: [
        { id: 'B', emails: ['b@acme.example'] },
        { id: 'C', emails: ['c@acme.example'] },
      ],
    });
    expect(found).toEqual(['1 AMBIGUOUS - -']);
  });

  test('records with one key or one address stand for nobody, and nobody is missing for it', async () => {
    const found = await situationsOf({
      records: [
        { key: '1', emails: ['a@acme.example'] },
        { key: '1', emails: ['b@acme.example'] },
        { key: '2', emails: ['c@acme.example'] },
        { key: '3', emails: ['c@acme.example'] },
        { key: '4', emails: [], state: 'INVALID' },
      ],
      people: [
        { id: 'A', emails: ['a@acme.example'] },
        { id: 'D', emails: ['d@acme.example'] },
      ],
      links: [
        { key: '1', id: 'A' },
        { key: '4', id: 'D' },
      ],
    });
    expect(found).toEqual([
      '1 DUPLICATE_SOURCE - -',
      '2 DUPLICATE_SOURCE - -',
      '3 DUPLICATE_SOURCE - -',
      '4 DUPLICATE_SOURCE - -',
      '5 INVALID - -',
    ]);
  });

  test('two records that are found to be the same user contradict each other', async () => {
    const found = await situationsOf({
      records: [
        { key: '1', emails: ['a@acme.example'] },
        { key: '2', emails: ['z@acme.example'], former: ['a@acme.example'] },
      ],
      people: [{ id: 'A', emails: ['a@acme.example'] }],
    });
    expect(found).toEqual(['1 DUPLICATE_SOURCE - -', '2 DUPLICATE_SOURCE - -']);
  });

  test('a new key without the former one is reported and removes nobody', async () => {
    const { plan, staging } = await world.stage({
      records: [{ key: '00017', emails: ['a@acme.example'] }],
      people: [{ id: 'A', emails: ['a@acme.example'] }],
      links: [{ key: '17', id: 'A' }],
    });
    await correlate(world.database.db, plan, RULES, () => staging.analyze());
    const rows = await world.database.db
      .selectFrom('sync_matches')
      .select(['situation', 'reason'])
      .where('plan_no', '=', plan.planNo)
      .orderBy('row_no')
      .execute();
    expect(rows).toEqual([
      { situation: 'FOUND_ALREADY_LINKED', reason: null },
      { situation: 'SOURCE_MISSING', reason: 'CARRIED' },
    ]);
    await staging.drop();
  });

  test('a new key that names the former one moves the link', async () => {
    const found = await situationsOf({
      records: [{ key: '18', previousKey: '17', emails: ['new@acme.example'] }],
      people: [{ id: 'A', emails: ['a@acme.example'] }],
      links: [{ key: '17', id: 'A' }],
    });
    expect(found).toEqual(['1 FOUND A LINK']);
  });

  test('a former key that the source still has moves nothing', async () => {
    const found = await situationsOf({
      records: [
        { key: '18', previousKey: '17', emails: ['new@acme.example'] },
        { key: '17', emails: ['a@acme.example'] },
      ],
      people: [{ id: 'A', emails: ['a@acme.example'] }],
      links: [{ key: '17', id: 'A' }],
    });
    expect(found).toEqual(['1 ABSENT - -', '2 CONFIRMED A LINK']);
  });

  test('users whom another mapping has linked are neither found nor unassigned', async () => {
    const found = await situationsOf({
      records: [{ key: '1', emails: ['a@acme.example'] }],
      people: [
        { id: 'A', emails: ['a@acme.example'] },
        { id: 'B', emails: ['b@acme.example'] },
        { id: 'C', emails: ['c@acme.example'] },
      ],
      links: [
        { key: '1', id: 'A', mapping: 'contractors' },
        { key: '2', id: 'B', mapping: 'contractors' },
      ],
    });
    expect(found).toEqual(['1 FOUND_ALREADY_LINKED A EMAIL', '- UNASSIGNED C -']);
  });

  test('a record that does not qualify is ignored, or stands for a user that may have to go', async () => {
    const found = await situationsOf({
      records: [
        { key: '1', emails: ['a@acme.example'], qualifies: false },
        { key: '2', emails: ['b@acme.example'], qualifies: false },
        { key: '3', emails: ['c@acme.example'], qualifies: false },
      ],
      people: [
        { id: 'A', emails: ['a@acme.example'] },
        { id: 'B', emails: ['b@acme.example'] },
      ],
      links: [{ key: '1', id: 'A' }],
    });
    expect(found).toEqual(['1 UNQUALIFIED A LINK', '2 UNQUALIFIED B EMAIL', '3 SOURCE_IGNORED - -']);
  });

  test('a linked user who is gone is missing, and a link without a record is seen only in a whole source', async () => {
    const given = {
      records: [{ key: '1', emails: ['a@acme.example'] }],
      people: [{ id: 'B', emails: ['b@acme.example'] }],
      links: [
        { key: '1', id: 'A' },
        { key: '2', id: 'B' },
      ],
    };
    expect(await situationsOf(given)).toEqual(['1 MISSING A LINK', '- SOURCE_MISSING B LINK']);
    expect(await situationsOf(given, { isWhole: false })).toEqual(['1 MISSING A LINK']);
  });

  test('a record that comes as deleted makes its linked user leave, also in changes', async () => {
    const given = {
      records: [
        { key: '1', emails: [], state: 'DELETED' as const },
        { key: '2', emails: [], state: 'UNCHANGED' as const },
      ],
      people: [
        { id: 'A', emails: ['a@acme.example'] },
        { id: 'B', emails: ['b@acme.example'] },
      ],
      links: [
        { key: '1', id: 'A' },
        { key: '2', id: 'B' },
      ],
    };
    expect(await situationsOf(given, { isWhole: false })).toEqual([
      '1 SOURCE_MISSING A LINK',
      '2 CONFIRMED B LINK',
    ]);
  });

  test('bots and users out of scope are ignored, and nobody is created out of scope', async () => {
    const found = await situationsOf(
      {
        records: [
          { key: '1', emails: ['bot@acme.example'] },
          { key: '2', emails: ['b@other.example'] },
          { key: '3', emails: ['c@other.example'] },
        ],
        people: [
          { id: 'A', emails: ['bot@acme.example'], type: 'bot' },
          { id: 'B', emails: ['b@other.example'] },
          { id: 'D', emails: ['d@other.example'] },
        ],
        links: [{ key: '9', id: 'D' }],
      },
      { domains: ['acme.example'] },
    );
    expect(found).toEqual([
      '1 TARGET_IGNORED A EMAIL',
      '2 TARGET_IGNORED B EMAIL',
      '3 TARGET_IGNORED - -',
      '- TARGET_IGNORED D LINK',
    ]);
  });

  test('a record that names an unknown group is invalid', async () => {
    const given = { records: [{ key: '1', emails: ['a@acme.example'], groups: ['board'] }], people: [] };
    expect(await situationsOf(given)).toEqual(['1 INVALID - -']);
    expect(await situationsOf(given, { groupsMustExist: false })).toEqual(['1 ABSENT - -']);
  });
});
