import { UpstreamInvalid } from '../../../errors.ts';
import type { CallContext } from '../call.ts';
import type { WebexClient } from '../client.ts';
import { readNumber, readObjects, readRecords, readText } from '../wire.ts';

/**
 * How many people one search names. Webex states no bound on the terms of a filter; twenty keep the
 * address well under what proxies accept.
 */
export const PEOPLE_PER_SEARCH = 20;

/** A group as the SCIM side names it. */
export interface ScimGroup {
  readonly uuid: string;
  readonly displayName: string;
}

/**
 * The groups of up to twenty people in one request; the only cheap way Webex has. Takes the scope
 * identity:people_read.
 * @param organizationUuid bare UUID, as SCIM addresses want it
 * @param personUuids bare UUIDs
 * @returns the groups by person's UUID; somebody Webex does not know is missing
 */
export async function searchGroupsOfPeople(
  client: WebexClient,
  context: CallContext,
  organizationUuid: string,
  personUuids: readonly string[],
): Promise<Map<string, ScimGroup[]>> {
  const filter = personUuids.map((uuid) => `id eq "${uuid}"`).join(' or ');
  const query = { filter, returnGroups: true, count: personUuids.length };
  const { body, call } = await client.getScim(`/${organizationUuid}/v2/Users`, query, context);
  const found = readRecords(body, 'Resources', 'people', call);
  if (found.length < (readNumber(body, 'totalResults') ?? 0)) {
    throw new UpstreamInvalid('Webex sent fewer people than it found, so their groups are incomplete.', call);
  }
  return new Map(
    found.flatMap((wire) => {
      const uuid = readText(wire, 'id')?.toLowerCase();
      return uuid === undefined ? [] : [[uuid, readObjects(wire, 'groups').flatMap(readScimGroup)] as const];
    }),
  );
}

function readScimGroup(wire: Readonly<Record<string, unknown>>): ScimGroup[] {
  const uuid = readText(wire, 'value')?.toLowerCase();
  const displayName = readText(wire, 'display');
  return uuid === undefined || displayName === undefined ? [] : [{ uuid, displayName }];
}
