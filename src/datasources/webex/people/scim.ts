import { UpstreamInvalid } from '../../../errors/upstream.ts';
import type { CallContext } from '../../rest/call-context.ts';
import { readCount, readObjects, readRecords, readText } from '../../rest/json.ts';
import { whenHalved } from '../../rest/page-size.ts';
import type { Slice } from '../../rest/slices.ts';
import type { WebexClient } from '../client.ts';

/** The scope that opens SCIM, with which the groups of many people come in one request. */
const SCIM_SCOPES = ['identity:people_read', 'identity:people_rw'];

/** Whether a token with these scopes may use SCIM. */
export function mayUseScim(scopes: readonly string[]): boolean {
  return scopes.some((scope) => SCIM_SCOPES.includes(scope));
}

/**
 * How many people one search names. Webex states no bound on the terms of a filter; twenty keep the
 * address well under what proxies accept.
 */
export const PEOPLE_PER_SEARCH = 20;

/** A person as the SCIM side names them, with their groups. */
export interface ScimMembership {
  /** A bare UUID. */
  readonly id: string;
  /** Bare UUIDs. */
  readonly groups: readonly string[];
}

/**
 * One slice of the organization's people with the groups that each is in.
 * @param organizationUuid bare UUID, as SCIM addresses want it
 * @param from one-based index of the first person; undefined for the first slice
 */
export async function listMemberships(
  client: WebexClient,
  context: CallContext,
  organizationUuid: string,
  from: string | undefined,
  count: number,
): Promise<Slice<ScimMembership>> {
  const start = Number(from ?? 1);
  const query = { returnGroups: true, sortBy: 'id', startIndex: start, count };
  const path = `/${organizationUuid}/v2/Users`;
  const answer = await client.getScim(path, query, whenHalved(context, count));
  const wires = readRecords(answer, 'Resources', 'people', context.meter, 'totalResults');
  const records = wires.map((wire) => ({
    id: wire.id.toLowerCase(),
    groups: readObjects(wire, 'groups')
      .flatMap(readScimGroup)
      .map(({ uuid }) => uuid),
  }));
  const total = readCount(answer.body, 'totalResults');
  const next = start + records.length;
  const isLast = records.length === 0 || total === undefined || next > total;
  return { records, next: isLast ? undefined : String(next), start, total, call: answer.call };
}

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
