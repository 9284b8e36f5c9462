import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Policy } from '../../src/sync/words.ts';
import { compareStaged, type Draft, licenseOf, outlineWith } from '../sync-compared.ts';
import { openStaged, type StagedWorld } from '../sync-staged.ts';

/** Repeats a run. */
const SEED = Number(process.env.SOAK_SEED ?? randomInt(2 ** 31));
/** Number of random plans. */
const CASES = Number(process.env.SOAK_PLANS ?? 25);

let world: StagedWorld;
beforeAll(async () => {
  world = await openStaged();
});
afterAll(() => world.close());

const at = (name: string) => `${name}@acme.example`;
const PROTECTED = ['admin', 'ceo', 'connecting', 'board'] as const;
const REMOVALS = ['DISABLE', 'REMOVE_LICENSES', 'DISABLE_AND_REMOVE_LICENSES', 'DELETE'] as const;

/** A generator of numbers that a seed repeats (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function randomPolicy(pick: <T>(list: readonly T[]) => T): Policy {
  const { policy } = outlineWith();
  return {
    ...policy,
    situations: {
      ...policy.situations,
      UNQUALIFIED: { action: pick(REMOVALS) },
      SOURCE_MISSING: { action: pick(REMOVALS) },
      UNASSIGNED: { action: pick(REMOVALS) },
    },
    protect: { emails: [at('ceo')], groups: ['Board'], roles: [] },
  };
}

/** An organization in which a random source says random things of protected users and of others. */
function randomPlan(random: () => number) {
  const pick = <T>(list: readonly T[]): T => {
    const chosen = list[Math.floor(random() * list.length)];
    if (chosen === undefined) throw new Error('Nothing to pick from');
    return chosen;
  };
  const names = [...PROTECTED, 'a', 'b', 'c', 'd'];
  const linked = names.filter(() => random() < 0.6);
  const named = names.filter(() => random() < 0.6);
  return {
    records: named.map((name) => ({
      ...{ key: name, emails: [at(random() < 0.5 ? name : `new-${name}`)], qualifies: random() < 0.7 },
      ...(random() < 0.5 ? { groups: random() < 0.5 ? ['board'] : [] } : {}),
      desired: { fields: { title: 'New', loginEnabled: random() < 0.5 }, licenses: [] },
    })),
    people: names.map((id) => ({
      ...{ id, emails: [at(id)] },
      observed: {
        fields: { title: 'Old', loginEnabled: true },
        licenses: ['L'],
        roles: id === 'admin' ? ['full'] : [],
      },
    })),
    groups: [{ name: 'Board', members: ['board', 'a'] }],
    links: linked.map((name) => ({ key: name, id: name })),
    outline: outlineWith({
      fields: ['title', 'loginEnabled'],
      licenses: { mode: 'EXACT', managed: [{ id: 'L' }] },
      groups: { mode: 'EXACT', managed: { names: ['Board'] }, create: false },
      policy: randomPolicy(pick),
    }),
    managed: { licenses: ['L'] },
    observation: {
      licenses: [licenseOf('L', 100, 8)],
      ...{
        connectingPersonId: 'connecting',
        fullAdministratorRoleIds: ['full'],
        administratorRoleIds: ['full'],
      },
    },
  };
}

/** What would be taken from a protected user. */
function harm({ action, withheld, target_id, kind, changes }: Draft): string[] {
  if (withheld !== null || action === 'NONE' || action === 'REPORT') return [];
  const protectedIds: readonly string[] = PROTECTED;
  if (kind === 'GROUP')
    return changes.flatMap(({ before }) =>
      Array.isArray(before) ? before.filter((id) => protectedIds.includes(String(id))).map(String) : [],
    );
  if (target_id === null || !protectedIds.includes(target_id)) return [];
  const isHarm = changes.some(
    ({ field, before, after }) =>
      field === 'emails' ||
      (field === 'loginEnabled' && after === false) ||
      (field === 'licenses' && Array.isArray(before) && before.length > 0),
  );
  return isHarm || action === 'DELETE' ? [`${target_id} ${action}`] : [];
}

describe('random plans', () => {
  test(`never touch the last full administrator, the connecting account or a protected list (seed ${SEED})`, async () => {
    const random = randomOf(SEED);
    const found: string[] = [];
    let removals = 0;
    for (let round = 0; round < CASES; round += 1) {
      const { drafts } = await compareStaged(world, randomPlan(random));
      found.push(...drafts.flatMap(harm));
      removals += drafts.filter(({ action, withheld }) => action === 'DELETE' && withheld === null).length;
    }
    expect(found).toEqual([]);
    // The plans are not harmless by themselves.
    expect(removals).toBeGreaterThan(0);
  });
});

describe('a protected user', () => {
  test('gets new values of harmless fields and keeps address and login', async () => {
    const { drafts } = await compareStaged(world, {
      records: [
        {
          ...{ key: '1', emails: [at('new')] },
          desired: { fields: { title: 'New', loginEnabled: false } },
        },
      ],
      people: [{ id: 'A', emails: [at('a')], observed: { roles: ['reader'], fields: { title: 'Old' } } }],
      links: [{ key: '1', id: 'A' }],
      outline: outlineWith({ fields: ['title', 'loginEnabled'] }),
    });
    expect(drafts).toMatchObject([
      { action: 'UPDATE', withheld: null, changes: [{ field: 'title', before: 'Old', after: 'New' }] },
    ]);
    expect(drafts[0]?.reason).toContain('administrator');
  });
});
