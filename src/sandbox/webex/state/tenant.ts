import { groupUuid, personUuid } from '../ids.ts';
import { Groups } from './groups.ts';
import { Licenses } from './licenses.ts';
import { People } from './people.ts';
import type { GroupRecord, LicenseRecord, Organization, PersonRecord } from './records.ts';
import { Roles } from './roles.ts';

/** One organization with all that is in it. It knows nothing of HTTP. */
export class Tenant {
  readonly people = new People();
  readonly groups = new Groups();
  readonly licenses = new Licenses();
  readonly roles = new Roles();
  readonly organization: Organization;
  /** Ids of the calling locations. */
  readonly locations: readonly string[];
  /** The group of everybody, which Webex shows through SCIM only. */
  readonly allOrgUsers: GroupRecord;
  /** Makes the UUIDs of what is created, the same ones for the same seed. */
  readonly newUuid: () => string;

  constructor(
    organization: Organization,
    locations: readonly string[],
    allOrgUsers: GroupRecord,
    newUuid: () => string,
  ) {
    this.organization = organization;
    this.locations = locations;
    this.allOrgUsers = allOrgUsers;
    this.newUuid = newUuid;
  }

  /** Whether one of the organization's people, groups or licenses has this id; people and groups by UUID too. */
  has(id: string): boolean {
    const person = personUuid(id) ?? id;
    const group = groupUuid(id) ?? id;
    return (
      this.people.byUuid(person) !== undefined ||
      this.groups.byUuid(group) !== undefined ||
      this.licenses.byId(id) !== undefined
    );
  }

  /** Deletes a person. The people they managed keep the stale managerId. */
  deletePerson(person: PersonRecord, now: number, leaveMemberships: boolean): void {
    for (const license of [...person.licenses]) this.licenses.revoke(license, person, now);
    this.roles.assign(person, []);
    if (!leaveMemberships) {
      for (const group of this.groups.groupsOf(person.uuid)) this.groups.leave(group, person.uuid);
    }
    this.people.remove(person);
  }

  /** Takes a license away; with a calling license go its number, extension and location. */
  revokeLicense(license: LicenseRecord, person: PersonRecord, now: number): void {
    this.licenses.revoke(license, person, now);
    const stillCalls = [...person.licenses].some((each) => each.calling !== undefined);
    const changes =
      license.calling === undefined || stillCalls
        ? {}
        : { locationId: undefined, extension: undefined, callingNumber: undefined };
    this.people.update(person, changes, now);
  }
}

/** Whether the person holds a license that lets them call. */
export function isCallingUser(person: PersonRecord): boolean {
  for (const license of person.licenses) if (license.calling !== undefined) return true;
  return false;
}
