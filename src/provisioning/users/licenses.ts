import type { OpenOrganization } from '../../connectors/organizations.ts';
import { canonicalSite } from '../../datasources/webex/canonical.ts';
import type { LicenseChange, SiteChange } from '../../datasources/webex/catalogues/license-writes.ts';
import { isCallingLicense } from '../../datasources/webex/catalogues/licenses.ts';
import type { Person } from '../../datasources/webex/people/person.ts';
import type { License } from '../../datasources/webex/records.ts';
import { NoSeatsLeft, OutcomeUnknown, PartiallyApplied } from '../../errors/changes.ts';
import type { Notes } from '../changes/notes.ts';
import type { SeatNeed } from '../changes/outcome.ts';
import { Problems } from '../changes/problems.ts';
import type { Reference } from '../changes/references.ts';
import { replyTo } from '../changes/reply.ts';
import { explainBySeats, seatNeeds } from '../changes/seats.ts';
import { judge } from '../changes/verdict.ts';
import { MOST_ENTRIES } from './input.ts';
import { extensionOf, idOf, phoneNumberOf, plainSiteOf } from './input-values.ts';
import { readAgain } from './settle.ts';

/** A license to give, with what a calling license takes. */
export interface LicenseAssignment {
  readonly license: Reference;
  /** Webex's id of a calling location. */
  readonly location?: string | null | undefined;
  readonly phoneNumber?: string | null | undefined;
  readonly extension?: string | null | undefined;
}

/** What to give to a user and what to take away; all else stays. */
export interface LicensesInput {
  readonly add: readonly LicenseAssignment[];
  readonly remove: readonly Reference[];
  /** Meeting sites that the user may attend without a host's license. */
  readonly addSites: readonly string[];
  readonly removeSites: readonly string[];
}

/** The part of a change that is not so already. */
export interface LicensePlan {
  readonly licenses: readonly LicenseChange[];
  readonly sites: readonly SiteChange[];
  readonly wantedLicenses: readonly string[];
  readonly wantedSites: readonly string[];
  readonly seats: readonly SeatNeed[];
}

/** Reads what can be read without asking Webex. Throws InvalidInput with every field that is wrong. */
export function readLicenses(input: LicensesInput, at: string): LicensesInput {
  const problems = new Problems(at);
  const { add, remove } = input;
  for (const [name, list] of Object.entries({ add, remove })) {
    if (list.length > MOST_ENTRIES) problems.add(name, `must be ${MOST_ENTRIES} at most.`);
  }
  const assignments = add.slice(0, MOST_ENTRIES).map(({ license, ...placed }, index) => ({
    license,
    location: problems.value(`add[${index}].location`, placed.location, idOf) ?? undefined,
    phoneNumber: problems.value(`add[${index}].phoneNumber`, placed.phoneNumber, phoneNumberOf) ?? undefined,
    extension: problems.value(`add[${index}].extension`, placed.extension, extensionOf) ?? undefined,
  }));
  const sites = (field: string, given: readonly string[]) =>
    problems.list(field, given, MOST_ENTRIES, plainSiteOf) ?? [];
  const addSites = sites('addAttendeeSites', input.addSites);
  const removeSites = sites('removeAttendeeSites', input.removeSites);
  for (const [index, site] of addSites.entries()) {
    if (removeSites.some((other) => canonicalSite(other) === canonicalSite(site)))
      problems.add(`addAttendeeSites[${index}]`, 'is in `removeAttendeeSites` as well; name it once.');
  }
  problems.throwAny();
  return { add: assignments, remove, addSites, removeSites };
}

/**
 * Works out what has to be sent. Pure. Throws InvalidInput if a calling license lacks its place, or a
 * license is both given and taken.
 * @param added the licenses of `input.add`, found
 * @param licenses all of the organization
 */
export function planLicenses(
  person: Person,
  input: LicensesInput,
  added: readonly (License | undefined)[],
  removed: readonly License[],
  licenses: readonly License[],
  at: string,
): LicensePlan {
  const problems = new Problems(at);
  for (const [index, license] of added.entries()) {
    if (license === undefined) continue;
    const isSame = (other: License | undefined) => other?.id === license.id;
    if (removed.some(isSame)) problems.add(`add[${index}].license`, 'is in `remove` as well; name it once.');
    if (added.findIndex(isSame) < index) problems.add(`add[${index}].license`, 'was given before.');
    const { location, phoneNumber, extension } = input.add[index] ?? {};
    if (person.licenseIds.includes(license.id) || !isCallingLicense(license)) continue;
    if (phoneNumber == null && extension == null) {
      problems.add(`add[${index}].extension`, 'or phoneNumber must be given with a calling license.');
    } else if (phoneNumber == null && location == null) {
      problems.add(`add[${index}].location`, 'must be given with an extension.');
    }
  }
  problems.throwAny();
  const given = added.flatMap((license, index): LicenseChange[] => {
    if (license === undefined || person.licenseIds.includes(license.id)) return [];
    const { location, phoneNumber, extension } = input.add[index] ?? {};
    const isPlaced = location != null || phoneNumber != null || extension != null;
    const properties = {
      locationId: location ?? undefined,
      phoneNumber: phoneNumber ?? undefined,
      extension: extension ?? undefined,
    };
    return [{ id: license.id, operation: 'add', ...(isPlaced ? { properties } : {}) }];
  });
  const taken = removed.flatMap(({ id }): LicenseChange[] =>
    person.licenseIds.includes(id) ? [{ id, operation: 'remove' }] : [],
  );
  const attends = (siteUrl: string) => isAttendee(person, siteUrl);
  const sites: SiteChange[] = [
    ...input.addSites
      .filter((site) => !attends(site))
      .map((siteUrl) => ({ siteUrl, operation: 'add' as const })),
    ...input.removeSites.filter(attends).map((siteUrl) => ({ siteUrl, operation: 'remove' as const })),
  ];
  const gone = new Set(taken.map(({ id }) => id));
  const wantedLicenses = [...person.licenseIds.filter((id) => !gone.has(id)), ...given.map(({ id }) => id)];
  const changedSites = new Set(sites.map(({ siteUrl }) => canonicalSite(siteUrl)));
  const otherSites = person.siteUrls.filter((url) => !changedSites.has(canonicalSite(hostOf(url))));
  const newSites = sites.flatMap(({ siteUrl, operation }) =>
    operation === 'add' ? [`${siteUrl}#attendee`] : [],
  );
  return {
    licenses: [...given, ...taken],
    sites,
    wantedLicenses,
    wantedSites: [...otherSites, ...newSites],
    seats: seatNeeds(person.licenseIds, wantedLicenses, licenses),
  };
}

function isAttendee({ siteUrls }: Person, siteUrl: string): boolean {
  const wanted = canonicalSite(`${siteUrl}#attendee`);
  return siteUrls.some((url) => canonicalSite(url) === wanted);
}

function hostOf(siteUrl: string): string {
  return siteUrl.replace(/#attendee$/, '');
}

/**
 * Sends a change of licenses and compares what came of it with what was asked, license by license: Webex
 * says 206, a success, of a part.
 * Throws NoSeatsLeft, PartiallyApplied, NotApplied, OutcomeUnknown, or Webex's failure if nothing was done.
 */
export async function settleLicenses(
  organization: OpenOrganization,
  before: Person,
  plan: LicensePlan,
  notes: Notes,
): Promise<Person> {
  const { admin, connector } = organization;
  const { licenses, sites } = plan;
  const reply = await replyTo(() => admin.changeLicenses(before.id, licenses, sites), notes);
  const after = await readAgain(organization, before.id, reply);
  const names = new Map(plan.seats.map(({ license }) => [license.id, license.name]));
  const parts = [
    ...plan.licenses.map(({ id, operation }) => ({
      field: 'licenses',
      name: names.get(id) ?? id,
      isApplied: after.licenseIds.includes(id) === (operation === 'add'),
    })),
    ...plan.sites.map(({ siteUrl, operation }) => ({
      field: 'siteUrls',
      name: siteUrl,
      isApplied: isAttendee(after, siteUrl) === (operation === 'add'),
    })),
  ];
  const error = judge({
    connectorId: connector.id,
    record: after,
    parts,
    moved: false,
    failure: reply.failure,
    call: reply.call,
  });
  if (error === undefined) return after;
  const isCertain = !(error instanceof PartiallyApplied || error instanceof OutcomeUnknown);
  // Webex has no error of its own for it. Whatever else goes wrong in finding out is no reason.
  if (isCertain) {
    const reason = await explainBySeats(admin, plan.seats, reply.call).catch((found: unknown) => found);
    if (reason instanceof NoSeatsLeft) throw reason;
  }
  throw error;
}
