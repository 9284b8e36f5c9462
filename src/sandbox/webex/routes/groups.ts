import { Refusal } from '../../http/errors.ts';
import { type Answer, json, NO_CONTENT } from '../../http/exchange.ts';
import { indexLink, readFlag, readList, readPageSize, readStartIndex } from '../../http/query.ts';
import type { AuthorizedCall, Endpoint } from '../http/endpoint.ts';
import { groupUuid } from '../ids.ts';
import type { GroupRecord } from '../state/records.ts';
import type { World } from '../world.ts';
import { groupView } from './group-view.ts';
import { createGroup, patchGroup } from './group-writes.ts';

const READ = { scopes: ['identity:groups_read', 'identity:groups_rw'], rights: 'read' } as const;
const WRITE = { scopes: ['identity:groups_rw'], rights: 'write' } as const;

/** Groups. Creating answers 201; the list's key is `groups`; a PATCH deletes members by `delete`, not `remove`. */
export const groupEndpoints: readonly Endpoint[] = [
  { route: 'GET /groups', access: READ, handle: listGroups },
  { route: 'POST /groups', access: WRITE, handle: createGroup },
  {
    route: 'GET /groups/:id',
    access: READ,
    handle: (call, world) => {
      const group = findGroup(call, world);
      const isShown = readFlag(call.query, 'includeMembers');
      return json(200, groupView(group, isShown ? firstMembers(group, world) : undefined, world));
    },
  },
  {
    route: 'PATCH /groups/:id',
    access: WRITE,
    handle: (call, world) => patchGroup(findGroup(call, world), call, world),
  },
  {
    route: 'DELETE /groups/:id',
    access: WRITE,
    handle: (call, world) => {
      world.tenant.groups.remove(findGroup(call, world));
      return NO_CONTENT;
    },
  },
  { route: 'GET /groups/:id/members', access: READ, handle: listMembers },
];

/** As many members as `includeMembers` shows at most. */
function firstMembers(group: GroupRecord, world: World): readonly string[] {
  return world.tenant.groups.membersOf(group).slice(0, world.settings.membersCeiling);
}

function findGroup(call: AuthorizedCall, world: World): GroupRecord {
  const uuid = groupUuid(call.params.id ?? '');
  if (uuid === undefined) throw new Refusal(400, 'The id is not the id of a group.');
  const group = world.tenant.groups.byUuid(uuid);
  if (group === undefined) throw new Refusal(404, 'There is no group with this id.');
  return group;
}

function listGroups(call: AuthorizedCall, world: World): Answer {
  const { settings } = world;
  const { query } = call;
  const fitting = select(query, world);
  const count = readPageSize(query, 'count', settings.groupsPageDefault, settings.groupsPageCeiling);
  const startIndex = readStartIndex(query);
  const from = startIndex === 1 ? 0 : Math.max(0, startIndex - 1 - settings.groupsPageOverlap);
  const shown = fitting.slice(from, from + count);
  const groups = withMembers(shown, readFlag(query, 'includeMembers'), world).map((view) =>
    pick(view, query),
  );
  const body = { totalResults: fitting.length, startIndex, itemsPerPage: groups.length, groups };
  return paged(body, call, world, startIndex, count, fitting.length);
}

function select(query: URLSearchParams, world: World): readonly GroupRecord[] {
  const sortBy = query.get('sortBy') ?? 'created';
  if (sortBy !== 'created' && sortBy !== 'id' && sortBy !== 'displayName') {
    throw new Refusal(400, 'Groups can be sorted by id and displayName.');
  }
  const sorted = world.tenant.groups.sortedBy(sortBy);
  const ordered = query.get('sortOrder') === 'descending' ? sorted.toReversed() : sorted;
  const filter = query.get('filter');
  return filter === null ? ordered : ordered.filter(filterOf(filter));
}

/** Groups can be filtered by `displayName eq "…"` and `displayName sw "…"`, and by nothing else. */
function filterOf(filter: string): (group: GroupRecord) => boolean {
  const [, operator, quoted] = /^\s*displayName\s+(eq|sw)\s+"((?:[^"\\]|\\.)*)"\s*$/i.exec(filter) ?? [];
  if (operator === undefined || quoted === undefined) {
    throw new Refusal(400, 'The filter must be displayName eq or sw, with the value in double quotes.');
  }
  const value = quoted.replace(/\\(.)/g, '$1').toLowerCase();
  if (operator.toLowerCase() === 'eq') return (group) => group.displayName.toLowerCase() === value;
  return (group) => group.displayName.toLowerCase().startsWith(value);
}

function withMembers(groups: readonly GroupRecord[], isShown: boolean, world: World) {
  if (!isShown) return groups.map((group) => groupView(group, undefined, world));
  const isShared = world.settings.membersCeilingPer === 'response';
  let left = world.settings.membersCeiling;
  return groups.map((group) => {
    const members = firstMembers(group, world).slice(0, isShared ? left : undefined);
    left -= members.length;
    return groupView(group, members, world);
  });
}

function pick(view: ReturnType<typeof groupView>, query: URLSearchParams): object {
  const attributes = readList(query, 'attributes');
  if (attributes === undefined) return view;
  return Object.fromEntries(
    Object.entries(view).filter(([name]) => name === 'id' || attributes.includes(name)),
  );
}

function listMembers(call: AuthorizedCall, world: World): Answer {
  const group = findGroup(call, world);
  const { membersCeiling } = world.settings;
  const count = readPageSize(call.query, 'count', membersCeiling, membersCeiling);
  const startIndex = readStartIndex(call.query);
  const all = world.tenant.groups.membersOf(group);
  const members = all.slice(startIndex - 1, startIndex - 1 + count);
  const body = { ...groupView(group, members, world), startIndex, itemsPerPage: members.length };
  return paged(body, call, world, startIndex, count, all.length);
}

function paged(
  body: object,
  call: AuthorizedCall,
  world: World,
  startIndex: number,
  count: number,
  total: number,
): Answer {
  const hasNext = world.settings.groupLinks && startIndex - 1 + count < total;
  return json(200, body, {
    links: world.settings.extraLinks ? [`<${indexLink(call, 1, count)}>; rel="first"`] : [],
    ...(hasNext && { next: indexLink(call, startIndex + count, count) }),
  });
}
