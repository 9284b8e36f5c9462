import { describe, expect, test } from 'vitest';
import type { HeldAddress, ManagedDraft } from '../../src/store/sync/draft-graph.ts';
import { countsOf, strongestAction } from '../../src/sync/compare/actions.ts';
import { orderAddresses, orderManagers } from '../../src/sync/compare/order.ts';
import { SeatCount } from '../../src/sync/compare/seats.ts';
import { licenseOf } from '../sync-compared.ts';

const takes = (draft: number, holder: number | null, changes: Partial<HeldAddress> = {}): HeldAddress => ({
  ...{ draft, address: `${draft}@acme.example`, holder, holderAction: holder === null ? null : 'RENAME' },
  ...{ isHolderWithheld: false, isFreed: holder !== null },
  ...changes,
});
const reasons = (held: readonly HeldAddress[]) =>
  orderAddresses(held).withheld.map(({ draft, withheld }) => `${draft} ${withheld}`);

describe('addresses', () => {
  test('a chain is ordered from its end', () => {
    const { levels, withheld } = orderAddresses([takes(1, 2), takes(2, 3), takes(3, 4)]);
    expect([...levels].sort()).toEqual([
      [1, 3],
      [2, 2],
      [3, 1],
      [4, 0],
    ]);
    expect(withheld).toEqual([]);
  });

  test('a ring is for a person to solve, and who waits for it depends on it', () => {
    expect(reasons([takes(1, 2), takes(2, 3), takes(3, 1), takes(4, 1), takes(5, 6)])).toEqual([
      '1 ADDRESS_SWAP',
      '2 ADDRESS_SWAP',
      '3 ADDRESS_SWAP',
      '4 DEPENDENCY',
    ]);
  });

  test('an address of a user who keeps it is taken, and what waits for that user depends on it', () => {
    expect(reasons([takes(1, null)])).toEqual(['1 NAME_TAKEN']);
    expect(reasons([takes(1, 2), takes(2, null)])).toEqual(['2 NAME_TAKEN', '1 DEPENDENCY']);
    expect(reasons([takes(1, 2, { holderAction: 'REPORT' })])).toEqual(['1 NAME_TAKEN']);
    expect(reasons([takes(1, 2, { isFreed: false })])).toEqual(['1 NAME_TAKEN']);
  });

  test('an address of a withheld item, or of a user who is deleted, does not become free', () => {
    expect(reasons([takes(1, 2, { isHolderWithheld: true })])).toEqual(['1 DEPENDENCY']);
    expect(reasons([takes(1, 2, { holderAction: 'DELETE', isFreed: false })])).toEqual(['1 DEPENDENCY']);
  });
});

const managed = (
  draft: number,
  manager: number,
  action: ManagedDraft['action'] = 'CREATE',
): ManagedDraft => ({
  ...{ draft, action, manager, isManagerCreated: true },
});

describe('managers', () => {
  test('reports are created below their managers', () => {
    const { depths, later } = orderManagers([managed(1, 2), managed(2, 3), managed(4, 3)]);
    expect([1, 2, 3, 4].map((draft) => depths.get(draft))).toEqual([2, 1, 0, 1]);
    expect(later.size).toBe(0);
  });

  test('circles, oneself, and more than twenty levels are closed at the end', () => {
    expect([...orderManagers([managed(1, 2), managed(2, 1), managed(3, 1)]).later].sort()).toEqual([1, 2]);
    expect([...orderManagers([managed(1, 1)]).later]).toEqual([1]);
    const deep = Array.from({ length: 22 }, (_, index) => managed(index, index + 1));
    expect([...orderManagers(deep).later]).toEqual([1]);
    expect(orderManagers(deep).depths.get(0)).toBe(1);
  });

  test('a user who is renamed gets a new manager at the end', () => {
    expect([...orderManagers([managed(1, 2, 'RENAME')]).later]).toEqual([1]);
  });
});

describe('seats', () => {
  const draft = { draft: 1, action: 'CREATE' as const, frees: [], takes: ['L'] };

  test('seats that leavers free are there for creations, those that updates free only for updates', () => {
    const seats = new SeatCount([licenseOf('L', 5, 5)]);
    seats.free({ ...draft, action: 'UPDATE', frees: ['L'], takes: ['M'] });
    expect(seats.take(draft)).toEqual(['L']);
    seats.free({ ...draft, action: 'DELETE', frees: ['L'], takes: [] });
    expect(seats.take(draft)).toEqual([]);
    expect(seats.take({ ...draft, action: 'UPDATE' })).toEqual([]);
    expect(seats.all).toMatchObject([{ freed: 2, taken: 2, after: 0, lacking: 1 }]);
  });

  test('a creation takes all of its seats or none', () => {
    const seats = new SeatCount([licenseOf('L', 5, 4), licenseOf('M', 1, 1)]);
    expect(seats.take({ ...draft, takes: ['L', 'M'] })).toEqual(['M']);
    expect(seats.take(draft)).toEqual([]);
  });

  test('licenses without a limit never lack a seat', () => {
    const seats = new SeatCount([licenseOf('L', -1, 900), licenseOf('M', undefined, 900)]);
    expect(seats.take({ ...draft, takes: ['L', 'M'] })).toEqual([]);
    expect(seats.all).toMatchObject([
      { total: null, after: null },
      { total: null, after: null },
    ]);
  });
});

describe('the action of an item', () => {
  const title = { field: 'title', before: null, after: 'x' };
  const rename = { field: 'emails', before: ['a@x'], after: ['b@x', 'a@x'] };
  const disable = { field: 'loginEnabled', before: true, after: false };
  const licenses = { field: 'licenses', before: ['L', 'M'], after: [] };

  test('is its strongest change, and the item counts in each limit that a change touches', () => {
    const changes = [title, rename, disable, licenses];
    expect(strongestAction('UPDATE', changes)).toBe('DISABLE');
    expect(countsOf('DISABLE', changes, false)).toEqual({
      DISABLE: 1,
      UPDATE: 1,
      RENAME: 1,
      REMOVE_LICENSES: 2,
    });
    expect(strongestAction('UPDATE', [title, rename])).toBe('RENAME');
    expect(countsOf('RENAME', [rename], false)).toEqual({ RENAME: 1 });
  });

  test('is a link that moves unless the user gets another first address', () => {
    expect(strongestAction('RELINK', [title])).toBe('RELINK');
    expect(countsOf('RELINK', [title], true)).toEqual({ RELINK: 1, UPDATE: 1 });
    expect(strongestAction('RELINK', [rename])).toBe('RENAME');
    expect(countsOf('LINK', [], false)).toEqual({});
  });

  test('counts the seats of leavers with the leavers, and roles in a limit of their own', () => {
    expect(countsOf('REMOVE_LICENSES', [licenses], false)).toEqual({ DISABLE: 1 });
    expect(countsOf('UPDATE', [licenses], false)).toEqual({ REMOVE_LICENSES: 2, UPDATE: 1 });
    const roles = { field: 'roles', before: ['r1'], after: ['r2'] };
    expect(countsOf('CREATE', [roles], false)).toEqual({ CREATE: 1, ROLES: 2 });
  });
});
