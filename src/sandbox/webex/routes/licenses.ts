import { Refusal } from '../../http/errors.ts';
import { type Answer, json } from '../../http/exchange.ts';
import { readPageSize } from '../../http/query.ts';
import type { AuthorizedCall, Endpoint } from '../http/endpoint.ts';
import { decodeHoldersCursor, holdersLink } from '../http/links.ts';
import { decodeId } from '../ids.ts';
import type { LicenseRecord, PersonRecord } from '../state/records.ts';
import type { World } from '../world.ts';
import { patchUserLicenses } from './license-grants.ts';

const READ = { scopes: ['spark-admin:licenses_read'], rights: 'read' } as const;

/** Licenses. The list is unpaged; holders come in pages of at most 300; a PATCH names one user. */
export const licenseEndpoints: readonly Endpoint[] = [
  {
    route: 'GET /licenses',
    access: READ,
    handle: (_call, world) =>
      json(200, { items: world.tenant.licenses.all.map((license) => licenseView(license, world)) }),
  },
  {
    route: 'GET /licenses/:id',
    access: READ,
    handle: (call, world) => {
      const license = findLicense(call.params.id ?? '', world);
      const assigned = call.query.get('includeAssignedTo');
      if (assigned === null) return json(200, licenseView(license, world));
      if (assigned !== 'user') throw new Refusal(400, 'The parameter includeAssignedTo must be user.');
      return holdersPage(license, call, world);
    },
  },
  {
    route: 'PATCH /licenses/users',
    access: { scopes: ['spark-admin:people_write'], rights: 'write' },
    handle: patchUserLicenses,
  },
];

/** A license as Webex shows it; the counts may lag behind, and an unlimited one has no true total. */
function licenseView(license: LicenseRecord, world: World) {
  const { settings, tenant } = world;
  const users = tenant.licenses.shownUsers(license, world.clock.now(), settings.licenseCountLag);
  const workspaces = license.workspaces;
  return {
    id: license.id,
    name: license.name,
    totalUnits: license.totalUnits ?? settings.unlimitedUnits,
    consumedUnits: users + (workspaces ?? 0),
    consumedByUsers: users,
    consumedByWorkspaces: workspaces,
    subscriptionId: license.subscriptionId,
    siteUrl: license.siteUrl,
    siteType: license.siteType,
  };
}

/** The license with this id; throws a 400 Refusal for an id that is not a license's, 404 when unknown. */
function findLicense(id: string, world: World): LicenseRecord {
  const license = world.tenant.licenses.byId(id);
  if (license !== undefined) return license;
  if (decodeId('LICENSE', id) === undefined) throw new Refusal(400, 'The id is not the id of a license.');
  throw new Refusal(404, 'There is no license with this id.');
}

/** Where the cursor positions of holders from other organizations begin, behind those of our own. */
const EXTERNAL = 1_000_000_000;

/** Holders in the order of their creation, those of other organizations last. */
function holdersPage(license: LicenseRecord, call: AuthorizedCall, world: World): Answer {
  const ceiling = world.settings.holdersPageCeiling;
  const size = readPageSize(call.query, 'limit', ceiling, ceiling);
  const position = decodeHoldersCursor(call.query.get('next'));
  const holders = world.tenant.licenses.holders(license);
  const start = firstAfter(holders, position);
  const own = holders.slice(start, start + size).map((person) => ({
    position: person.position,
    user: { id: person.id, type: 'INTERNAL', displayName: person.displayName, email: person.emails[0] },
  }));
  const guests = license.externals
    .map((external, index) => ({ position: EXTERNAL + index, user: { ...external, type: 'EXTERNAL' } }))
    .filter((guest) => guest.position > position);
  const shown = [...own, ...guests.slice(0, size - own.length)];
  const isMore = start + size < holders.length || shown.length < own.length + guests.length;
  const body = { ...licenseView(license, world), users: shown.map(({ user }) => user) };
  const last = shown.at(-1);
  if (!isMore || last === undefined) return json(200, body);
  return json(200, body, { next: holdersLink(call, size, last.position) });
}

/** The index of the first holder behind a position, found by halving. */
function firstAfter(holders: readonly PersonRecord[], position: number): number {
  let low = 0;
  let high = holders.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((holders[middle]?.position ?? 0) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}
