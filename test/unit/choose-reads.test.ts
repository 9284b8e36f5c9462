import { describe, expect, it } from 'vitest';
import { chooseReads } from '../../src/sync/observe/choose-reads.ts';
import { outlineOf } from '../observed-world.ts';

const managing = (managed: { prefix: string } | { names: string[] }) =>
  outlineOf({ groups: { mode: 'EXACT', managed, create: false } });
const protecting = (groups: string[]) =>
  outlineOf({ policy: { protect: { emails: [], groups, roles: [] } } });

describe('the choice of reads', () => {
  it('asks for calling data only if the mapping sets a field of it', () => {
    expect(chooseReads(outlineOf()).calling).toBe(false);
    for (const field of ['phoneNumbers', 'extension', 'location'] as const) {
      expect(chooseReads(outlineOf({ fields: ['title', field] })).calling).toBe(true);
    }
  });

  it('reads no group if neither memberships, nor protection, nor the scope depend on one', () => {
    expect(chooseReads(outlineOf()).groups).toBe('NONE');
    expect(
      chooseReads(outlineOf({ groups: { mode: 'IGNORE', managed: { prefix: 'hr-' }, create: true } })).groups,
    ).toBe('NONE');
  });

  it('asks by the beginning of names for managed groups', () => {
    expect(chooseReads(managing({ prefix: 'HR-' })).groups).toEqual(['hr-']);
    expect(chooseReads(managing({ names: ['Sales', 'Research'] })).groups).toEqual(['research', 'sales']);
  });

  it('asks for the groups of protection and scope as well', () => {
    expect(chooseReads(protecting(['Board'])).groups).toEqual(['board']);
    const scoped = outlineOf({ policy: { scope: { domains: [], groups: ['Pilot'] } } });
    expect(chooseReads(scoped).groups).toEqual(['pilot']);
  });

  it('asks once for names that begin alike', () => {
    expect(chooseReads(managing({ names: ['Sales', 'Sales EMEA', 'sales'] })).groups).toEqual(['sales']);
  });

  it('lists all groups if that takes fewer requests', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    expect(chooseReads(managing({ names })).groups).toBe('ALL');
    expect(chooseReads(managing({ names }), 1_000).groups).toEqual(names);
    expect(chooseReads(managing({ names: ['a', 'b'] }), 40).groups).toBe('ALL');
    expect(chooseReads(managing({ prefix: '' })).groups).toBe('ALL');
  });

  it('needs the members only of groups that decide something', () => {
    const { needsMembers } = chooseReads(
      outlineOf({
        groups: { mode: 'ADDITIVE', managed: { prefix: 'hr-' }, create: false },
        policy: { protect: { emails: [], groups: ['Board'], roles: [] } },
      }),
    );
    expect(['hr-pay', 'board', 'sales', 'boards'].map(needsMembers)).toEqual([true, true, false, false]);
  });
});
