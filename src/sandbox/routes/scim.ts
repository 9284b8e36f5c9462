import type { Access, Endpoint } from '../http/endpoint.ts';
import { Refusal } from '../http/errors.ts';
import { type AuthorizedCall, json } from '../http/exchange.ts';
import { readFlag, readPageSize, readStartIndex } from '../http/query.ts';
import type { People, SortKey } from '../state/people.ts';
import type { PersonRecord } from '../state/records.ts';
import type { World } from '../world.ts';
import { searchPeople } from './scim-filter.ts';
import { scimUser } from './scim-view.ts';

const READ = { scopes: ['identity:people_read', 'identity:people_rw'], rights: 'read' } as const;
const OWN: Access = { scopes: READ.scopes };

const SORT_KEYS: Readonly<Record<string, SortKey>> = {
  id: 'uuid',
  username: 'email',
  'meta.lastmodified': 'lastModified',
};

/** SCIM users, outside of /v1 and by bare UUIDs. Only the search tells people's groups. */
export const scimEndpoints: readonly Endpoint[] = [
  {
    route: 'GET /identity/scim/v2/Users/me',
    access: OWN,
    handle: (call, world) => {
      const { person } = call.caller;
      if (person === undefined)
        throw new Refusal(404, 'This token belongs to a service app, not to a person.');
      return json(200, scimUser(person, false, call.origin, world));
    },
  },
  {
    route: 'GET /identity/scim/:orgId/v2/Users',
    access: READ,
    handle: (call, world) => search(call, inScimOrganization(call, world)),
  },
  {
    route: 'GET /identity/scim/:orgId/v2/Users/:id',
    access: READ,
    handle: (call, asked) => {
      const world = inScimOrganization(call, asked);
      const person = world.tenant.people.byUuid(call.params.id ?? '');
      if (person === undefined) throw new Refusal(404, 'There is no user with this id.');
      return json(200, scimUser(person, false, call.origin, world));
    },
  },
];

function search(call: AuthorizedCall, world: World) {
  const { settings, tenant } = world;
  const everybody = sorted(call.query, tenant.people);
  const found = searchPeople(call.query.get('filter'), everybody, tenant.people, settings.scimFilterTerms);
  const count = readPageSize(call.query, 'count', settings.scimPageDefault, settings.scimPageCeiling);
  const startIndex = readStartIndex(call.query);
  const withGroups = readFlag(call.query, 'returnGroups');
  const page = found.slice(startIndex - 1, startIndex - 1 + count);
  return json(200, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: found.length,
    itemsPerPage: page.length,
    startIndex,
    Resources: page.map((person) => scimUser(person, withGroups, call.origin, world)),
  });
}

function sorted(query: URLSearchParams, people: People): readonly PersonRecord[] {
  const sortBy = query.get('sortBy');
  if (sortBy === null) return people.live;
  const key = SORT_KEYS[sortBy.toLowerCase()];
  if (key === undefined) throw new Refusal(400, 'Users can be sorted by userName, id and meta.lastModified.');
  const ascending = people.sortedBy(key);
  return query.get('sortOrder')?.toLowerCase() === 'descending' ? ascending.toReversed() : ascending;
}

/** The world as seen from the organization that a SCIM path names. Throws a 404 Refusal for an unknown one. */
function inScimOrganization(call: AuthorizedCall, world: World): World {
  const named = call.params.orgId ?? '';
  const takesPublicId = world.settings.scimTakesPublicOrgId;
  const tenant = call.caller.reach.find(
    ({ organization: { id, uuid } }) => named.toLowerCase() === uuid || (takesPublicId && named === id),
  );
  if (tenant === undefined) throw new Refusal(404, 'There is no organization with this id.');
  return { ...world, tenant };
}
