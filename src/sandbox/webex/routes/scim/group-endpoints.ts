import { Refusal } from '../../../http/errors.ts';
import { type Answer, json, NO_CONTENT } from '../../../http/exchange.ts';
import { readFlag, readList, readPageSize, readStartIndex } from '../../../http/query.ts';
import type { AuthorizedCall, Endpoint } from '../../http/endpoint.ts';
import type { GroupRecord } from '../../state/records.ts';
import type { World } from '../../world.ts';
import { READ, WRITE } from './access.ts';
import { search } from './filter.ts';
import { membersOf, scimGroup, scimMember } from './group-view.ts';
import { createScimGroup, patchScimGroup, replaceScimGroup } from './group-writes.ts';
import { inScimOrganization } from './organization.ts';
import { CISCO_MEMBERS, LIST } from './schemas.ts';

/** SCIM groups, by bare UUIDs; the group of everybody is among them, and cannot be changed. */
export const scimGroupEndpoints: readonly Endpoint[] = [
  {
    route: 'GET /identity/scim/:orgId/v2/Groups',
    access: READ,
    handle: (call, world) => listGroups(call, inScimOrganization(call, world)),
  },
  {
    route: 'POST /identity/scim/:orgId/v2/Groups',
    access: WRITE,
    handle: (call, world) => createScimGroup(call, inScimOrganization(call, world)),
  },
  {
    route: 'GET /identity/scim/:orgId/v2/Groups/:id',
    access: READ,
    handle: (call, asked) => {
      const world = inScimOrganization(call, asked);
      const group = findGroup(call, world);
      const isExcluded = readList(call.query, 'excludedAttributes')?.includes('members') === true;
      const members = membersOf(group, world).slice(0, world.settings.membersCeiling);
      return json(200, scimGroup(group, isExcluded ? undefined : members, call.origin, world));
    },
  },
  {
    route: 'PUT /identity/scim/:orgId/v2/Groups/:id',
    access: WRITE,
    handle: (call, asked) => {
      const world = inScimOrganization(call, asked);
      return replaceScimGroup(findGroup(call, world), call, world);
    },
  },
  {
    route: 'PATCH /identity/scim/:orgId/v2/Groups/:id',
    access: WRITE,
    handle: (call, asked) => {
      const world = inScimOrganization(call, asked);
      return patchScimGroup(findGroup(call, world), call, world);
    },
  },
  {
    route: 'DELETE /identity/scim/:orgId/v2/Groups/:id',
    access: WRITE,
    handle: (call, asked) => {
      const world = inScimOrganization(call, asked);
      const group = findGroup(call, world);
      if (group === world.tenant.allOrgUsers)
        throw new Refusal(403, 'The group of everybody cannot be deleted.');
      world.tenant.groups.remove(group);
      return NO_CONTENT;
    },
  },
  {
    route: 'GET /identity/scim/:orgId/v2/Groups/:id/Members',
    access: READ,
    handle: (call, world) => listMembers(call, inScimOrganization(call, world)),
  },
];

function findGroup(call: AuthorizedCall, { tenant }: World): GroupRecord {
  const uuid = (call.params.id ?? '').toLowerCase();
  const group = uuid === tenant.allOrgUsers.uuid ? tenant.allOrgUsers : tenant.groups.byUuid(uuid);
  if (group === undefined) throw new Refusal(404, 'There is no group with this id.');
  return group;
}

const SORTED = { id: 'id', displayname: 'displayName', 'meta.lastmodified': 'created' } as const;

function listGroups(call: AuthorizedCall, world: World): Answer {
  const { query } = call;
  const { settings, tenant } = world;
  const sortBy = (query.get('sortBy') ?? 'meta.lastModified').toLowerCase();
  if (!isSortKey(sortBy))
    throw new Refusal(400, 'Groups can be sorted by displayName, id and meta.lastModified.');
  const ascending = [...tenant.groups.sortedBy(SORTED[sortBy]), tenant.allOrgUsers];
  const all = query.get('sortOrder')?.toLowerCase() === 'descending' ? ascending.toReversed() : ascending;
  const found = search(query.get('filter'), all, FILTERS, settings.scimFilterTerms);
  const count = readPageSize(query, 'count', settings.scimPageDefault, settings.scimPageCeiling);
  const startIndex = readStartIndex(query);
  const withMembers = readFlag(query, 'includeMembers');
  const page = found.slice(startIndex - 1, startIndex - 1 + count);
  return json(200, {
    schemas: [LIST],
    totalResults: found.length,
    itemsPerPage: page.length,
    startIndex,
    Resources: page.map((group) => {
      const members = withMembers ? membersOf(group, world).slice(0, settings.membersCeiling) : undefined;
      return scimGroup(group, members, call.origin, world);
    }),
  });
}

const FILTERS = {
  id: { operators: ['eq'], read: (group: GroupRecord) => [group.uuid] },
  displayname: { operators: ['eq', 'sw', 'ew'], read: (group: GroupRecord) => [group.displayName] },
} as const;

function isSortKey(text: string): text is keyof typeof SORTED {
  return Object.hasOwn(SORTED, text);
}

function listMembers(call: AuthorizedCall, world: World): Answer {
  const { membersCeiling } = world.settings;
  const group = findGroup(call, world);
  const all = membersOf(group, world);
  const count = readPageSize(call.query, 'count', membersCeiling, membersCeiling);
  const startIndex = readStartIndex(call.query);
  const members = all.slice(startIndex - 1, startIndex - 1 + count);
  return json(200, {
    schemas: [CISCO_MEMBERS],
    memberSize: all.length,
    displayName: group.displayName,
    itemsPerPage: members.length,
    startIndex,
    members: members.map((uuid) => scimMember(uuid, world)),
  });
}
