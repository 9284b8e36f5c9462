import type { CallContext } from '../../rest/call-context.ts';
import { Expiring } from '../../rest/expiring.ts';
import type { PageSize, PageSizes } from '../../rest/page-size.ts';
import { readAll } from '../../rest/read-all.ts';
import type { FetchSlice } from '../../rest/slices.ts';
import type { WebexClient } from '../client.ts';
import type { Group, GroupMember } from '../records.ts';
import { listGroups, listMembers, MEMBERS_PER_REQUEST, MOST_GROUPS_WITH_MEMBERS } from './groups.ts';

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
export async function readGroupCatalogue(
  client: WebexClient,
  context: CallContext,
  sizes: PageSizes,
): Promise<GroupCatalogue> {
  const { records: groups, slices: requests } = await readAll<Group>({
    fetch: (from, max) => listGroups(client, context, {}, true, from, max),
    most: MOST_GROUPS_WITH_MEMBERS,
    size: sizes.of('groups', true, MOST_GROUPS_WITH_MEMBERS),
    absent: 'error',
    byIndex: true,
  });
  const requestsLeft = [...groups.values()].reduce((sum, group) => sum + requestsForRest(group), 0);
  // They last as long as the catalogue that they belong to.
  const memberships = new Expiring<MembershipIndex>(Number.POSITIVE_INFINITY, (caller) =>
    client.checkPause(caller),
  );
  return { groups, requests, requestsLeft, memberships };
}

/**
 * Reads the members that did not come along with their groups: Webex has no other way, with the minimum
 * scopes, to tell which groups a person is in. One request for each 500 of them.
 */
export async function readMemberships(
  client: WebexClient,
  context: CallContext,
  sizes: PageSizes,
  catalogue: GroupCatalogue,
): Promise<MembershipIndex> {
  const size = sizes.of('members', null, MEMBERS_PER_REQUEST);
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

/**
 * The members of a group: those that came along with it, and behind them what Webex sends. Throws what listMembers
 * throws, UpstreamNotFound included.
 */
export function membersOf(client: WebexClient, context: CallContext, group: Group): FetchSlice<GroupMember> {
  const { id, members = [], memberCount: total } = group;
  let asked = false;
  return async (from, max) => {
    const start = Number(from ?? 1);
    const records = members.slice(start - 1, start - 1 + max);
    const end = start + records.length - 1;
    // What came along is as old as the group is: nothing of it is good once Webex has been asked.
    const isEnough = records.length > 1 || records.length === max;
    if (!asked && total !== undefined && (isEnough || end >= total)) {
      const next = end < total ? String(end + 1) : undefined;
      const call = { method: 'GET', path: '/groups' };
      return { records, next, start, total, atOnce: MEMBERS_PER_REQUEST, call };
    }
    asked = true;
    return { ...(await listMembers(client, context, id, from, max)), total };
  };
}

/** The group with the members that did not ride along, whose pages are fetched side by side. */
async function withAllMembers(
  client: WebexClient,
  context: CallContext,
  size: PageSize,
  group: Group,
): Promise<Group> {
  if (requestsForRest(group) === 0) return group;
  const { records } = await readAll<GroupMember>({
    fetch: membersOf(client, context, group),
    most: MEMBERS_PER_REQUEST,
    size,
    absent: 'none',
    byIndex: true,
  });
  return { ...group, members: [...records.values()] };
}

/** How many requests bring the members that did not ride along, each but a first beginning with a known one. */
export function requestsForRest({ members = [], memberCount }: Group): number {
  if (memberCount === undefined) return 1;
  if (members.length >= memberCount) return 0;
  return Math.ceil((memberCount - Math.max(1, members.length)) / (MEMBERS_PER_REQUEST - 1)) || 1;
}
