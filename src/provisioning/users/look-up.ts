import type { OpenOrganization } from '../../connectors/organizations.ts';
import type { PersonChanges } from '../../datasources/webex/people/body.ts';
import type { Person } from '../../datasources/webex/people/person.ts';
import type { License } from '../../datasources/webex/records.ts';
import { knownNames, namesById } from '../changes/names.ts';
import { Problems } from '../changes/problems.ts';
import {
  findLicenses,
  findPerson,
  findRoles,
  type Reference,
  type SetChange,
} from '../changes/references.ts';
import type { ReadUser } from './input.ts';

/** What is to be changed of a user, with all that is named looked up. */
export interface WantedChanges {
  readonly changes: PersonChanges;
  /** All of the organization; empty if none is named. */
  readonly licenses: readonly License[];
  /** What licenses, roles and the manager are called, by id, as far as it is known. */
  readonly names: ReadonlyMap<string, string>;
}

/** Finds what references name. Rejects with NotFound, Ambiguous. */
type Find = (references: readonly Reference[]) => Promise<readonly { readonly id: string }[]>;

/**
 * The changes of a user with what is named looked up; and all licenses of the organization, if any is named.
 * @param before the user with all parts; null for one who does not exist yet
 * @param at where the user stands in the caller's request
 * Rejects with NotFound, Ambiguous, and InvalidInput if something is both added and removed.
 */
export async function lookUp(
  organization: OpenOrganization,
  before: Person | null,
  { changes, manager, licenses, roles }: ReadUser,
  at: string,
): Promise<WantedChanges> {
  const findLicense: Find = (references) => findLicenses(organization, references);
  const findRole: Find = (references) => findRoles(organization, references);
  const [managerId, wantedLicenses, wantedRoles] = await Promise.all([
    manager == null ? manager : findPerson(organization.admin, manager),
    licenses && idsAfter(licenses, before?.licenseIds ?? [], findLicense, `${at}.licenses.change`),
    roles && idsAfter(roles, before?.roleIds ?? [], findRole, `${at}.roles.change`),
  ]);
  const found = {
    ...changes,
    ...(managerId === undefined ? {} : { managerId }),
    ...(wantedLicenses === undefined ? {} : { licenses: wantedLicenses }),
    ...(wantedRoles === undefined ? {} : { roles: wantedRoles }),
  };
  const all = licenses === undefined ? [] : await organization.licenses.all();
  const isByName = manager != null && 'name' in manager && managerId != null;
  const named = isByName ? namesById([[managerId, manager.name]]) : [];
  return { changes: found, licenses: all, names: new Map([...knownNames(organization), ...named]) };
}

/**
 * The ids that a set holds after a change of it.
 * @param held those that it holds before
 * @param at where `add` and `remove` stand in the caller's request
 * Rejects with what `find` rejects with, and InvalidInput if something is both added and removed.
 */
export async function idsAfter(
  change: SetChange,
  held: readonly string[],
  find: Find,
  at: string,
): Promise<readonly string[]> {
  if ('exactly' in change) return (await find(change.exactly)).map(({ id }) => id);
  const [added, removed] = await Promise.all([
    Promise.all(change.add.map(async (reference) => (await find([reference]))[0]?.id)),
    find(change.remove),
  ]);
  const gone = new Set(removed.map(({ id }) => id));
  const problems = new Problems(at);
  for (const [index, id] of added.entries()) {
    if (id !== undefined && gone.has(id))
      problems.add(`add[${index}]`, 'is in `remove` as well; name it once.');
  }
  problems.throwAny();
  const after = [...held, ...added.filter((id) => id !== undefined)].filter((id) => !gone.has(id));
  return [...new Set(after)];
}
