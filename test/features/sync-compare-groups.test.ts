import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareStaged, type Draft, type GivenComparison, outlineWith } from '../sync-compared.ts';
import { openStaged, type StagedWorld } from '../sync-staged.ts';

let world: StagedWorld;
beforeAll(async () => {
  world = await openStaged();
});
afterAll(() => world.close());

const at = (name: string) => `${name}@acme.example`;
const groupsOf = (drafts: readonly Draft[]) => drafts.filter(({ kind }) => kind === 'GROUP');
const exact = outlineWith({
  groups: { mode: 'EXACT', managed: { names: ['Sales', 'Board'] }, create: false },
});
const record = (key: string, ...groups: string[]) => ({ key, emails: [at(key)], groups });
const person = (id: string) => ({ id, emails: [at(id)] });

async function groupItems(given: GivenComparison) {
  const { drafts, bases } = await compareStaged(world, given);
  return { items: groupsOf(drafts), drafts, bases };
}

describe('memberships', () => {
  test('additive groups get who is missing, also users who are created, and lose nobody', async () => {
    const { items } = await groupItems({
      records: [
        record('a', 'sales'),
        { ...record('new', 'sales'), desired: { groups: ['sales'], fields: { displayName: 'New' } } },
      ],
      people: [person('a'), person('z')],
      groups: [{ name: 'Sales', members: ['z'] }],
      outline: outlineWith({ groups: { mode: 'ADDITIVE', managed: { prefix: '' }, create: false } }),
    });
    expect(items).toMatchObject([
      {
        ...{
          action: 'CHANGE_MEMBERS',
          situation: 'FOUND',
          name: 'Sales',
          target_id: 'group-Sales',
          needs: [2],
        },
        changes: [{ field: 'members', before: [], after: ['a', at('new')] }],
        counts_in: {},
      },
    ]);
  });

  test('exact groups lose users with a record and users nobody knows, and nobody else', async () => {
    const { items, bases } = await groupItems({
      records: [
        record('a'),
        { ...record('b'), state: 'INVALID' as const },
        { ...record('c'), qualifies: false },
        { key: 'd', emails: [at('d')] },
      ],
      people: ['a', 'b', 'c', 'd', 'e', 'f'].map(person),
      groups: [{ name: 'Sales', members: ['a', 'b', 'c', 'd', 'e', 'f', 'from-outside'] }],
      links: [
        { key: 'a', id: 'a' },
        { key: 'b', id: 'b' },
        { key: 'c', id: 'c' },
        { key: 'f', id: 'f' },
      ],
      outline: exact,
    });
    expect(items).toMatchObject([
      {
        changes: [{ field: 'members', before: ['a', 'e'], after: [] }],
        reason: '1 members are from outside the organization and stay.',
        counts_in: { REMOVE_MEMBERS: 2 },
      },
    ]);
    expect(bases.worstGroup).toEqual({ name: 'Sales', members: 7, removed: 2 });
  });

  test('nothing is taken if a record has no key, or the members were not read to the end', async () => {
    const given = {
      records: [record('a')],
      people: ['a', 'e'].map(person),
      groups: [{ name: 'Sales', members: ['a', 'e'] }],
      outline: exact,
    };
    const keyless = { key: null, emails: [], state: 'INVALID' as const };
    expect((await groupItems({ ...given, records: [record('a'), keyless] })).items).toEqual([]);
    const cut = [{ name: 'Sales', members: ['a', 'e'], complete: false }];
    expect((await groupItems({ ...given, groups: cut })).items).toEqual([]);
    expect((await groupItems(given)).items[0]?.counts_in).toEqual({ REMOVE_MEMBERS: 2, EMPTY_GROUP: 1 });
  });

  test('protected members stay, and the reason says how many', async () => {
    const { items } = await groupItems({
      records: [record('a'), record('b')],
      people: [{ ...person('a'), observed: { roles: ['admin'] } }, person('b')],
      groups: [{ name: 'Sales', members: ['a', 'b'] }],
      links: [
        { key: 'a', id: 'a' },
        { key: 'b', id: 'b' },
      ],
      outline: exact,
    });
    expect(items).toMatchObject([{ changes: [{ before: ['b'] }], reason: '1 protected members stay.' }]);
  });

  test('a group that is missing is created first, if the mapping may', async () => {
    const { items } = await groupItems({
      records: [{ ...record('a', 'hr-new'), desired: { groups: ['HR-New'] } }],
      people: [person('a')],
      outline: outlineWith({ groups: { mode: 'ADDITIVE', managed: { prefix: 'hr-' }, create: true } }),
    });
    expect(items).toMatchObject([
      { action: 'CREATE_GROUP', name: 'HR-New', wave: 0, draft_no: 2 },
      { action: 'CHANGE_MEMBERS', name: 'HR-New', target_id: null, needs: [2], wave: 5 },
    ]);
  });

  test('groups with one name are ambiguous, and none of their members changes', async () => {
    const { items } = await groupItems({
      records: [record('a', 'sales')],
      people: [person('a'), person('b')],
      groups: [
        { name: 'Sales', members: ['b'] },
        { name: 'SALES', members: [] },
      ],
      outline: exact,
    });
    expect(items).toMatchObject([{ situation: 'AMBIGUOUS', action: 'NONE', changes: [] }]);
  });

  test('a request that chooses users changes memberships of these only', async () => {
    const { items } = await groupItems({
      records: [record('a', 'sales'), record('b', 'sales')],
      people: [person('a'), person('b')],
      groups: [{ name: 'Sales', members: [] }],
      outline: exact,
      input: { narrow: { emails: ['B@acme.example'] } },
    });
    expect(items).toMatchObject([{ withheld: null, changes: [{ after: ['b'] }] }]);
  });
});
