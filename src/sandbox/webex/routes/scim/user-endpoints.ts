import { Refusal } from '../../../http/errors.ts';
import { type Answer, json, NO_CONTENT } from '../../../http/exchange.ts';
import { readFlag, readPageSize, readStartIndex } from '../../../http/query.ts';
import type { AuthorizedCall, Endpoint } from '../../http/endpoint.ts';
import type { People, SortKey } from '../../state/people.ts';
import type { PersonRecord } from '../../state/records.ts';
import type { World } from '../../world.ts';
import { OWN, READ, WRITE } from './access.ts';
import { searchPeople } from './filter.ts';
import { inScimOrganization } from './organization.ts';
import { LIST } from './schemas.ts';
import { scimUser } from './user-view.ts';
import { createScimUser, patchScimUser, replaceScimUser } from './user-writes.ts';

const SORT_KEYS: ReadonlyMap<string, SortKey> = new Map([
  ['id', 'uuid'],
  ['username', 'email'],
  ['meta.lastmodified', 'lastModified'],
]);

/** SCIM users, outside of /v1 and by bare UUIDs. Only the search tells people's groups. */
export const scimUserEndpoints: readonly Endpoint[] = [
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
    handle: (call, world) => listUsers(call, inScimOrganization(call, world)),
  },
  {
    route: 'POST /identity/scim/:orgId/v2/Users',
    access: WRITE,
    handle: (call, world) => createScimUser(call, inScimOrganization(call, world)),
  },
  {
    route: 'GET /identity/scim/:orgId/v2/Users/:id',
    access: READ,
    handle: (call, asked) => {
      const world = inScimOrganization(call, asked);
      return json(200, scimUser(findUser(call, world), false, call.origin, world));
    },
  },
  {
    route: 'PUT /identity/scim/:orgId/v2/Users/:id',
    access: WRITE,
    handle: (call, asked) => {
      const world = inScimOrganization(call, asked);
      return replaceScimUser(findUser(call, world), call, world);
    },
  },
  {
    route: 'PATCH /identity/scim/:orgId/v2/Users/:id',
    access: WRITE,
    handle: (call, asked) => {
      const world = inScimOrganization(call, asked);
      return patchScimUser(findUser(call, world), call, world);
    },
  },
  {
    route: 'DELETE /identity/scim/:orgId/v2/Users/:id',
    access: WRITE,
    handle: (call, asked) => {
      const world = inScimOrganization(call, asked);
      world.tenant.deletePerson(findUser(call, world), world.clock.now(), world.settings.danglingMembers);
      return NO_CONTENT;
    },
  },
];

function findUser(call: AuthorizedCall, world: World): PersonRecord {
  const person = world.tenant.people.byUuid(call.params.id ?? '');
  if (person === undefined) throw new Refusal(404, 'There is no user with this id.');
  return person;
}

function listUsers(call: AuthorizedCall, world: World): Answer {
  const { settings, tenant } = world;
  const everybody = sorted(call.query, tenant.people);
  const found = searchPeople(call.query.get('filter'), everybody, tenant.people, settings.scimFilterTerms);
  const count = readPageSize(call.query, 'count', settings.scimPageDefault, settings.scimPageCeiling);
  const startIndex = readStartIndex(call.query);
  const withGroups = readFlag(call.query, 'returnGroups');
  const page = found.slice(startIndex - 1, startIndex - 1 + count);
  return json(200, {
    schemas: [LIST],
    totalResults: found.length,
    itemsPerPage: page.length,
    startIndex,
    Resources: page.map((person) => scimUser(person, withGroups, call.origin, world)),
  });
}

function sorted(query: URLSearchParams, people: People): readonly PersonRecord[] {
  const sortBy = query.get('sortBy');
  if (sortBy === null) return people.live;
  const key = SORT_KEYS.get(sortBy.toLowerCase());
  if (key === undefined) throw new Refusal(400, 'Users can be sorted by userName, id and meta.lastModified.');
  const ascending = people.sortedBy(key);
  return query.get('sortOrder')?.toLowerCase() === 'descending' ? ascending.toReversed() : ascending;
}
