import { Refusal } from '../../http/errors.ts';
import { type Answer, json } from '../../http/exchange.ts';
import { decodeCursor, encodeCursor, readFlag, readList, readPageSize } from '../../http/query.ts';
import { isAdministrator } from '../http/authorize-call.ts';
import type { AuthorizedCall } from '../http/endpoint.ts';
import { cursorLink } from '../http/links.ts';
import { isUuid, personUuid } from '../ids.ts';
import type { PersonRecord } from '../state/records.ts';
import type { Tenant } from '../state/tenant.ts';
import type { World } from '../world.ts';
import { type PersonDetail, personView } from './person-view.ts';

/** GET /people: by id, by email, or the organization in pages that a cursor leads through. */
export function listPeople(call: AuthorizedCall, world: World): Answer {
  const { query } = call;
  const isAdmin = isAdministrator(call.caller);
  const ids = readList(query, 'id');
  if (!isAdmin && ids === undefined && !query.get('email') && !query.get('displayName')) {
    throw new Refusal(400, 'Without an administrator role a list takes email, displayName or id.');
  }
  const calling = isAdmin && readFlag(query, 'callingData');
  const presence = !readFlag(query, 'excludeStatus');
  if (ids !== undefined) return peopleById(ids, world);
  const detail: PersonDetail = { tier: isAdmin ? 'admin' : 'own', calling, presence };
  return page(call, { ...world, tenant: searchedOrganization(call, world) }, detail);
}

/** Webex looks for an address in the organizations that a partner manages, too, if the query names none. */
function searchedOrganization({ caller, query }: AuthorizedCall, { settings, tenant }: World): Tenant {
  const email = query.get('email');
  if (email === null || query.has('orgId') || !settings.emailFindsManaged) return tenant;
  return caller.reach.find(({ people }) => people.byEmail(email) !== undefined) ?? tenant;
}

/** Answers without licenses, roles and presence: Webex gives those for single people and plain lists only. */
function peopleById(ids: readonly string[], world: World): Answer {
  const { settings, tenant } = world;
  if (ids.length > settings.idsCeiling) {
    throw new Refusal(400, `The parameter id takes at most ${settings.idsCeiling} ids.`);
  }
  const found: PersonRecord[] = [];
  const notFoundIds: string[] = [];
  for (const id of settings.duplicateIdsAnsweredTwice ? ids : new Set(ids)) {
    const uuid = settings.rawUuidsEverywhere && isUuid(id) ? id : personUuid(id);
    if (uuid === undefined && settings.malformedIds === 'refuse') {
      throw new Refusal(400, 'One of the ids is not the id of a person.');
    }
    const person = uuid === undefined ? undefined : tenant.people.byUuid(uuid);
    if (person === undefined) notFoundIds.push(id);
    else found.push(person);
  }
  const detail: PersonDetail = { tier: 'id', calling: false, presence: false };
  const items = found.map((person) => personView(person, detail, world));
  return json(200, { items, notFoundIds: notFoundIds.length === 0 ? undefined : notFoundIds });
}

function page(call: AuthorizedCall, world: World, detail: PersonDetail): Answer {
  const { query } = call;
  const { settings } = world;
  const size = pageSize(query, world, detail);
  const position = decodeCursor(query.get('after'));
  const { people, more } = select(query, world, position, size);
  const items = people.map((person) => personView(person, detail, world));
  const last = people.at(-1);
  const links = settings.extraLinks ? extraLinks(call, size, position) : [];
  return json(
    200,
    { items },
    {
      links,
      ...(more && last !== undefined && { next: cursorLink(call, size, last.position, settings) }),
    },
  );
}

function pageSize(query: URLSearchParams, world: World, detail: PersonDetail): number {
  const { settings } = world;
  const ceiling = Math.min(
    settings.peoplePageCeiling,
    detail.calling ? settings.callingPageCeiling : Number.POSITIVE_INFINITY,
    query.has('locationId') ? settings.locationPageCeiling : Number.POSITIVE_INFINITY,
  );
  const size = readPageSize(query, 'max', settings.peoplePageDefault, ceiling);
  if (detail.calling && size > settings.callingPageTimesOutAbove) {
    throw new Refusal(504, 'Calling data took too long; ask for fewer people at once.');
  }
  return size;
}

/** The people of a page, and whether more come after. */
function select(query: URLSearchParams, world: World, position: number, size: number) {
  const { people } = world.tenant;
  const email = query.get('email');
  const hidden = people.unlisted(world.clock.now(), true);
  const hides = hidden.size > 0 && (email === null || world.settings.listLagHidesEmail);
  const fits = filterOf(query, world);
  const visible = hides ? (person: PersonRecord) => !hidden.has(person) && fits(person) : fits;
  if (email === null) return people.after(position, size, visible);
  const person = people.byEmail(email);
  const isFound = person !== undefined && person.position > position && visible(person);
  return { people: isFound ? [person] : [], more: false };
}

function filterOf(query: URLSearchParams, world: World): (person: PersonRecord) => boolean {
  const name = query.get('displayName')?.toLowerCase();
  const locationId = query.get('locationId');
  const roles = readList(query, 'roles')?.map((id) => world.tenant.roles.byId(id));
  return (person) => {
    if (name !== undefined && !person.displayName.toLowerCase().startsWith(name)) return false;
    if (locationId !== null && person.locationId !== locationId) return false;
    if (roles === undefined) return true;
    const holds = (role: (typeof roles)[number]) => role !== undefined && person.roles.has(role);
    return world.settings.rolesFilter === 'any' ? roles.some(holds) : roles.every(holds);
  };
}

function extraLinks(call: AuthorizedCall, size: number, position: number): string[] {
  const query = new URLSearchParams(call.query);
  query.set('max', String(size));
  query.delete('after');
  const address = (suffix: string) => `${call.origin}${call.path}?${query}${suffix}`;
  const first = `<${address('')}>; rel="first"`;
  return position < 0
    ? [first]
    : [first, `<${address(`&before=${encodeCursor(position)}&after`)}>; rel="prev"`];
}
