import { canonicalId } from '../../datasources/webex/ids.ts';
import type { Person } from '../../datasources/webex/people/person.ts';
import { ProtectedUser } from '../../errors/sync.ts';
import type { Action, FieldChange } from '../../store/sync/words.ts';

const LOSING: ReadonlySet<Action> = new Set([
  'DELETE',
  'DISABLE',
  'REMOVE_LICENSES',
  'DISABLE_AND_REMOVE_LICENSES',
  'RENAME',
]);

/**
 * Judges once more, from the user as Webex shows them just before the change, whether the user may lose something:
 * administrators and the account that the connector uses may not.
 * @param ownId Webex's id of that account; null if it is not known
 * @returns throws ProtectedUser. Undefined if the change takes nothing.
 */
export function assertMayLose(
  action: Action,
  changes: readonly FieldChange[],
  ownId: string | null,
): ((user: Person) => void) | undefined {
  if (!LOSING.has(action) && !changes.some(takes)) return undefined;
  return (user) => {
    if (ownId !== null && canonicalId(user.id) === canonicalId(ownId)) throw new ProtectedUser('ACCOUNT');
    if (user.roleIds.length > 0) throw new ProtectedUser('ADMINISTRATOR');
  };
}

function takes({ field, before, after }: FieldChange): boolean {
  if (field === 'loginEnabled') return after === false;
  const isSet = field === 'licenses' || field === 'roles';
  return isSet && Array.isArray(before) && before.length > 0;
}
