import type { SyncItemRow } from '../../store/sync/tables.ts';
import type { ItemVerdict } from './item-outcome.ts';

const REMOVING: ReadonlySet<string> = new Set([
  'DELETE',
  'DISABLE',
  'REMOVE_LICENSES',
  'DISABLE_AND_REMOVE_LICENSES',
  'DELETE_GROUP',
]);

/** Fields whose change names in `before` what goes. */
const SETS: ReadonlySet<string> = new Set(['licenses', 'roles', 'members']);

/** Whether an item takes an account, a license, a role or a membership from a user. Pure. */
export function takesAway({ action, changes }: Pick<SyncItemRow, 'action' | 'changes'>): boolean {
  return (
    REMOVING.has(action) ||
    changes.some(({ field, before }) => SETS.has(field) && Array.isArray(before) && before.length > 0)
  );
}

/** The verdict on a try. One that has an audit event is counted, because the next one needs an event of its own. Pure. */
export function keepsNumber(verdict: ItemVerdict, isRecorded: boolean): ItemVerdict {
  return verdict.kind === 'AGAIN' && verdict.isFree && isRecorded ? { ...verdict, isFree: false } : verdict;
}
