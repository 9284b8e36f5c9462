import { Refusal } from '../../http/errors.ts';
import { type Answer, json, NO_CONTENT } from '../../http/exchange.ts';
import { readFlag } from '../../http/query.ts';
import { isAdministrator } from '../http/authorize-call.ts';
import type { AuthorizedCall, Endpoint } from '../http/endpoint.ts';
import { isUuid, personUuid } from '../ids.ts';
import type { PersonRecord } from '../state/records.ts';
import type { World } from '../world.ts';
import { listPeople } from './people-list.ts';
import { createPerson, replacePerson } from './people-writes.ts';
import { type PersonDetail, personView } from './person-view.ts';

const READ = { scopes: ['spark-admin:people_read', 'spark:people_read'] };
const WRITE = { scopes: ['spark-admin:people_write'], rights: 'write' } as const;

/** People. Creating answers 200, not 201; a deleted person stays in other people's managerId. */
export const peopleEndpoints: readonly Endpoint[] = [
  { route: 'GET /people', access: READ, handle: listPeople },
  {
    route: 'GET /people/me',
    access: READ,
    handle: (call, world) => {
      const { person } = call.caller;
      if (person === undefined)
        throw new Refusal(404, 'This token belongs to a service app, not to a person.');
      return showPerson(person, call, world);
    },
  },
  {
    route: 'GET /people/:id',
    access: READ,
    handle: (call, world) => showPerson(findPerson(call.params.id ?? '', world, true), call, world),
  },
  { route: 'POST /people', access: WRITE, handle: createPerson },
  {
    route: 'PUT /people/:id',
    access: WRITE,
    handle: (call, world) => {
      const person = findPerson(call.params.id ?? '', world, world.settings.rawUuidsEverywhere);
      return replacePerson(person, call, world);
    },
  },
  {
    route: 'DELETE /people/:id',
    access: WRITE,
    handle: (call, world) => {
      const person = findPerson(call.params.id ?? '', world, world.settings.rawUuidsEverywhere);
      world.tenant.deletePerson(person, world.clock.now(), world.settings.danglingMembers);
      return NO_CONTENT;
    },
  },
];

/**
 * The person with a public id, or with a bare UUID where those are taken.
 * Throws a 400 Refusal for an id that is not a person's, 404 for one that is unknown.
 */
export function findPerson(id: string, world: World, takesUuid: boolean): PersonRecord {
  const uuid = takesUuid && isUuid(id) ? id : personUuid(id);
  if (uuid === undefined) throw new Refusal(400, 'The id is not the id of a person.');
  const person = world.tenant.people.byUuid(uuid);
  if (person === undefined) throw new Refusal(404, 'There is no person with this id.');
  return person;
}

function showPerson(person: PersonRecord, call: AuthorizedCall, world: World): Answer {
  const isAdmin = isAdministrator(call.caller);
  const detail: PersonDetail = {
    tier: isAdmin ? 'admin' : 'own',
    calling: isAdmin && readFlag(call.query, 'callingData'),
    presence: true,
  };
  return json(200, personView(person, detail, world));
}
