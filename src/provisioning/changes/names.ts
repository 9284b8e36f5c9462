import type { OpenOrganization } from '../../connectors/organizations.ts';
import { canonicalId } from '../../datasources/webex/ids.ts';
import type { FieldChange, Json } from './outcome.ts';

/** Fields of changes that hold ids. */
const FIELDS_OF_IDS: ReadonlySet<string> = new Set(['licenses', 'roles', 'managerId', 'members']);
/** UTF-16 code units of a text, so that a change of thousands of members keeps a size that people read. */
const LONGEST_TEXT = 2_000;

/** What people call the licenses and roles of an organization, by id, as far as that is known without asking Webex. */
export function knownNames({ licenses, roles }: Pick<OpenOrganization, 'licenses' | 'roles'>) {
  return namesById([...licenses.known, ...roles.known].map(({ id, name }) => [id, name]));
}

/** Names by id, however the id is spelled. */
export function namesById(entries: Iterable<readonly [string, string]>): ReadonlyMap<string, string> {
  return new Map([...entries].map(([id, name]) => [canonicalId(id), name]));
}

/**
 * Changes with names beside ids, as they are now, so that the audit trail can tell them when what they name is gone. A
 * field has none if nothing of it is known. Pure.
 */
export function withNames(
  changes: readonly FieldChange[],
  names: ReadonlyMap<string, string>,
): readonly FieldChange[] {
  return changes.map((change) => {
    if (!FIELDS_OF_IDS.has(change.field)) return change;
    const [beforeText, afterText] = [textOf(change.before, names), textOf(change.after, names)];
    return {
      ...change,
      ...(beforeText === undefined ? {} : { beforeText }),
      ...(afterText === undefined ? {} : { afterText }),
    };
  });
}

/** Undefined if there is no id, or no name of any. */
function textOf(value: Json, names: ReadonlyMap<string, string>): string | undefined {
  const ids = (Array.isArray(value) ? value : [value]).filter((id) => typeof id === 'string');
  if (!ids.some((id) => names.has(canonicalId(id)))) return undefined;
  const text = ids.map((id) => names.get(canonicalId(id)) ?? id).join(', ');
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}
