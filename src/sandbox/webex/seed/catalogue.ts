import type { Random } from '../../random.ts';
import { encodeId } from '../ids.ts';
import type { LicenseRecord, RoleRecord } from '../state/records.ts';
import type { Tenant } from '../state/tenant.ts';

/** The seats of a license by the number of people, and the share of people who hold it. */
interface Offer {
  readonly type: string;
  readonly name: string;
  /** Seats for each person; undefined: unlimited. */
  readonly seats: number | undefined;
  readonly share: number;
  readonly subscription?: 'A' | 'B';
  readonly site?: { readonly suffix: string; readonly siteType: string };
  readonly workspaces?: number;
  readonly calling?: 'professional' | 'standard' | 'workspace';
  readonly implicit?: boolean;
  readonly externals?: number;
}

const OFFERS: readonly Offer[] = [
  { type: 'MS', name: 'Advanced Messaging', seats: 1.2, share: 0.85, subscription: 'A' },
  { type: 'MSBASIC', name: 'Basic Messaging', seats: undefined, share: 0.12 },
  { type: 'CF', name: 'Advanced Space Meetings', seats: 1, share: 0.6, subscription: 'A' },
  {
    type: 'MC',
    name: 'Meeting - Webex Meeting Center',
    seats: 0.9,
    share: 0.5,
    subscription: 'A',
    site: { suffix: '', siteType: 'Control Hub managed site' },
  },
  {
    type: 'MC',
    name: 'Meeting - Webex Meeting Center',
    seats: 0.4,
    share: 0.15,
    subscription: 'B',
    site: { suffix: '-emea', siteType: 'Site Admin managed site' },
    externals: 3,
  },
  {
    type: 'BCPRO',
    name: 'Webex Calling - Professional',
    seats: 0.5,
    share: 0.3,
    subscription: 'A',
    calling: 'professional',
  },
  {
    type: 'BCSTD',
    name: 'Webex Calling - Standard',
    seats: 0.25,
    share: 0.1,
    subscription: 'B',
    calling: 'standard',
  },
  {
    type: 'BCCAP',
    name: 'Webex Calling - Workspaces',
    seats: 0.1,
    share: 0,
    subscription: 'A',
    workspaces: 7,
    calling: 'workspace',
  },
  { type: 'CXE', name: 'Customer Experience - Essential', seats: 0.06, share: 0.04, subscription: 'B' },
  { type: 'EE', name: 'Webex Webinars 1000', seats: 0.02, share: 0.02, subscription: 'A' },
  { type: 'SS', name: 'Screen Share', seats: undefined, share: 0.05, implicit: true },
];

/** Adds the licenses that Control Hub would show for so many people; returns each with its holders' share. */
export function seedLicenses(
  tenant: Tenant,
  random: Random,
  people: number,
): { license: LicenseRecord; share: number }[] {
  const site = tenant.organization.domain.split('.')[0] ?? 'site';
  return OFFERS.map((offer) => {
    const license: LicenseRecord = {
      id: encodeId('LICENSE', `${tenant.organization.uuid}:${offer.type}_${random.uuid()}`),
      name: offer.name,
      totalUnits: offer.seats === undefined ? undefined : Math.ceil(people * offer.seats) + 10,
      subscriptionId: offer.subscription === undefined ? undefined : `Sub-sandbox${offer.subscription}`,
      siteUrl: offer.site === undefined ? undefined : `${site}${offer.site.suffix}.webex.com`,
      siteType: offer.site?.siteType,
      workspaces: offer.workspaces,
      calling: offer.calling,
      implicit: offer.implicit ?? false,
      externals: Array.from({ length: offer.externals ?? 0 }, (_, index) => ({
        id: encodeId('PEOPLE', random.uuid()),
        email: `guest${index + 1}@partner.example`,
        displayName: `Partner Guest ${index + 1}`,
      })),
    };
    tenant.licenses.add(license);
    return { license, share: offer.share };
  });
}

const ROLES: readonly Pick<RoleRecord, 'name' | 'scimName' | 'rights'>[] = [
  { name: 'Full Administrator', scimName: 'id_full_admin', rights: 'write' },
  { name: 'Read-only Administrator', scimName: 'id_readonly_admin', rights: 'read' },
  { name: 'Support Administrator', scimName: 'id_support_admin', rights: 'read' },
  { name: 'User and Device Administrator', scimName: 'id_user_admin', rights: 'write' },
  { name: 'Device Administrator', scimName: 'id_device_admin', rights: 'read' },
  { name: 'Compliance Officer', scimName: 'id_compliance_officer', rights: 'none' },
  { name: 'Location Administrator', scimName: 'id_location_admin', rights: 'none' },
  { name: 'Webex Site Administrator', scimName: 'id_site_admin', rights: 'none' },
];

/** The administrator roles, the Full Administrator first. */
export function makeRoles(random: Random): readonly RoleRecord[] {
  return ROLES.map((role) => ({ id: encodeId('ROLE', random.uuid()), ...role }));
}
