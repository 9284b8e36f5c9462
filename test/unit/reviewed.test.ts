import { describe, expect, it } from 'vitest';
import type { CurrentRecord, Reviewed } from '../../src/provisioning/changes/reviewed.ts';
import { driftBeforeDeletion, driftOf } from '../../src/provisioning/changes/reviewed.ts';
import type { Json } from '../../src/store/audit-events.ts';

const asIs = { canonical: (value: Json) => value };
const record = (fields: Readonly<Record<string, Json>>): CurrentRecord => ({
  ruleOf: () => asIs,
  now: (field) => fields[field],
});
const reviewed = (changes: Reviewed['changes'], values: Reviewed['values'] = {}): Reviewed => ({
  changes,
  values,
});
const title = { field: 'title', before: 'Clerk', after: 'Buyer' };

describe('the drift of a reviewed change', () => {
  it('is empty while the record is as reviewed', () => {
    expect(
      driftOf(reviewed([title], { department: 'A' }), record({ title: 'Clerk', department: 'A' })),
    ).toEqual([]);
  });

  it('names a field of the change that is neither as reviewed nor as wanted', () => {
    expect(driftOf(reviewed([title]), record({ title: 'Head' }))).toEqual([
      { field: 'title', before: 'Clerk', after: 'Head' },
    ]);
  });

  it('is empty for a field of the change that is as wanted already, so that the rest can be made', () => {
    const both = [title, { field: 'firstName', before: 'Al', after: 'Alan' }];
    expect(driftOf(reviewed(both), record({ title: 'Buyer', firstName: 'Al' }))).toEqual([]);
  });

  it('names a reviewed field beside the change that differs now', () => {
    expect(
      driftOf(reviewed([title], { department: 'A' }), record({ title: 'Clerk', department: 'B' })),
    ).toEqual([{ field: 'department', before: 'A', after: 'B' }]);
  });

  it('is empty if all of the change is there already, whatever else differs', () => {
    expect(
      driftOf(reviewed([title], { department: 'A' }), record({ title: 'Buyer', department: 'B' })),
    ).toEqual([]);
  });

  it('ignores fields that nobody reviewed and that were not read', () => {
    expect(driftOf(reviewed([title], { extension: '1' }), record({ title: 'Clerk', avatar: 'x' }))).toEqual(
      [],
    );
  });

  it('ignores ids that others gave or took', () => {
    const licenses = { field: 'licenses', before: ['a'], after: ['b'] };
    expect(driftOf(reviewed([licenses]), record({ licenses: ['a', 'c'] }))).toEqual([]);
    expect(
      driftOf(reviewed([licenses], { department: 'A' }), record({ licenses: ['b', 'c'], department: 'B' })),
    ).toEqual([]);
  });

  it('counts what came to a set before a deletion, and not what went', () => {
    const before = reviewed([], { licenses: ['a', 'b'], loginEnabled: true });
    expect(driftBeforeDeletion(before, record({ licenses: ['a'], loginEnabled: true }))).toEqual([]);
    expect(driftBeforeDeletion(before, record({ licenses: ['a', 'c'], loginEnabled: false }))).toEqual([
      { field: 'licenses', before: ['a', 'b'], after: ['a', 'c'] },
      { field: 'loginEnabled', before: true, after: false },
    ]);
  });
});
