import { z } from 'zod';
import { readBody } from '../../../http/body.ts';
import { Refusal } from '../../../http/errors.ts';
import { type Answer, json } from '../../../http/exchange.ts';
import type { AuthorizedCall } from '../../http/endpoint.ts';
import { makeGroup } from '../../seed/groups.ts';
import type { GroupRecord } from '../../state/records.ts';
import type { World } from '../../world.ts';
import { assertFreeName } from '../group-writes.ts';
import { assertTexts } from '../texts.ts';
import { membersOf, scimGroup } from './group-view.ts';
import { patched } from './patch.ts';

/** A whole group; what is not listed is ignored. */
const groupBody = z.object({
  schemas: z.array(z.string()).min(1),
  displayName: z.string().min(1),
  members: z.array(z.object({ value: z.string() })).default([]),
});

/** POST …/v2/Groups answers 201. */
export async function createScimGroup(call: AuthorizedCall, world: World): Promise<Answer> {
  const { displayName, members } = readGroup(await call.json(), undefined, world);
  const { groups, organization, newUuid } = world.tenant;
  const group = makeGroup(organization.uuid, newUuid(), displayName, world.clock.now());
  groups.add(group, members);
  return show(201, group, call, world);
}

/** PUT …/v2/Groups/:id replaces the group with all its members. */
export async function replaceScimGroup(
  group: GroupRecord,
  call: AuthorizedCall,
  world: World,
): Promise<Answer> {
  return replace(group, await call.json(), call, world);
}

/** PATCH …/v2/Groups/:id. Nothing is changed if one of its operations cannot be applied. */
export async function patchScimGroup(
  group: GroupRecord,
  call: AuthorizedCall,
  world: World,
): Promise<Answer> {
  const before = scimGroup(group, membersOf(group, world), call.origin, world);
  return replace(group, patched(before, await call.json()), call, world);
}

function replace(group: GroupRecord, given: unknown, call: AuthorizedCall, world: World): Answer {
  const { displayName, members } = readGroup(given, group, world);
  const { groups } = world.tenant;
  for (const uuid of [...groups.membersOf(group)]) if (!members.has(uuid)) groups.leave(group, uuid);
  for (const uuid of members) groups.join(group, uuid);
  if (displayName !== group.displayName) groups.rename(group, displayName);
  group.lastModified = world.clock.now();
  return show(200, group, call, world);
}

function readGroup(given: unknown, owner: GroupRecord | undefined, world: World) {
  if (owner !== undefined && owner === world.tenant.allOrgUsers) {
    throw new Refusal(403, 'The group of everybody cannot be changed.');
  }
  const { displayName, members } = readBody(groupBody, given);
  assertTexts({ displayName }, world.settings);
  assertFreeName(displayName, owner, world);
  const uuids = members.map(({ value }) => value.toLowerCase());
  const status = world.settings.unknownMemberStatus;
  const isKnown = (uuid: string) =>
    world.tenant.people.byUuid(uuid) !== undefined ||
    (owner !== undefined && world.tenant.groups.hasMember(owner, uuid));
  if (status !== 200 && !uuids.every(isKnown)) {
    throw new Refusal(status, 'There is no user with the id of one of the members.');
  }
  return { displayName, members: new Set(uuids.filter(isKnown)) };
}

function show(status: number, group: GroupRecord, call: AuthorizedCall, world: World): Answer {
  const shown = membersOf(group, world).slice(0, world.settings.membersCeiling);
  return json(status, scimGroup(group, shown, call.origin, world));
}
