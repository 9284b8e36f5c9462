import { type UpstreamCall, UpstreamInvalid } from '../../../errors/upstream.ts';
import type { CallContext, Query, RestAnswer } from '../../rest/call-context.ts';
import {
  isIdentified,
  readCount,
  readDate,
  readRecords,
  readText,
  type WireObject,
} from '../../rest/json.ts';
import { whenHalved } from '../../rest/page-size.ts';
import type { Slice } from '../../rest/slices.ts';
import { onlyFew, withId } from '../asked-for.ts';
import { canonicalName } from '../canonical.ts';
import type { WebexClient } from '../client.ts';
import { nullIfAbsent } from '../failures.ts';
import type { Group, GroupMember } from '../records.ts';

/** What `GET /groups` can filter by: the display name, whole or its beginning. */
export interface GroupFilter {
  readonly displayName?: string | undefined;
  readonly displayNameStartsWith?: string | undefined;
}

/** An answer never holds more members than this. Source: Webex's reference of `GET /groups`. */
export const MEMBERS_PER_REQUEST = 500;

/**
 * How many groups are asked for at once when their members ride along: at 500 members of some 200 bytes
 * each, half of the largest answer that we read.
 */
export const GROUPS_WITH_MEMBERS = 50;

/** The most of them in a request that begins with the last group of another. */
export const MOST_GROUPS_WITH_MEMBERS = GROUPS_WITH_MEMBERS + 1;

/**
 * One slice of the organization's groups by display name, with their first members where asked for.
 * @param from one-based index of the first group; undefined for the first slice
 */
export async function listGroups(
  client: WebexClient,
  context: CallContext,
  filter: GroupFilter,
  includeMembers: boolean,
  from: string | undefined,
  count: number,
): Promise<Slice<Group>> {
  const startIndex = Number(from ?? 1);
  const query: Query = {
    filter: filterExpression(filter),
    sortBy: 'displayName',
    sortOrder: 'ascending',
    includeMembers: includeMembers ? true : undefined,
    startIndex,
    count,
  };
  const answer = await client.get('/groups', query, whenHalved(context, count));
  const wires = readRecords(answer, 'groups', 'groups', context.meter, 'totalResults');
  const records = wires.map((wire) => readGroup(wire, answer.call));
  const slice = {
    records,
    next: nextIndex(answer, startIndex, records.length, 'totalResults'),
    start: startIndex,
    total: readCount(answer.body, 'totalResults'),
    call: answer.call,
  };
  const { displayName } = filter;
  return displayName === undefined ? slice : onlyFew(slice, (group) => isCalled(group, displayName));
}

/** Whether a group has this name. Webex compares names of groups without regard to case. */
export function isCalled({ displayName }: Group, name: string): boolean {
  return displayName !== undefined && canonicalName(displayName) === canonicalName(name);
}

/** One group; null when Webex does not know the id. Throws UpstreamInvalid for another group. */
export async function getGroup(
  client: WebexClient,
  context: CallContext,
  id: string,
  includeMembers: boolean,
): Promise<Group | null> {
  const query = includeMembers ? { includeMembers } : {};
  const answer = await client.get(`/groups/${encodeURIComponent(id)}`, query, context).catch(nullIfAbsent);
  return answer && withId(readGroup(answer.body, answer.call), id, answer.call);
}

/** One group has a name. More are asked for in case the filter is not applied as it should be. */
const GROUPS_PER_LOOK_UP = 10;

/** Groups of one name, and when Webex has looked by its own clock. */
export interface FoundGroups {
  readonly groups: readonly Group[];
  readonly at: Date | undefined;
}

/** The groups of exactly this name, with their first members: one, unless Webex lets several have it. */
export async function findGroups(
  client: WebexClient,
  context: CallContext,
  displayName: string,
): Promise<FoundGroups> {
  const filter = filterExpression({ displayName });
  const query = { filter, includeMembers: true, count: GROUPS_PER_LOOK_UP };
  const answer = await client.get('/groups', query, context);
  const wires = readRecords(answer, 'groups', 'groups', context.meter, 'totalResults');
  const groups = wires.map((wire) => readGroup(wire, answer.call));
  return { groups: groups.filter((group) => isCalled(group, displayName)), at: answer.at };
}

/**
 * One slice of a group's members.
 * @param from one-based index of the first member; undefined for the first slice
 */
export async function listMembers(
  client: WebexClient,
  context: CallContext,
  groupId: string,
  from: string | undefined,
  max: number,
): Promise<Slice<GroupMember>> {
  const startIndex = Number(from ?? 1);
  const count = Math.min(max, MEMBERS_PER_REQUEST);
  const answer = await client.get(
    `/groups/${encodeURIComponent(groupId)}/members`,
    { startIndex, count },
    whenHalved(context, count),
  );
  const records = readRecords(answer, 'members', 'members', context.meter, 'memberSize');
  return {
    records,
    next: nextIndex(answer, startIndex, records.length, 'memberSize'),
    start: startIndex,
    call: answer.call,
  };
}

/**
 * Where the next slice begins: behind the records that came, as Webex may send fewer than asked for. An
 * empty slice is the end, unless there is a link that says otherwise.
 */
function nextIndex(answer: RestAnswer, startIndex: number, came: number, total: string): string | undefined {
  if (came === 0) return linkedIndex(answer);
  const next = startIndex + came;
  const known = readCount(answer.body, total);
  // The total may be stale, or no more than the page's own.
  const more = answer.next !== undefined || (known !== undefined && next <= known);
  return more ? String(next) : undefined;
}

function linkedIndex({ next, call }: RestAnswer): string | undefined {
  const index = new URLSearchParams(next).get('startIndex') ?? undefined;
  if (index === undefined || isIndex(index)) return index;
  throw new UpstreamInvalid('Webex sent a link to the next page that begins nowhere.', call);
}

/** Whether a text says where a slice can begin: lists by index count from one. */
export function isIndex(text: string): boolean {
  return /^[1-9]\d{0,8}$/.test(text);
}

function filterExpression(filter: GroupFilter): string | undefined {
  if (filter.displayName !== undefined) return `displayName eq ${quote(filter.displayName)}`;
  if (filter.displayNameStartsWith !== undefined)
    return `displayName sw ${quote(filter.displayNameStartsWith)}`;
  return undefined;
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** A group as Webex sent it. Throws UpstreamInvalid for one without an id; everything else may be missing. */
export function readGroup(wire: WireObject, call: UpstreamCall): Group {
  const id = readText(wire, 'id');
  if (id === undefined) throw new UpstreamInvalid('Webex answered with a group that has no id.', call);
  const { members } = wire;
  return {
    id,
    displayName: readText(wire, 'displayName'),
    description: readText(wire, 'description'),
    memberCount: readCount(wire, 'memberSize'),
    created: readDate(wire, 'created'),
    lastModified: readDate(wire, 'lastModified'),
    // Members of whom one is odd are read by themselves.
    members: Array.isArray(members) && members.every(isIdentified) ? members : undefined,
  };
}
