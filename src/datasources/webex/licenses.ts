import { UpstreamInvalid, UpstreamNotFound } from '../../errors.ts';
import type { CallContext } from './call.ts';
import type { WebexClient } from './client.ts';
import { whenHalved } from './page-size.ts';
import type { License, LicenseHolder } from './records.ts';
import type { Slice } from './slices.ts';
import { readNumber, readRecords, readText } from './wire.ts';

/** `GET /licenses/{id}` lists no more holders at once than this. Source: Webex's reference. */
export const HOLDERS_PER_REQUEST = 300;

/** All licenses of the organization; Webex sends them in one answer. */
export async function listLicenses(client: WebexClient, context: CallContext): Promise<License[]> {
  const { body, call } = await client.get('/licenses', {}, context);
  return readRecords(body, 'items', 'licenses', call).map((wire) => {
    const id = readText(wire, 'id');
    if (id === undefined) throw new UpstreamInvalid('Webex answered with a license that has no id.', call);
    return {
      id,
      name: readText(wire, 'name') ?? 'Unnamed license',
      totalUnits: readNumber(wire, 'totalUnits') ?? 0,
      consumedUnits: readNumber(wire, 'consumedUnits') ?? 0,
      subscriptionId: readText(wire, 'subscriptionId'),
      siteUrl: readText(wire, 'siteUrl'),
      siteType: readText(wire, 'siteType'),
    };
  });
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
  try {
    const { body, next, call } = await client.get(
      `/licenses/${encodeURIComponent(licenseId)}`,
      query,
      whenHalved(context, query.limit),
    );
    // The license itself comes along; whether it has a list of holders when there are none is not documented.
    const holders = body.users === undefined && readText(body, 'id') !== undefined ? { users: [] } : body;
    const records = readRecords(holders, 'users', 'holders', call).flatMap((wire) => {
      const id = readText(wire, 'id');
      return id === undefined ? [] : [{ id, external: readText(wire, 'type') === 'EXTERNAL' }];
    });
    return { records, next, call };
  } catch (error) {
    // A license that ended since the catalogue was read is held by nobody.
    if (error instanceof UpstreamNotFound) return { records: [], next: undefined, call: error.call };
    throw error;
  }
}
