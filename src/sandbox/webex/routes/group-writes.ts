import { z } from 'zod';
import { readBody } from '../../http/body.ts';
import { Refusal } from '../../http/errors.ts';
import { type Answer, json } from '../../http/exchange.ts';
import type { AuthorizedCall } from '../http/endpoint.ts';
import { inNamedOrganization } from '../http/organization.ts';
import { personUuid } from '../ids.ts';
import { makeGroup } from '../seed/groups.ts';
import type { GroupRecord } from '../state/records.ts';
import type { World } from '../world.ts';
import { groupView } from './group-view.ts';
import { assertTexts } from './texts.ts';

const newGroup = z.object({
  displayName: z.string().min(1),
  description: z.string().optional(),
  orgId: z.string().optional(),
  members: z.array(z.object({ id: z.string() })).optional(),
});

const groupChanges = z.object({
  displayName: z.string().min(1).optional(),
  description: z.string().optional(),
  members: z
    .array(z.object({ id: z.string(), operation: z.enum(['add', 'delete']).default('add') }))
    .optional(),
  // Documented by one client only, which cannot send it: refused, so that nobody takes it for done.
  purgeAllValues: z.never().optional(),
});

/** POST /groups answers 201, and takes at most 500 members. */
export async function createGroup(call: AuthorizedCall, asked: World): Promise<Answer> {
  const { displayName, description, orgId, members = [] } = readBody(newGroup, await call.json());
  const world = inNamedOrganization(asked, call.caller, orgId);
  assertTexts({ displayName, description }, world.settings);
  const { groups, organization, newUuid } = world.tenant;
  assertCount(members.length, world);
  assertFreeName(displayName, undefined, world);
  const uuids = members.flatMap((member) => findMember(member.id, world) ?? []);
  const group = makeGroup(organization.uuid, newUuid(), displayName, world.clock.now(), description);
  groups.add(group, uuids);
  return json(201, groupView(group, shownMembers(group, world), world));
}

/** PATCH /groups/:id: members not named stay; the answer shows the first of them. */
export async function patchGroup(group: GroupRecord, call: AuthorizedCall, world: World): Promise<Answer> {
  const body = readBody(groupChanges, await call.json());
  assertTexts(body, world.settings);
  const members = body.members ?? [];
  const { groups } = world.tenant;
  assertCount(members.length, world);
  if (body.displayName !== undefined) assertFreeName(body.displayName, group, world);
  const changes = members.flatMap(({ id, operation }) => {
    const uuid = operation === 'delete' ? leavingMember(id, group, world) : findMember(id, world);
    return uuid === undefined ? [] : [{ uuid, operation }];
  });
  for (const { uuid, operation } of changes) {
    const isRepeated = groups.hasMember(group, uuid) === (operation === 'add');
    if (isRepeated && world.settings.repeatedMembershipStatus !== 200) {
      throw new Refusal(world.settings.repeatedMembershipStatus, 'The membership is already so.');
    }
  }
  for (const { uuid, operation } of changes) {
    if (operation === 'add') groups.join(group, uuid);
    else groups.leave(group, uuid);
  }
  if (body.displayName !== undefined) groups.rename(group, body.displayName);
  if (body.description !== undefined) group.description = body.description;
  group.lastModified = world.clock.now();
  return json(200, groupView(group, shownMembers(group, world), world));
}

function shownMembers(group: GroupRecord, world: World): readonly string[] {
  return world.tenant.groups.membersOf(group).slice(0, world.settings.membersCeiling);
}

function assertCount(count: number, world: World): void {
  const limit = world.settings.membersPerWrite;
  if (count > limit) throw new Refusal(400, `A request takes at most ${limit} members.`);
}

/** Throws a Refusal for the name of another group. */
export function assertFreeName(displayName: string, owner: GroupRecord | undefined, world: World): void {
  const other = world.tenant.groups.byName(displayName);
  if (other !== undefined && other !== owner) {
    throw new Refusal(world.settings.duplicateGroupStatus, 'There is a group of this name already.');
  }
}

/** The UUID of a person to add; undefined if unknown people are skipped. */
function findMember(id: string, world: World): string | undefined {
  const uuid = readUuid(id);
  if (world.tenant.people.byUuid(uuid) !== undefined) return uuid;
  const status = world.settings.unknownMemberStatus;
  if (status === 200) return undefined;
  throw new Refusal(status, 'There is no person with the id of one of the members.');
}

/** The UUID of a person to remove, who may no longer exist. */
function leavingMember(id: string, group: GroupRecord, world: World): string | undefined {
  const uuid = readUuid(id);
  return world.tenant.groups.hasMember(group, uuid) ? uuid : findMember(id, world);
}

function readUuid(id: string): string {
  const uuid = personUuid(id);
  if (uuid === undefined) throw new Refusal(400, 'The id of a member is not the id of a person.');
  return uuid;
}
