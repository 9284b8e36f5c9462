import { timestamp } from '../../clock.ts';
import { encodeId } from '../ids.ts';
import type { GroupRecord } from '../state/records.ts';
import type { World } from '../world.ts';

/** A group as Webex shows it, with some of its members if they are asked for. */
export function groupView(group: GroupRecord, members: readonly string[] | undefined, world: World) {
  return {
    id: group.id,
    displayName: group.displayName,
    description: group.description,
    orgId: world.tenant.organization.id,
    created: timestamp(group.created),
    lastModified: timestamp(group.lastModified),
    memberSize: world.tenant.groups.membersOf(group).length,
    usage: 'other',
    members: members?.map((uuid) => memberView(uuid, world)),
  };
}

/** A member; of a deleted one that was left in the group there is no name. */
function memberView(uuid: string, world: World) {
  const person = world.tenant.people.byUuid(uuid);
  return { id: person?.id ?? encodeId('PEOPLE', uuid), type: 'user', displayName: person?.displayName };
}
