import { UpstreamInvalid } from '../../../errors/upstream.ts';
import type { CallContext } from '../../rest/call-context.ts';
import { readCount, readObjects, readRecords, readText } from '../../rest/json.ts';
import type { WebexClient } from '../client.ts';

/**
 * How many people one search names. Webex states no bound on the terms of a filter; twenty keep the
 * address well under what proxies accept.
 */
export const PEOPLE_PER_SEARCH = 20;

/** A group as the SCIM side names it. */
export interface ScimGroup {
  readonly uuid: string;
  readonly displayName: string | undefined;
}

/**
 * The groups of up to twenty people in one request; the only cheap way Webex has. Takes the scope
 * identity:people_read.
 * @param organizationUuid bare UUID, as SCIM addresses want it
 * @param personUuids bare UUIDs
 * @returns the groups by person's UUID; a person that Webex does not know is missing
 */
export async function searchGroupsOfPeople(
  client: WebexClient,
  context: CallContext,
  organizationUuid: string,
  personUuids: readonly string[],
): Promise<Map<string, ScimGroup[]>> {
  const filter = personUuids.map((uuid) => `id eq "${uuid}"`).join(' or ');
  const query = { filter, returnGroups: true, count: personUuids.length };
  const answer = await client.getScim(`/${organizationUuid}/v2/Users`, query, context);
  const found = readRecords(answer, 'Resources', 'people', context.meter, 'totalResults');
  if (found.length < (readCount(answer.body, 'totalResults') ?? 0)) {
    throw new UpstreamInvalid(
      'Webex sent fewer people than it found, so their groups are incomplete.',
      answer.call,
    );
  }
  return new Map(
    found.map((wire) => [wire.id.toLowerCase(), readObjects(wire, 'groups').flatMap(readScimGroup)] as const),
  );
}

function readScimGroup(wire: Readonly<Record<string, unknown>>): ScimGroup[] {
  const uuid = readText(wire, 'value')?.toLowerCase();
  const displayName = readText(wire, 'display');
  return uuid === undefined ? [] : [{ uuid, displayName }];
}
