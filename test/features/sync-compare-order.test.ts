import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareStaged, type Draft, licenseOf, outlineWith } from '../sync-compared.ts';
import { openStaged, type StagedWorld } from '../sync-staged.ts';

let world: StagedWorld;
beforeAll(async () => {
  world = await openStaged();
});
afterAll(() => world.close());

const at = (name: string) => `${name}@acme.example`;

/** Action, wave and why, by the name of the item. */
function shown(drafts: readonly Draft[]) {
  return drafts.map(
    ({ name, action, wave, withheld }) => `${name.split('@')[0]} ${action} ${withheld ?? wave}`,
  );
}

const renamed = (names: readonly (readonly [string, string])[]) => ({
  records: names.map(([id, to]) => ({ key: id, emails: [at(to)] })),
  people: names.map(([id]) => ({ id, emails: [at(id)] })),
  links: names.map(([id]) => ({ key: id, id })),
});

describe('the order of a plan', () => {
  test('a chain of addresses is renamed from its end, one wave a link, and nobody is deleted', async () => {
    const { drafts } = await compareStaged(
      world,
      renamed([
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'd'],
        ['d', 'e'],
        ['e', 'f'],
      ]),
    );
    expect(shown(drafts)).toEqual(['a RENAME 5', 'b RENAME 4', 'c RENAME 3', 'd RENAME 2', 'e RENAME 1']);
    expect(drafts.map(({ needs }) => needs)).toEqual([[2], [3], [4], [5], null]);
  });

  test('two users who exchange their addresses are withheld, and so is who waits for one of them', async () => {
    const { drafts } = await compareStaged(
      world,
      renamed([
        ['a', 'b'],
        ['b', 'a'],
        ['x', 'y'],
      ]),
    );
    expect(shown(drafts)).toEqual(['a RENAME ADDRESS_SWAP', 'b RENAME ADDRESS_SWAP', 'x RENAME 2']);
  });

  test('a hundred users with new addresses are renamed, and nobody is deleted or created', async () => {
    const names = Array.from({ length: 100 }, (_, index) => [`u${index}`, `n${index}`] as const);
    const { drafts } = await compareStaged(world, renamed(names));
    expect(new Set(drafts.map(({ action, withheld }) => `${action} ${withheld}`))).toEqual(
      new Set(['RENAME null']),
    );
    expect(drafts).toHaveLength(100);
  });

  test('an address that another user has is taken, even if that user has no record', async () => {
    const { drafts } = await compareStaged(world, {
      records: [
        { key: '1', emails: [at('kept')] },
        { key: '2', emails: [at('gone')] },
      ],
      people: [
        { id: 'A', emails: [at('a')] },
        { id: 'B', emails: [at('b')] },
        { id: 'K', emails: [at('kept')] },
        { id: 'G', emails: [at('other'), at('gone')] },
      ],
      links: [
        { key: '1', id: 'A' },
        { key: '2', id: 'B' },
      ],
      outline: outlineWith({
        policy: {
          situations: { ...outlineWith().policy.situations, UNASSIGNED: { action: 'DELETE' } },
        },
      }),
    });
    expect(shown(drafts)).toEqual(['a RENAME NAME_TAKEN', 'b RENAME NAME_TAKEN']);
  });

  test('managers are created before their reports, and circles are closed at the end', async () => {
    const person = (key: string, manager: string) => ({
      key,
      emails: [at(key)],
      desired: { fields: { displayName: key }, manager: { by: 'EMAIL' as const, value: at(manager) } },
    });
    const { drafts } = await compareStaged(world, {
      records: [
        person('report', 'lead'),
        person('lead', 'boss'),
        person('boss', 'boss'),
        person('lost', 'nobody'),
      ],
      people: [],
      outline: outlineWith({ fields: ['displayName'], hasManager: true }),
    });
    expect(shown(drafts)).toEqual([
      'report CREATE 4',
      'lead CREATE 3',
      'boss CREATE 2',
      'lost CREATE 2',
      'boss SET_MANAGER 6',
    ]);
    expect(drafts.map(({ needs }) => needs)).toEqual([[2], [3], null, null, [3]]);
    expect(drafts[0]?.changes.at(-1)).toEqual({ field: 'managerId', before: null, after: at('lead') });
    expect(drafts[3]?.reason).toContain('manager is unknown');
  });

  test('seats go to creations in the order of the source, an update only loses the license', async () => {
    const wants = (key: string) => ({
      key,
      emails: [at(key)],
      desired: { fields: { displayName: key, title: 'x' }, licenses: ['L'] },
    });
    const { drafts, seats } = await compareStaged(world, {
      records: [wants('old'), wants('one'), wants('two')],
      people: [{ id: 'O', emails: [at('old')] }],
      links: [{ key: 'old', id: 'O' }],
      outline: outlineWith({
        fields: ['displayName', 'title'],
        licenses: { mode: 'ADDITIVE', managed: [{ id: 'L' }] },
      }),
      managed: { licenses: ['L'] },
      observation: { licenses: [licenseOf('L', 10, 9)] },
    });
    expect(shown(drafts)).toEqual(['old UPDATE 3', 'one CREATE 2', 'two CREATE NO_SEATS']);
    expect(drafts[0]?.changes.map(({ field }) => field)).toEqual(['title', 'displayName']);
    expect(seats).toEqual([
      {
        ...{ licenseId: 'L', licenseName: 'License L', total: 10, consumed: 9 },
        ...{ freed: 0, taken: 1, after: 0, lacking: 2 },
      },
    ]);
  });

  test('an update waits for creations, and shutting comes before both', async () => {
    const { situations } = outlineWith().policy;
    const { drafts } = await compareStaged(world, {
      records: [
        { key: '1', emails: [at('new')], desired: { fields: { displayName: 'New' } } },
        { key: '2', emails: [at('b')], desired: { fields: { displayName: 'B' } } },
      ],
      people: [
        { id: 'B', emails: [at('b')] },
        { id: 'C', emails: [at('c')] },
      ],
      links: [{ key: '3', id: 'C' }],
      outline: outlineWith({
        fields: ['displayName'],
        policy: { situations: { ...situations, SOURCE_MISSING: { action: 'DELETE' } } },
      }),
    });
    expect(shown(drafts)).toEqual(['new CREATE 2', 'b UPDATE 3', 'c DELETE 1']);
  });
});
