import { describe, expect, test } from 'vitest';
import { isWorse, judge, type LimitFacts } from '../../src/sync/guard/limits.ts';
import { isNarrowedOut } from '../../src/sync/guard/narrow.ts';
import { type ActionFacts, ruleOf, type Seen, withholdingOf } from '../../src/sync/guard/policy.ts';
import { protectionOf, spareProtected } from '../../src/sync/guard/protect.ts';
import { outlineWith } from '../sync-compared.ts';

const { policy } = outlineWith();
const BASES: LimitFacts['bases'] = {
  ...{ people: 1_000, records: 1_000, qualifying: 1_000, links: 1_000, missingLinks: 0 },
  ...{ worstGroup: null, isWhole: true, hasAppliedRun: true },
};
const SEEN: Seen = {
  people: true,
  source: true,
  everyAddress: true,
  observedAt: new Date('2026-01-15T00:00:00Z'),
};

function verdict(name: string, facts: Partial<LimitFacts> = {}, bases: Partial<LimitFacts['bases']> = {}) {
  const verdicts = judge({ policy, counts: {}, ...facts, bases: { ...BASES, ...bases } });
  return verdicts.find(({ limit }) => limit === name);
}

describe('limits', () => {
  test('the lower of count and percentage decides', () => {
    expect(verdict('DELETE', { counts: { DELETE: 10 } })).toMatchObject({ threshold: 10, outcome: 'PASSED' });
    expect(verdict('DELETE', { counts: { DELETE: 11 } })).toMatchObject({ outcome: 'NEEDS_APPROVAL' });
    expect(verdict('DELETE', { counts: { DELETE: 6 } }, { people: 500 })).toMatchObject({
      ...{ value: 6, threshold: 5, outcome: 'NEEDS_APPROVAL' },
    });
  });

  test('in a small organization one deletion passes and two need an approval', () => {
    expect(verdict('DELETE', { counts: { DELETE: 1 } }, { people: 19 })).toMatchObject({ outcome: 'PASSED' });
    expect(verdict('DELETE', { counts: { DELETE: 2 } }, { people: 19 })).toMatchObject({
      ...{ threshold: 1, outcome: 'NEEDS_APPROVAL' },
    });
  });

  test('the percentage of updates counts from twenty users on', () => {
    expect(verdict('UPDATE', { counts: { UPDATE: 19 } }, { people: 19 })?.outcome).toBe('PASSED');
    expect(verdict('UPDATE', { counts: { UPDATE: 11 } }, { people: 20 })?.outcome).toBe('NEEDS_APPROVAL');
  });

  test('creations are limited only after the first applied run', () => {
    const counts = { CREATE: 5_000 };
    expect(verdict('CREATE', { counts }, { hasAppliedRun: false })?.outcome).toBe('PASSED');
    expect(verdict('CREATE', { counts })?.outcome).toBe('NEEDS_APPROVAL');
  });

  test('a source that shrinks is compared with the links that were there, and only if it was read as a whole', () => {
    expect(verdict('SOURCE_SHRUNK', {}, { missingLinks: 201 })?.outcome).toBe('NEEDS_APPROVAL');
    expect(verdict('SOURCE_SHRUNK', {}, { missingLinks: 200 })?.outcome).toBe('PASSED');
    expect(verdict('SOURCE_SHRUNK', {}, { missingLinks: 900, isWhole: false })?.outcome).toBe('PASSED');
  });

  test('an empty source is forbidden, and no approval helps', () => {
    expect(verdict('SOURCE_EMPTY', {}, { records: 0, qualifying: 0 })).toMatchObject({
      outcome: 'FORBIDDEN',
      message: expect.stringContaining('no approval helps'),
    });
    expect(verdict('SOURCE_EMPTY', {}, { qualifying: 0 })?.message).toContain(
      'No record of the source qualifies',
    );
    expect(verdict('SOURCE_EMPTY', {}, { qualifying: 0, isWhole: false })?.outcome).toBe('PASSED');
  });

  test('any change of roles needs an approval', () => {
    expect(verdict('ROLES', { counts: { ROLES: 1 } })?.outcome).toBe('NEEDS_APPROVAL');
  });

  test('the worst group is the one furthest beyond its own limit', () => {
    const small = { name: 'small', members: 2, removed: 1 };
    const large = { name: 'large', members: 100, removed: 30 };
    expect(isWorse(large, small, { policy })).toBe(true);
    expect(isWorse(small, large, { policy })).toBe(false);
    expect(verdict('REMOVE_MEMBERS', {}, { worstGroup: large })).toMatchObject({
      ...{ value: 30, threshold: 25, outcome: 'NEEDS_APPROVAL' },
      message: expect.stringContaining('"large"'),
    });
  });

  test('a verdict says limit, value, where it is set and how to go on', () => {
    expect(verdict('DELETE', { counts: { DELETE: 11 } })?.message).toBe(
      '11 users would be deleted; the limit is 10 (count 10 or 1 % of 1000 users, the default). If the plan is right, an administrator who did not request it can approve it with approveSync. The limit is set in policy.limits.DELETE of the mapping.',
    );
  });

  test('a request lowers a limit and never raises it', () => {
    const lower = { limits: [{ limit: 'DELETE' as const, count: 2 }] };
    expect(verdict('DELETE', { narrow: lower })).toMatchObject({ threshold: 2, setIn: 'request' });
    const higher = { limits: [{ limit: 'DELETE' as const, count: 900, percent: 90 }] };
    expect(verdict('DELETE', { narrow: higher })).toMatchObject({ threshold: 10, setIn: 'default' });
  });
});

function withheld(
  facts: Partial<ActionFacts>,
  seen: Partial<Seen> = {},
  mode: 'FULL' | 'CREATE_ONLY' = 'FULL',
) {
  const all: ActionFacts = { situation: 'SOURCE_MISSING', action: 'DELETE', ...facts };
  return withholdingOf(all, { ...SEEN, ...seen }, { ...policy, mode })?.withheld;
}

describe('the policy', () => {
  test('a record without a readable key withholds removals of users without a record, and nothing else', () => {
    expect(withheld({}, { source: false })).toBe('INCOMPLETE');
    expect(withheld({ situation: 'UNASSIGNED', action: 'DISABLE' }, { source: false })).toBe('INCOMPLETE');
    expect(withheld({ situation: 'UNQUALIFIED' }, { source: false })).toBeUndefined();
    expect(withheld({ situation: 'ABSENT', action: 'CREATE' }, { source: false })).toBeUndefined();
  });

  test('an incomplete list of people withholds removals and creations, and lets updates of seen users go', () => {
    const seen = { people: false };
    expect(withheld({}, seen)).toBe('INCOMPLETE');
    expect(withheld({ situation: 'ABSENT', action: 'CREATE' }, seen)).toBe('INCOMPLETE');
    expect(withheld({ situation: 'MISSING', action: 'CREATE' }, seen)).toBe('INCOMPLETE');
    expect(withheld({ situation: 'CONFIRMED', action: 'RENAME' }, seen)).toBeUndefined();
    expect(withheld({ situation: 'FOUND', action: 'UPDATE' }, seen)).toBeUndefined();
  });

  test('a removal waits until its days are over', () => {
    expect(withheld({ afterDays: 14 })).toBe('IN_GRACE');
    const since = (day: string) => new Date(`2026-01-${day}T00:00:00Z`);
    expect(withheld({ afterDays: 14, missingSince: since('02') })).toBe('IN_GRACE');
    expect(withheld({ afterDays: 14, missingSince: since('01') })).toBeUndefined();
  });

  test('what a second look contradicts is withheld', () => {
    expect(withheld({ contradiction: 'seen' })).toBe('SECOND_LOOK');
    expect(withheld({ situation: 'CONFIRMED', action: 'UPDATE', contradiction: 'seen' })).toBeUndefined();
  });

  test('a policy that only creates withholds all other changes', () => {
    expect(withheld({ situation: 'CONFIRMED', action: 'UPDATE' }, {}, 'CREATE_ONLY')).toBe('CREATE_ONLY');
    expect(withheld({ situation: 'ABSENT', action: 'CREATE' }, {}, 'CREATE_ONLY')).toBeUndefined();
    expect(withheld({ situation: 'FOUND', action: 'LINK' }, {}, 'CREATE_ONLY')).toBeUndefined();
  });

  test('removing actions of records that do not qualify need a link', () => {
    const removing = {
      ...policy,
      situations: { ...policy.situations, UNQUALIFIED: { action: 'DELETE' as const } },
    };
    expect(ruleOf('UNQUALIFIED', removing, true).action).toBe('DELETE');
    expect(ruleOf('UNQUALIFIED', removing, false).action).toBe('REPORT');
  });
});

describe('protection', () => {
  const rules = {
    ...{ connectingPersonId: 'me', fullAdministratorRoleIds: new Set(['full']), fullAdministrators: 1 },
    ...{ emails: new Set(['ceo@acme.example']), roles: new Set<string>() },
  };
  const user = { webexId: 'x', emails: ['x@acme.example'], roles: [] };

  test('covers administrators, the connecting account and the lists of the policy', () => {
    expect(protectionOf(user, rules)).toBeUndefined();
    expect(protectionOf({ ...user, webexId: 'me' }, rules)).toContain('connects the gateway');
    expect(protectionOf({ ...user, roles: ['full'] }, rules)).toContain('last full administrator');
    expect(protectionOf({ ...user, roles: ['reader'] }, rules)).toContain('administrator');
    expect(protectionOf({ ...user, emails: ['ceo@acme.example'] }, rules)).toContain('policy.protect.emails');
    expect(protectionOf({ ...user, protectedGroup: 'Board' }, rules)).toContain('"Board"');
  });

  test('leaves the harmless part of a change', () => {
    const title = { field: 'title', before: 'a', after: 'b' };
    const rename = { field: 'emails', before: ['a@x'], after: ['b@x'] };
    const licenses = {
      field: 'licenses',
      before: ['L1'],
      after: ['L2'],
      beforeText: 'one',
      afterText: 'two',
    };
    const login = { field: 'loginEnabled', before: true, after: false };
    expect(spareProtected([title, rename, licenses, login])).toEqual({
      changes: [title, { field: 'licenses', before: [], after: ['L2'], afterText: 'two' }],
      isReduced: true,
    });
    expect(spareProtected([title]).isReduced).toBe(false);
  });
});

describe('a request that narrows a plan', () => {
  const item = { action: 'UPDATE' as const, key: '1', emails: ['a@acme.example', 'b@other.example'] };

  test('chooses by any address, by key, by the domain of the first address, and by action', () => {
    expect(isNarrowedOut(item, undefined)).toBe(false);
    expect(isNarrowedOut(item, { emails: ['b@other.example'] })).toBe(false);
    expect(isNarrowedOut(item, { emails: ['c@acme.example'] })).toBe(true);
    expect(isNarrowedOut(item, { keys: ['2'] })).toBe(true);
    expect(isNarrowedOut(item, { domains: ['other.example'] })).toBe(true);
    expect(isNarrowedOut(item, { actions: ['CREATE'] })).toBe(true);
  });

  test('chooses groups by name, which says nothing of users', () => {
    expect(isNarrowedOut(item, { groups: ['sales'] })).toBe(false);
    const group = { action: 'CHANGE_MEMBERS' as const, emails: [], group: 'board' };
    expect(isNarrowedOut(group, { groups: ['sales'] })).toBe(true);
    expect(isNarrowedOut(group, { emails: ['a@acme.example'] })).toBe(false);
  });
});
