import type { UpstreamCall } from '../../errors.ts';
import { UpstreamInvalid } from '../../errors.ts';
import type { CallContext, Query, WebexClient } from './client.ts';
import { isUnknownId } from './failures.ts';

import { whenHalved } from './page-size.ts';
import { BASIC_PARTS, type Person, type PersonParts, type PostalAddress } from './records.ts';
import { LARGEST_PAGE, type Slice } from './slices.ts';
import { readBoolean, readDate, readObjects, readText, readTexts, type WireObject } from './wire.ts';

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
  const query: Query = {
    // What the link lost is put back: links to the next page have been seen to drop parameters.
    ...Object.fromEntries(new URLSearchParams(from)),
    email: filter.email,
    displayName: filter.displayName,
    roles: filter.roleId,
    locationId: filter.locationId,
    max,
    excludeStatus: needs.presence ? undefined : true,
    callingData: needs.calling ? true : undefined,
  };
  const { body, next, call } = await client.get('/people', query, whenHalved(context, max));
  const parts = { admin: true, presence: needs.presence, calling: needs.calling };
  return { records: readPeople(body, parts, call), next, call };
}

/**
 * People by id, at most 85 of them, with their basic parts only: Webex leaves licenses, roles and
 * presence out of this answer. Ids that it does not know are just missing from the result.
 */
export async function getPeopleByIds(
  client: WebexClient,
  context: CallContext,
  ids: readonly string[],
): Promise<Person[]> {
  const { body, call } = await client.get(
    '/people',
    { id: ids.join(','), excludeStatus: true, max: ids.length },
    context,
  );
  return readPeople(body, BASIC_PARTS, call);
}

/** One person with all that an administrator sees; null when Webex does not know the id. */
export async function getPerson(
  client: WebexClient,
  context: CallContext,
  id: string,
  needs: PersonParts,
): Promise<Person | null> {
  try {
    const query = needs.calling ? { callingData: true } : {};
    const { body, call } = await client.get(`/people/${encodeURIComponent(id)}`, query, context);
    return readPerson(body, { admin: true, presence: true, calling: needs.calling }, call);
  } catch (error) {
    if (isUnknownId(error)) return null;
    throw error;
  }
}

/** Whoever the token belongs to. */
export async function getMe(client: WebexClient, context: CallContext): Promise<Person> {
  const { body, call } = await client.get('/people/me', {}, context);
  return readPerson(body, { admin: true, presence: true, calling: false }, call);
}

function readPeople(body: WireObject, parts: PersonParts, call: UpstreamCall): Person[] {
  if (!Array.isArray(body.items))
    throw new UpstreamInvalid('Webex answered with a list of people that has no items.', call);
  const items = readObjects(body, 'items');
  if (items.length !== body.items.length) {
    throw new UpstreamInvalid('Webex answered with a list of people in which some are not objects.', call);
  }
  return items.map((item) => readPerson(item, parts, call));
}

function readPerson(wire: WireObject, parts: PersonParts, call: UpstreamCall): Person {
  const id = readText(wire, 'id');
  const created = readDate(wire, 'created');
  if (id === undefined || created === undefined) {
    throw new UpstreamInvalid('Webex answered with a person that has no id or no creation date.', call);
  }
  return {
    parts,
    id,
    created,
    organizationId: readText(wire, 'orgId'),
    emails: readTexts(wire, 'emails'),
    displayName: readText(wire, 'displayName'),
    firstName: readText(wire, 'firstName'),
    lastName: readText(wire, 'lastName'),
    nickName: readText(wire, 'nickName'),
    avatar: readText(wire, 'avatar'),
    type: readText(wire, 'type') ?? 'person',
    lastModified: readDate(wire, 'lastModified'),
    title: readText(wire, 'title'),
    department: readText(wire, 'department'),
    managerId: readText(wire, 'managerId'),
    phoneNumbers: readTypedValues(wire, 'phoneNumbers'),
    extension: readText(wire, 'extension'),
    locationId: readText(wire, 'locationId'),
    addresses: readObjects(wire, 'addresses').map(readAddress),
    timezone: readText(wire, 'timezone'),
    status: readText(wire, 'status'),
    lastActivity: readDate(wire, 'lastActivity'),
    invitePending: readBoolean(wire, 'invitePending') ?? false,
    loginEnabled: readBoolean(wire, 'loginEnabled') ?? true,
    siteUrls: readTexts(wire, 'siteUrls'),
    sipAddresses: readTypedValues(wire, 'sipAddresses'),
    licenseIds: readTexts(wire, 'licenses'),
    roleIds: readTexts(wire, 'roles'),
  };
}

function readTypedValues(
  wire: WireObject,
  field: string,
): { type: string; value: string; primary: boolean }[] {
  return readObjects(wire, field).flatMap((item) => {
    const value = readText(item, 'value');
    if (value === undefined) return [];
    return [
      { type: readText(item, 'type') ?? 'unknown', value, primary: readBoolean(item, 'primary') ?? false },
    ];
  });
}

function readAddress(wire: WireObject): PostalAddress {
  return {
    type: readText(wire, 'type'),
    country: readText(wire, 'country'),
    locality: readText(wire, 'locality'),
    region: readText(wire, 'region'),
    streetAddress: readText(wire, 'streetAddress'),
    postalCode: readText(wire, 'postalCode'),
  };
}
