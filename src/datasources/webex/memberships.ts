import type { CallContext } from './call.ts';
import type { WebexClient } from './client.ts';
import { Expiring } from './expiring.ts';
import { GROUPS_WITH_MEMBERS, listGroups, listMembers, MEMBERS_PER_REQUEST } from './groups.ts';
import { PageSize } from './page-size.ts';
import type { Group, GroupMember } from './records.ts';
import { sideBySide } from './side-by-side.ts';
import { slicesOf } from './slices.ts';

/** Every group of an organization with the members that came along, and, once asked for, all members. */
export interface GroupCatalogue {
  readonly groups: ReadonlyMap<string, Group>;
  /** How many requests it took, and how many more the memberships take. */
  readonly requests: number;
  readonly requestsLeft: number;
  readonly memberships: Expiring<MembershipIndex>;
}

/** Every group of an organization with all its members, and who is in which. */
export interface MembershipIndex {
  readonly groups: ReadonlyMap<string, Group>;
  readonly groupIdsByPerson: ReadonlyMap<string, readonly string[]>;
}

/** Reads all groups with their first members: one request for each page of groups. */
export async function readGroupCatalogue(client: WebexClient, context: CallContext): Promise<GroupCatalogue> {
  const size = new PageSize(GROUPS_WITH_MEMBERS);
  const groups = new Map<string, Group>();
  let requests = 0;
  const fetch = sideBySide<Group>(
    (from, max) => size.read(max, (count) => listGroups(client, context, {}, true, from, count)),
    Number.POSITIVE_INFINITY,
  );
  const slices = slicesOf(fetch, undefined, GROUPS_WITH_MEMBERS);
  for await (const slice of slices) {
    requests += 1;
    for (const group of slice.records) groups.set(group.id, group);
  }
  const requestsLeft = [...groups.values()].reduce((sum, group) => sum + startsOfRest(group).length, 0);
  // They last as long as the catalogue that they belong to.
  return { groups, requests, requestsLeft, memberships: new Expiring(Number.POSITIVE_INFINITY) };
}

/**
 * Reads the members that did not come along with their groups: Webex has no other way, with the minimum
 * scopes, to tell which groups a person is in. One request for each 500 of them.
 */
export async function readMemberships(
  client: WebexClient,
  context: CallContext,
  catalogue: GroupCatalogue,
): Promise<MembershipIndex> {
  const size = new PageSize(MEMBERS_PER_REQUEST);
  const complete = await Promise.all(
    [...catalogue.groups.values()].map((group) => withAllMembers(client, context, size, group)),
  );
  const groupIdsByPerson = new Map<string, string[]>();
  for (const group of complete) {
    for (const member of group.members ?? []) {
      const ids = groupIdsByPerson.get(member.id);
      if (ids === undefined) groupIdsByPerson.set(member.id, [group.id]);
      else ids.push(group.id);
    }
  }
  return { groups: new Map(complete.map((group) => [group.id, group])), groupIdsByPerson };
}

/** The group with the members that did not ride along, whose pages are fetched side by side. */
async function withAllMembers(
  client: WebexClient,
  context: CallContext,
  size: PageSize,
  group: Group,
): Promise<Group> {
  const starts = startsOfRest(group);
  if (starts.length === 0) return group;
  const pages = await Promise.all(
    starts.map((from) => readMembersFrom(client, context, size, group.id, from)),
  );
  const members = new Map([...(group.members ?? []), ...pages.flat()].map((member) => [member.id, member]));
  return { ...group, members: [...members.values()] };
}

/** Where the pages of members begin that did not ride along. */
function startsOfRest(group: Group): string[] {
  const starts: string[] = [];
  const inline = group.members?.length ?? 0;
  for (let start = inline + 1; start <= group.memberCount; start += MEMBERS_PER_REQUEST) {
    starts.push(String(start));
  }
  return starts;
}

/** The members from one index up to where the next page begins, however few Webex sends at a time. */
async function readMembersFrom(
  client: WebexClient,
  context: CallContext,
  size: PageSize,
  groupId: string,
  from: string,
): Promise<GroupMember[]> {
  const members: GroupMember[] = [];
  const slices = slicesOf(
    (start) =>
      size.read(MEMBERS_PER_REQUEST - members.length, (count) =>
        listMembers(client, context, groupId, start, count),
      ),
    from,
    MEMBERS_PER_REQUEST,
  );
  for await (const slice of slices) {
    members.push(...slice.records);
    if (members.length >= MEMBERS_PER_REQUEST) break;
  }
  return members;
}
