import type { Action, FieldChange, Json, LimitName } from '../../store/sync/words.ts';
import { isSameFirst } from '../guard/protect.ts';
import type { ItemDraft } from '../words.ts';

/** The strongest first. */
const STRENGTH: readonly Action[] = [
  ...(['DELETE', 'DISABLE_AND_REMOVE_LICENSES', 'DISABLE', 'REMOVE_LICENSES', 'RENAME', 'RELINK'] as const),
  ...(['ENABLE', 'CREATE', 'UPDATE', 'SET_MANAGER', 'LINK'] as const),
];
const DISABLING: ReadonlySet<Action> = new Set(['DISABLE', 'REMOVE_LICENSES', 'DISABLE_AND_REMOVE_LICENSES']);

/** What a change of a user is called: by the strongest of its parts. Pure. @param base what it is without any of them */
export function strongestAction(base: Action, changes: readonly FieldChange[]): Action {
  const parts = [base, ...changes.map((change) => actionOfChange(base, change))];
  return STRENGTH.find((action) => parts.includes(action)) ?? base;
}

function actionOfChange(base: Action, { field, before, after }: FieldChange): Action {
  if (base === 'CREATE' || base === 'DELETE') return base;
  if (field === 'loginEnabled') return after === false ? 'DISABLE' : 'ENABLE';
  if (field === 'emails' && !isSameFirst(before, after)) return 'RENAME';
  return 'UPDATE';
}

/**
 * The limits that an item counts in, and how much: each limit that one of its changes touches. Pure.
 * @param isByAnotherAddress whether its user was found by a former key, an alternate or a former address
 */
export function countsOf(
  action: Action,
  changes: readonly FieldChange[],
  isByAnotherAddress: boolean,
): ItemDraft['countsIn'] {
  const counts: Partial<Record<LimitName, number>> = {};
  if (action === 'CREATE' || action === 'DELETE') counts[action] = 1;
  if (DISABLING.has(action)) counts.DISABLE = 1;
  if (isByAnotherAddress) counts.RELINK = 1;
  for (const change of changes) countChange(counts, action, change);
  return counts;
}

function countChange(
  counts: Partial<Record<LimitName, number>>,
  action: Action,
  { field, before, after }: FieldChange,
): void {
  const isAccount = action === 'CREATE' || action === 'DELETE';
  if (field === 'roles') counts.ROLES = (counts.ROLES ?? 0) + sizeOf(before) + sizeOf(after);
  if (isAccount) return;
  if (field === 'emails' && !isSameFirst(before, after)) counts.RENAME = 1;
  else if (field === 'loginEnabled' && after === false) counts.DISABLE = 1;
  else if (field === 'licenses') countLicenses(counts, action, sizeOf(before), sizeOf(after));
  else counts.UPDATE = 1;
}

/** Seats that leavers give back count with the leavers. */
function countLicenses(
  counts: Partial<Record<LimitName, number>>,
  action: Action,
  taken: number,
  given: number,
): void {
  const isLeaving = action === 'REMOVE_LICENSES' || action === 'DISABLE_AND_REMOVE_LICENSES';
  if (isLeaving) return;
  if (taken > 0) counts.REMOVE_LICENSES = taken;
  if (given > 0 || action === 'UPDATE') counts.UPDATE = 1;
}

function sizeOf(value: Json): number {
  return Array.isArray(value) ? value.length : 0;
}
