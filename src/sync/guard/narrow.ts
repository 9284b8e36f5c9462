import type { Narrow } from '../../store/sync/documents.ts';
import type { Action } from '../../store/sync/words.ts';

/** What of an item a request may choose by. */
export interface Choosable {
  readonly action: Action;
  readonly key?: string | undefined;
  /** Canonical; the first is the one to sign in with. */
  readonly emails: readonly string[];
  /** Canonical name, of the item of a group. */
  readonly group?: string | undefined;
}

/** Whether a request has left an item out. Pure. @param narrow with canonical addresses, domains and names of groups */
export function isNarrowedOut(item: Choosable, narrow: Narrow | undefined): boolean {
  if (narrow === undefined) return false;
  if (narrow.actions !== undefined && !narrow.actions.includes(item.action)) return true;
  if (item.group !== undefined) return narrow.groups !== undefined && !narrow.groups.includes(item.group);
  return !isChosenUser(item, narrow);
}

/** Whether a request chooses among users. */
export function choosesUsers(narrow: Narrow | undefined): narrow is Narrow {
  return narrow?.emails !== undefined || narrow?.keys !== undefined || narrow?.domains !== undefined;
}

/** Whether the part of a request that chooses users has chosen this one. Pure. */
export function isChosenUser({ key, emails }: Omit<Choosable, 'action'>, narrow: Narrow): boolean {
  if (narrow.emails !== undefined && !emails.some((email) => narrow.emails?.includes(email))) return false;
  if (narrow.keys !== undefined && (key === undefined || !narrow.keys.includes(key))) return false;
  const [first] = emails;
  return (
    narrow.domains === undefined ||
    (first !== undefined && narrow.domains.includes(first.split('@')[1] ?? ''))
  );
}
