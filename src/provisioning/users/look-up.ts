import type { OpenOrganization } from '../../connectors/organizations.ts';
import type { PersonChanges } from '../../datasources/webex/people/body.ts';
import type { License } from '../../datasources/webex/records.ts';
import { findLicenses, findPerson, findRoles } from '../changes/references.ts';
import type { ReadUser } from './input.ts';

/** The changes with what is named looked up; and all licenses, where any is named. */
export async function lookUp(
  organization: OpenOrganization,
  { changes, manager, licenses, roles }: ReadUser,
): Promise<{ readonly changes: PersonChanges; readonly licenses: readonly License[] }> {
  const [managerId, foundLicenses, foundRoles] = await Promise.all([
    manager == null ? manager : findPerson(organization.admin, manager),
    licenses == null ? undefined : findLicenses(organization, licenses),
    roles == null ? undefined : findRoles(organization, roles),
  ]);
  const found = {
    ...changes,
    ...(managerId === undefined ? {} : { managerId }),
    ...(foundLicenses === undefined ? {} : { licenses: foundLicenses.map(({ id }) => id) }),
    ...(foundRoles === undefined ? {} : { roles: foundRoles.map(({ id }) => id) }),
  };
  return { changes: found, licenses: licenses == null ? [] : await organization.licenses.all() };
}
