import type { CallContext } from '../../rest/call-context.ts';
import { readCount, readRecords, readText } from '../../rest/json.ts';
import { whenHalved } from '../../rest/page-size.ts';
import type { Slice } from '../../rest/slices.ts';
import type { WebexClient } from '../client.ts';
import type { License, LicenseHolder } from '../records.ts';
import { readCatalogue } from './read-catalogue.ts';

/** `GET /licenses/{id}` lists no more holders at once than this. Source: Webex's reference. */
export const HOLDERS_PER_REQUEST = 300;

/** All licenses of the organization. */
export async function listLicenses(client: WebexClient, context: CallContext): Promise<License[]> {
  const wires = await readCatalogue(client, '/licenses', 'licenses', context);
  return wires.map((wire) => ({
    id: wire.id,
    name: readText(wire, 'name') ?? 'Unnamed license',
    totalUnits: readCount(wire, 'totalUnits'),
    consumedUnits: readCount(wire, 'consumedUnits'),
    subscriptionId: readText(wire, 'subscriptionId'),
    siteUrl: readText(wire, 'siteUrl'),
    siteType: readText(wire, 'siteType'),
  }));
}

/**
 * One slice of the people who hold a license, people of other organizations included.
 * @param from query of the link that led here; undefined for the first slice
 */
export async function listHolders(
  client: WebexClient,
  context: CallContext,
  licenseId: string,
  from: string | undefined,
  max: number,
): Promise<Slice<LicenseHolder>> {
  const query = {
    ...Object.fromEntries(new URLSearchParams(from)),
    includeAssignedTo: 'user',
    limit: Math.min(max, HOLDERS_PER_REQUEST),
  };
  const path = `/licenses/${encodeURIComponent(licenseId)}`;
  const { body, next, call } = await client.get(path, query, whenHalved(context, query.limit));
  // The license itself comes along; whether it has a list of holders when there are none is not documented.
  const holders = body.users == null && readText(body, 'id') !== undefined ? { users: [] } : body;
  const records = readRecords({ body: holders, call }, 'users', 'holders', context.meter);
  return {
    records: records.map((wire) => ({ id: wire.id, external: readText(wire, 'type') === 'EXTERNAL' })),
    next,
    call,
  };
}

/**
 * Free seats of a license; undefined if it has no limit, or Webex does not say how many there are. How it
 * shows a license without a limit is not documented: a total that cannot have been used up means no limit.
 */
export function seatsLeft({ totalUnits, consumedUnits }: License): number | undefined {
  if (totalUnits === undefined || consumedUnits === undefined) return undefined;
  const isUnlimited = totalUnits < 0 || (totalUnits === 0 && consumedUnits > 0);
  return isUnlimited ? undefined : Math.max(0, totalUnits - consumedUnits);
}

/**
 * Whether users with the license can be called over the telephone network, so that it takes a location and a
 * number. Webex has no field for it; its names begin so, but for those of devices. Source: the names in
 * Webex's reference of licenses.
 */
export function isCallingLicense({ name }: License): boolean {
  return /^Webex Calling\b(?!.*Workspace)/i.test(name);
}

/** Whether Webex gives and takes the license by itself, so that it cannot be taken away. Source: its error 700006. */
export function isImplicitLicense({ name }: License): boolean {
  return /\bScreen Share\b/i.test(name);
}
