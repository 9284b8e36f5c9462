import type { CallContext, Query, RestAnswer } from '../../rest/call-context.ts';
import { readRecords, readTexts } from '../../rest/json.ts';
import { whenHalved } from '../../rest/page-size.ts';
import { LARGEST_PAGE, type Slice } from '../../rest/slices.ts';
import { hasEmail, onlyAsked, onlyFew, withId } from '../asked-for.ts';
import type { WebexClient } from '../client.ts';
import { nullIfAbsent } from '../failures.ts';
import { canonicalId } from '../ids.ts';
import { BASIC_PARTS, type PersonParts } from '../records.ts';
import { Person } from './person.ts';

/** What `GET /people` can filter by. Webex does not say what several at once mean, so give one. */
export interface PeopleFilter {
  readonly email?: string | undefined;
  /** The beginning of the display name. */
  readonly displayName?: string | undefined;
  readonly roleId?: string | undefined;
  readonly locationId?: string | undefined;
}

/** `GET /people?id=` takes no more ids than this. Source: Webex's reference of the operation. */
export const IDS_PER_REQUEST = 85;

/**
 * How many people Webex sends at once, at most: with calling data a hundred, of one location fifty, and
 * else as many as are asked for. Source: its reference of the operation; for the last no bound is stated.
 */
export function mostPeopleAtOnce(filter: PeopleFilter, needs: PersonParts): number {
  if (filter.locationId !== undefined) return 50;
  return needs.calling ? 100 : LARGEST_PAGE;
}

/**
 * One slice of the organization's people. An administrator's list holds everything but calling data;
 * presence is left out unless asked for, because it makes the list slow.
 * @param from query of the link that led here; undefined for the first slice
 */
export async function listPeople(
  client: WebexClient,
  context: CallContext,
  filter: PeopleFilter,
  needs: PersonParts,
  from: string | undefined,
  max: number,
): Promise<Slice<Person>> {
  // Only with calling data does Webex show the location, by which the people of a location are told.
  const calling = needs.calling || filter.locationId !== undefined;
  const query: Query = {
    // What the link lost is put back: links to the next page have been seen to drop parameters.
    ...Object.fromEntries(new URLSearchParams(from)),
    email: filter.email,
    displayName: filter.displayName,
    roles: filter.roleId,
    locationId: filter.locationId,
    max,
    excludeStatus: needs.presence ? undefined : true,
    callingData: calling ? true : undefined,
  };
  const answer = await client.get('/people', query, whenHalved(context, max));
  const parts = { basic: true, admin: true, presence: needs.presence, calling };
  const slice = { records: readPeople(answer, parts, context), next: answer.next, call: answer.call };
  const { email } = filter;
  if (email !== undefined) return onlyFew(slice, (person) => hasEmail(person, email));
  return onlyAsked(slice, (person) => isOfFilter(person, filter));
}

/** Whether a person has the role, or is in the location, that a filter names. */
function isOfFilter(person: Person, { roleId, locationId }: PeopleFilter): boolean {
  const isSame = (id: string, wanted: string) => canonicalId(id) === canonicalId(wanted);
  const hasRole = roleId === undefined || person.roleIds.some((id) => isSame(id, roleId));
  return hasRole && (locationId === undefined || isSame(person.locationId ?? '', locationId));
}

/** What came of a request for people by id; an id may be in neither. */
export interface PeopleById {
  readonly found: readonly Person[];
  /** Ids that Webex says it does not know. */
  readonly unknown: readonly string[];
}

/**
 * People by id, at most 85 of them, with their basic parts only, and no others: Webex leaves licenses, roles and
 * presence out of this answer.
 */
export async function getPeopleByIds(
  client: WebexClient,
  context: CallContext,
  ids: readonly string[],
): Promise<PeopleById> {
  const query = { id: ids.join(','), excludeStatus: true, max: ids.length };
  const answer = await client.get('/people', query, context);
  const unknown = readTexts(answer.body, 'notFoundIds');
  // No person is left to be listed.
  if (answer.body.items == null && unknown.length >= ids.length) return { found: [], unknown };
  const asked = new Set(ids.map(canonicalId));
  const found = readPeople(answer, BASIC_PARTS, context).filter(({ id }) => asked.has(canonicalId(id)));
  return { found, unknown };
}

/**
 * One person with all that an administrator sees; null if Webex does not know the id. Throws UpstreamRejected for a 400,
 * which does not say that there is no such person, and UpstreamInvalid for another person.
 */
export async function getPerson(
  client: WebexClient,
  context: CallContext,
  id: string,
  needs: PersonParts,
): Promise<Person | null> {
  const query = needs.calling ? { callingData: true } : {};
  const answer = await client.get(`/people/${encodeURIComponent(id)}`, query, context).catch(nullIfAbsent);
  const parts = { basic: true, admin: true, presence: true, calling: needs.calling };
  return answer && withId(Person.read(answer.body, parts, answer.call), id, answer.call);
}

/** The person the token belongs to. */
export async function getMe(client: WebexClient, context: CallContext): Promise<Person> {
  const { body, call } = await client.get('/people/me', {}, context);
  return Person.read(body, { basic: true, admin: true, presence: true, calling: false }, call);
}

function readPeople(answer: RestAnswer, parts: PersonParts, { meter }: CallContext): Person[] {
  return readRecords(answer, 'items', 'people', meter).map((item) => Person.read(item, parts, answer.call));
}
