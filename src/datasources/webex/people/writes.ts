import type { UpstreamCall } from '../../../errors/upstream.ts';
import type { CallContext } from '../../rest/call-context.ts';
import { readRecords, type WireObject } from '../../rest/json.ts';
import { hasEmail } from '../asked-for.ts';
import type { WebexClient } from '../client.ts';
import { isSameId } from '../ids.ts';
import type { PersonParts } from '../records.ts';
import { creationBody, type PersonChanges, replacementBody } from './body.ts';
import { Person } from './person.ts';

/** What Webex answered to a change of a person. */
export interface WrittenPerson {
  /** The person as the answer shows them; undefined if it shows none, or another person. */
  readonly person: Person | undefined;
  readonly call: UpstreamCall;
}

const WHOLE: PersonParts = { basic: true, admin: true, presence: true, calling: true };

/**
 * Creates a person: with a calling license, a location and a number in one request. Webex grants what it
 * can of the licenses and says nothing of the rest, and may have created the user although it answers 400.
 * Source: its reference of `POST /people`.
 * @param calling whether the person gets a calling license
 */
export async function createPerson(
  client: WebexClient,
  context: CallContext,
  changes: PersonChanges,
  calling: boolean,
): Promise<WrittenPerson> {
  const { body, call } = await client.write(
    'POST',
    '/people',
    { callingData: calling || undefined },
    creationBody(changes),
    context,
    ['licenses', 'groups'],
  );
  const shown = personOf(body, call);
  const [email = ''] = changes.emails ?? [];
  return { person: shown && hasEmail(shown, email) ? shown : undefined, call };
}

/**
 * Replaces a person by what they are and the changes. Answers 204 without a body in some cases.
 * Source: Webex's reference of `PUT /people/{personId}`.
 * @param calling whether the person has a calling license afterwards: without one Webex refuses calling data
 */
export async function replacePerson(
  client: WebexClient,
  context: CallContext,
  person: Person,
  changes: PersonChanges,
  calling: boolean,
): Promise<WrittenPerson> {
  const endsAttending = person.siteUrls.some(
    (url) => url.endsWith('#attendee') && changes.siteUrls?.includes(url) === false,
  );
  const query = { callingData: calling || undefined, showAllTypes: endsAttending || undefined };
  const path = `/people/${encodeURIComponent(person.id)}`;
  const { body, call } = await client.write(
    'PUT',
    path,
    query,
    replacementBody(person.wire, changes),
    context,
    mayChangeSeats(changes) ? ['licenses'] : [],
  );
  const shown = personOf(body, call);
  return { person: shown && isSameId(shown.id, person.id) ? shown : undefined, call };
}

/** Whether licenses may have more or fewer free seats afterwards. Memberships of groups are no part of a person. */
function mayChangeSeats({ licenses, siteUrls, loginEnabled }: PersonChanges): boolean {
  return licenses !== undefined || siteUrls !== undefined || loginEnabled !== undefined;
}

/** Deletes a person. Throws UpstreamNotFound if they do not exist. */
export async function deletePerson(
  client: WebexClient,
  context: CallContext,
  id: string,
): Promise<UpstreamCall> {
  return (
    await client.write('DELETE', `/people/${encodeURIComponent(id)}`, {}, undefined, context, [
      'licenses',
      'groups',
    ])
  ).call;
}

/** One person has an address. More are asked for in case the filter is not applied as it should be. */
export const PEOPLE_PER_LOOK_UP = 10;

/** The person with an address, and when Webex answered, by its own clock. */
export interface FoundByEmail {
  readonly person: Person | undefined;
  readonly at: Date | undefined;
}

/** The person with this address. Lists are enriched for administrators, but hold no calling data. */
export async function findPersonByEmail(
  client: WebexClient,
  context: CallContext,
  email: string,
): Promise<FoundByEmail> {
  const query = { email, max: PEOPLE_PER_LOOK_UP, excludeStatus: true };
  const { body, call, at } = await client.get('/people', query, context);
  const wires = readRecords({ body, call }, 'items', 'people', context.meter);
  const parts = { basic: true, admin: true, presence: false, calling: false };
  const people = wires.map((wire) => Person.read(wire, parts, call));
  return { person: people.find((person) => hasEmail(person, email)), at };
}

/**
 * The person in an answer; with `minResponse` Webex answers with an id and nothing else. A person with a
 * calling license is read with calling data; a person without one has no such data.
 */
function personOf(body: WireObject | undefined, call: UpstreamCall): Person | undefined {
  return body?.created === undefined ? undefined : Person.read(body, WHOLE, call);
}
