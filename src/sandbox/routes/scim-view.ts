import { timestamp } from '../clock.ts';
import { personUuid } from '../ids.ts';
import type { PersonRecord } from '../state/records.ts';
import type { World } from '../world.ts';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const CISCO = 'urn:scim:schemas:extension:cisco:webexidentity:2.0:User';

/** A person as SCIM shows it: bare UUIDs, no licenses, no calling data; groups where they are asked for. */
export function scimUser(person: PersonRecord, withGroups: boolean, origin: string, world: World) {
  const base = `${origin}/identity/scim/${world.tenant.organization.uuid}/v2`;
  return {
    schemas: [CORE, ENTERPRISE, CISCO],
    id: person.uuid,
    userName: person.emails[0],
    active: person.loginEnabled,
    name: { givenName: person.firstName, familyName: person.lastName },
    displayName: person.displayName,
    nickName: person.nickName,
    emails: person.emails.map((value, index) => ({ value, type: 'work', primary: index === 0 })),
    userType: 'user',
    title: person.title,
    timezone: person.timezone,
    phoneNumbers: filled(person.phoneNumbers),
    addresses: filled(person.addresses),
    roles: filled(
      [...person.roles].map((role) => ({ value: role.scimName, type: 'cirole', display: role.name })),
    ),
    groups: withGroups ? groupsOf(person, base, world) : undefined,
    [ENTERPRISE]: { department: person.department, manager: managerOf(person, base) },
    [CISCO]: { accountStatus: statusOf(person) },
    meta: {
      resourceType: 'User',
      organizationID: world.tenant.organization.uuid,
      created: timestamp(person.created),
      lastModified: timestamp(person.lastModified),
      version: `W/"${person.revision}"`,
      location: `${base}/Users/${person.uuid}`,
    },
  };
}

function filled<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** The group of everybody is among them: Webex shows it here and nowhere else. */
function groupsOf(person: PersonRecord, base: string, world: World) {
  return [...world.tenant.groups.groupsOf(person.uuid), world.tenant.allOrgUsers].map((group) => ({
    value: group.uuid,
    display: group.displayName,
    $ref: `${base}/Groups/${group.uuid}`,
  }));
}

function managerOf(person: PersonRecord, base: string) {
  const uuid = person.managerId === undefined ? undefined : personUuid(person.managerId);
  if (uuid === undefined) return undefined;
  return { value: uuid, displayName: person.manager, $ref: `${base}/Users/${uuid}` };
}

function statusOf(person: PersonRecord): string {
  if (!person.loginEnabled) return 'disabled';
  return person.invitePending ? 'pending' : 'active';
}
