import type { CallContext, WebexClient } from './client.ts';
import { listGroups, listMembers, MEMBERS_PER_REQUEST } from './groups.ts';
import { LARGEST_PAGE } from './paging.ts';
import type { Group, GroupMember } from './records.ts';

/** Every group of an organization, and who is in which. */
export interface MembershipIndex {
  readonly groups: ReadonlyMap<string, Group>;
  readonly groupIdsByPerson: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads all groups with their members: Webex has no other way, with the minimum scopes, to tell which
 * groups a person is in. One request, plus one for each further page of groups and for each 500 members
 * that did not come along.
 */
export async function readMembershipIndex(
  client: WebexClient,
  context: CallContext,
): Promise<MembershipIndex> {
  const groups = new Map<string, Group>();
  for (let from: string | undefined, more = true; more; ) {
    const slice = await listGroups(client, context, {}, true, from, LARGEST_PAGE);
    for (const group of slice.records) groups.set(group.id, group);
    more = slice.next !== undefined && slice.next !== from;
    from = slice.next;
  }
  const complete = await Promise.all(
    [...groups.values()].map((group) => withAllMembers(client, context, group)),
  );
  const groupIdsByPerson = new Map<string, string[]>();
  for (const group of complete) {
    groups.set(group.id, group);
    for (const member of group.members ?? []) {
      const ids = groupIdsByPerson.get(member.id);
      if (ids === undefined) groupIdsByPerson.set(member.id, [group.id]);
      else ids.push(group.id);
    }
  }
  return { groups, groupIdsByPerson };
}

/** The group with the members that did not ride along, whose pages are fetched side by side. */
async function withAllMembers(client: WebexClient, context: CallContext, group: Group): Promise<Group> {
  const inline = group.members ?? [];
  if (inline.length >= group.memberCount) return group;
  const starts: string[] = [];
  for (let start = inline.length + 1; start <= group.memberCount; start += MEMBERS_PER_REQUEST) {
    starts.push(String(start));
  }
  const pages = await Promise.all(starts.map((from) => readMembersFrom(client, context, group.id, from)));
  const members = new Map([...inline, ...pages.flat()].map((member) => [member.id, member]));
  return { ...group, members: [...members.values()] };
}

/** The members from one index up to where the next page begins, however few Webex sends at a time. */
async function readMembersFrom(
  client: WebexClient,
  context: CallContext,
  groupId: string,
  from: string,
): Promise<GroupMember[]> {
  const members: GroupMember[] = [];
  let next: string | undefined = from;
  while (next !== undefined && members.length < MEMBERS_PER_REQUEST) {
    const slice: Awaited<ReturnType<typeof listMembers>> = await listMembers(
      client,
      context,
      groupId,
      next,
      MEMBERS_PER_REQUEST - members.length,
    );
    members.push(...slice.records);
    if (slice.records.length === 0) break;
    next = slice.next;
  }
  return members;
}
