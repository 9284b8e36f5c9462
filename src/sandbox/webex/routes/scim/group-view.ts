import { timestamp } from '../../../clock.ts';
import type { GroupRecord } from '../../state/records.ts';
import type { World } from '../../world.ts';
import { CISCO_GROUP, GROUP } from './schemas.ts';

/** The UUIDs of a group's members; the group of everybody has everybody. */
export function membersOf(group: GroupRecord, { tenant }: World): readonly string[] {
  if (group === tenant.allOrgUsers) return tenant.people.live.map(({ uuid }) => uuid);
  return tenant.groups.membersOf(group);
}

/** A group as SCIM shows it, with the members that are given. */
export function scimGroup(
  group: GroupRecord,
  members: readonly string[] | undefined,
  origin: string,
  world: World,
) {
  const { uuid: organizationID } = world.tenant.organization;
  return {
    schemas: [GROUP, CISCO_GROUP],
    id: group.uuid,
    displayName: group.displayName,
    members: members?.map((uuid) => scimMember(uuid, world)),
    meta: {
      resourceType: 'group',
      created: timestamp(group.created),
      lastModified: timestamp(group.lastModified),
      version: `W/"${group.lastModified.toString(16)}"`,
      location: `${origin}/identity/scim/${organizationID}/v2/Groups/${group.uuid}`,
    },
    [CISCO_GROUP]: { usage: 'other', provisionSource: 'API', meta: { organizationID } },
  };
}

/** A member of a group, which may have been deleted meanwhile. */
export function scimMember(uuid: string, world: World) {
  return { value: uuid, type: 'user', display: world.tenant.people.byUuid(uuid)?.displayName };
}
