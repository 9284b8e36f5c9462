import { describe, expect, it } from 'vitest';
import type { FieldChange, Json } from '../../src/provisioning/changes/outcome.ts';
import { findUndone, isToBeSeen, type RecordState } from '../../src/provisioning/records/state.ts';

/** A record that holds these values and compares them as they are, lists in any order. */
function stateOf(values: Readonly<Record<string, Json>>): RecordState {
  const key = (value: Json) => JSON.stringify(Array.isArray(value) ? [...new Set(value)].sort() : value);
  const value = (field: string) => values[field] ?? null;
  const isAs = (field: string, other: Json) => key(value(field)) === key(other);
  return { value, isAs, shows: ({ field, after }) => isAs(field, after) };
}

const written = (operation: string, changes: Readonly<Record<string, readonly [Json, Json]>>) => ({
  operation,
  changes: Object.entries(changes).map(([field, [before, after]]): FieldChange => ({ field, before, after })),
});

const late = written('updateUser', { title: ['Old', 'Late'] });
const next = written('updateUser', { department: ['Sales', 'Art'] });
const licensed = written('updateUserLicenses', { licenses: [['basic'], ['basic', 'meetings']] });
const deletion = written('deleteUser', { title: ['Old', null] });

describe('a write', () => {
  it.each([
    ['not seen while its field is as before', late, stateOf({ title: 'Old' }), false],
    ['seen once its field is as it was written', late, stateOf({ title: 'Late' }), true],
    [
      'seen by the entries that it adds, whatever else is in the list',
      licensed,
      stateOf({ licenses: ['x', 'meetings'] }),
      true,
    ],
    ['not seen while an entry that it adds is missing', licensed, stateOf({ licenses: ['basic'] }), false],
    ['not seen, if it deletes, while the record is there', deletion, stateOf({ title: null }), false],
    ['seen, if it deletes, once the record is gone', deletion, null, true],
    ['not seen, if it changes, where the record is gone', late, null, false],
  ])('is %s', (_title, write, state, seen) => {
    expect(isToBeSeen(write, state)).toBe(seen);
  });
});

describe('an acknowledged change', () => {
  it.each([
    ['kept while it is as acknowledged', [next], stateOf({ title: 'Late', department: 'Art' }), []],
    [
      'undone once its field is as before',
      [next],
      stateOf({ title: 'Late', department: 'Sales' }),
      [{ field: 'department', before: 'Art', after: 'Sales' }],
    ],
    ['left alone if another change has set another value since', [next], stateOf({ department: 'Law' }), []],
    [
      'undone where its field holds what the late write holds',
      [written('updateUser', { title: ['Old', 'Mine'] })],
      stateOf({ title: 'Late' }),
      [{ field: 'title', before: 'Mine', after: 'Late' }],
    ],
    [
      'undone for an entry that it added and that is missing',
      [licensed],
      stateOf({ licenses: ['basic'] }),
      [{ field: 'licenses', before: ['meetings'], after: [] }],
    ],
    [
      'undone for an entry that it removed and that is back',
      [written('updateUserRoles', { roles: [['a', 'b'], ['a']] })],
      stateOf({ roles: ['a', 'b'] }),
      [{ field: 'roles', before: [], after: ['b'] }],
    ],
    [
      'not undone by a later change of the same field',
      [next, written('updateUser', { department: ['Art', 'Sales'] })],
      stateOf({ department: 'Sales' }),
      [],
    ],
    [
      'reported once: what was reported counts as how it stands',
      [next, written('updateUser', { department: ['Art', 'Sales'] })],
      stateOf({ department: 'Sales' }),
      [],
    ],
    ['not undone if another change has deleted the record', [next], null, []],
  ])('is %s', (_title, acknowledged, state, changes) => {
    expect(findUndone(acknowledged, [late], state).flatMap((each) => each.changes)).toEqual(changes);
  });

  it('is undone by a late deletion, and a deletion is not', () => {
    expect(findUndone([next], [deletion], null)).toEqual([
      { event: next, changes: [{ field: 'department', before: 'Art', after: null }] },
    ]);
    expect(findUndone([next, deletion], [late], null)).toEqual([]);
  });
});
