import { timestamp } from '../../../clock.ts';
import { personUuid } from '../../ids.ts';
import type { PersonRecord } from '../../state/records.ts';
import type { World } from '../../world.ts';
import { CISCO_USER, ENTERPRISE, USER } from './schemas.ts';

/** A person as SCIM shows it: bare UUIDs, no licenses, no calling data; groups if they are asked for. */
export function scimUser(person: PersonRecord, withGroups: boolean, origin: string, world: World) {
  const base = `${origin}/identity/scim/${world.tenant.organization.uuid}/v2`;
  return {
    schemas: [USER, ENTERPRISE, CISCO_USER],
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
    [CISCO_USER]: { accountStatus: statusOf(person, world) },
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

/** A list in what Webex answers, and a text in its specification. */
function statusOf(person: PersonRecord, { settings }: World): string | readonly string[] {
  const status = !person.loginEnabled ? 'disabled' : person.invitePending ? 'pending' : 'active';
  return settings.scimAccountStatus === 'text' ? status : [status];
}
