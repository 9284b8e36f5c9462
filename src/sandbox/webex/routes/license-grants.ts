import { z } from 'zod';
import { readBody } from '../../http/body.ts';
import { Refusal } from '../../http/errors.ts';
import { type Answer, json } from '../../http/exchange.ts';
import type { AuthorizedCall } from '../http/endpoint.ts';
import { inNamedOrganization } from '../http/organization.ts';
import type { ExternalUser, LicenseRecord, PersonRecord } from '../state/records.ts';
import { isCallingUser } from '../state/tenant.ts';
import type { World } from '../world.ts';
import { findPerson } from './people.ts';
import { startCalling } from './people-rules.ts';
import { isPhoneNumber } from './texts.ts';

const bodySchema = z.object({
  email: z.string().optional(),
  personId: z.string().optional(),
  orgId: z.string().optional(),
  licenses: z
    .array(
      z.object({
        id: z.string(),
        operation: z.enum(['add', 'remove']).default('add'),
        properties: z
          .object({
            locationId: z.string().optional(),
            phoneNumber: z.string().optional(),
            extension: z.string().optional(),
          })
          .optional(),
      }),
    )
    .default([]),
  siteUrls: z
    .array(
      z.object({
        siteUrl: z.string(),
        // Webex's specification has this in lower case, its clients in upper.
        accountType: z
          .string()
          .transform((type) => type.toLowerCase())
          .pipe(z.literal('attendee')),
        operation: z.enum(['add', 'remove']).default('add'),
      }),
    )
    .default([]),
});

type Change = z.infer<typeof bodySchema>['licenses'][number];
type SiteChange = z.infer<typeof bodySchema>['siteUrls'][number];

/**
 * PATCH /licenses/users: one user, changes only; licenses that are not named stay. The answer lists all
 * that the user has then. Webex answers 206, which is a success, when only some changes could be made.
 */
export async function patchUserLicenses(call: AuthorizedCall, asked: World): Promise<Answer> {
  const body = readBody(bodySchema, await call.json());
  const world = inNamedOrganization(asked, call.caller, body.orgId);
  const user = findUser(body, world);
  if ('email' in user) return pendingAnswer(user, body.licenses, world);
  const checked = body.licenses.map((change) => ({ change, license: findLicense(change.id, world) }));
  const { fault } = call;
  const isLeftOut = (change: Change, index: number) =>
    fault?.kind === 'partial-grant' && (fault.refuse?.includes(change.id) ?? index > 0);
  const refusals: Refusal[] = [];
  const due = checked.filter(({ change, license }, index) => {
    const refusal = isLeftOut(change, index)
      ? new Refusal(400, 'The license could not be granted.')
      : complaintOf(change, license, user, checked, world);
    if (refusal !== undefined) refusals.push(refusal);
    return refusal === undefined;
  });
  const [first] = refusals;
  const isNothing = due.length === 0 && body.siteUrls.length === 0;
  const mustFit = world.settings.licenseGrants === 'all-or-nothing' && fault?.kind !== 'partial-grant';
  if (first !== undefined && fault?.kind !== 'partial-grant' && (mustFit || isNothing)) throw first;
  for (const { change, license } of due) apply(change, license, user, world);
  for (const site of body.siteUrls) applySite(site, user, world);
  return json(refusals.length > 0 ? 206 : 200, userLicenses(user, world));
}

function findUser(body: z.infer<typeof bodySchema>, world: World): PersonRecord | ExternalUser {
  const externals = world.tenant.licenses.all.flatMap((license) => license.externals);
  const external = externals.find((each) => each.id === body.personId || each.email === body.email);
  if (external !== undefined) return external;
  if (body.personId !== undefined) return findPerson(body.personId, world, world.settings.rawUuidsEverywhere);
  if (body.email === undefined) throw new Refusal(400, 'One of email and personId is needed.');
  const person = world.tenant.people.byEmail(body.email);
  if (person === undefined) throw new Refusal(404, 'There is no user with this email address.');
  return person;
}

/** What a user of another organization is given waits until they accept. */
function pendingAnswer(user: ExternalUser, changes: readonly Change[], world: World): Answer {
  const added = changes.filter((change) => change.operation === 'add');
  const pendingLicenses = added.map((change) => findLicense(change.id, world).id);
  return json(200, {
    orgId: world.tenant.organization.id,
    personId: user.id,
    email: user.email,
    licenses: [],
    pendingLicenses,
  });
}

function findLicense(id: string, world: World): LicenseRecord {
  const license = world.tenant.licenses.byId(id);
  if (license === undefined) {
    throw new Refusal(400, 'There is no license with one of these ids.', { errorCode: 400000 });
  }
  return license;
}

function complaintOf(
  change: Change,
  license: LicenseRecord,
  person: PersonRecord,
  all: readonly { change: Change; license: LicenseRecord }[],
  world: World,
): Refusal | undefined {
  if (change.operation === 'remove') {
    if (!license.implicit) return undefined;
    return new Refusal(400, 'An implicit license cannot be removed.', { errorCode: 700006 });
  }
  if (person.licenses.has(license)) return undefined;
  if (license.calling !== undefined) {
    const complaint = callingComplaint(change, license, person, all, world);
    if (complaint !== undefined) return complaint;
  }
  // Webex lists no error code for a license without free units.
  return world.tenant.licenses.hasFreeUnit(license)
    ? undefined
    : new Refusal(400, 'All units of the license are in use.');
}

function callingComplaint(
  change: Change,
  license: LicenseRecord,
  person: PersonRecord,
  all: readonly { change: Change; license: LicenseRecord }[],
  world: World,
): Refusal | undefined {
  const { properties } = change;
  if (license.calling === 'workspace') return new Refusal(400, 'This license is for workspaces only.');
  if (properties?.phoneNumber === undefined && properties?.extension === undefined) {
    return new Refusal(400, 'A calling license takes properties.', { errorCode: 400411 });
  }
  if (properties.phoneNumber !== undefined && !isPhoneNumber(properties.phoneNumber, world.settings)) {
    return new Refusal(400, 'The phone number is not valid.', { errorCode: 400 });
  }
  const isKnown =
    properties.locationId !== undefined && world.tenant.locations.includes(properties.locationId);
  if (properties.phoneNumber === undefined ? !isKnown : properties.locationId !== undefined && !isKnown) {
    return new Refusal(400, 'There is no such location.', { errorCode: 400 });
  }
  const isTaken = (other: LicenseRecord) =>
    all.some((each) => each.license === other && each.change.operation === 'remove');
  const kept = [...person.licenses].filter((other) => !isTaken(other));
  const added = all.filter((each) => each.change.operation === 'add').map((each) => each.license);
  const clashes = [...kept, ...added].some(
    (other) =>
      other.calling !== undefined && other.calling !== license.calling && other.calling !== 'workspace',
  );
  if (!clashes) return undefined;
  return new Refusal(400, 'Professional and Standard calling exclude each other.', { errorCode: 400404 });
}

function apply(change: Change, license: LicenseRecord, person: PersonRecord, world: World): void {
  const now = world.clock.now();
  if (change.operation === 'remove') {
    world.tenant.revokeLicense(license, person, now);
    return;
  }
  if (person.licenses.has(license)) return;
  const startsCalling = license.calling !== undefined && !isCallingUser(person);
  world.tenant.licenses.grant(license, person, now);
  world.tenant.people.update(person, {}, now);
  if (!startsCalling) return;
  const { phoneNumber, extension, locationId } = change.properties ?? {};
  const phoneNumbers = phoneNumber === undefined ? undefined : [{ type: 'work', value: phoneNumber }];
  startCalling(person, { phoneNumbers, extension, locationId }, world);
}

function applySite(change: SiteChange, person: PersonRecord, world: World): void {
  const isKnown = world.tenant.licenses.all.some((license) => license.siteUrl === change.siteUrl);
  if (!isKnown) throw new Refusal(400, 'There is no such site.', { errorCode: 400216 });
  const entry = `${change.siteUrl}#attendee`;
  const others = person.siteUrls.filter((url) => url !== entry);
  const siteUrls = change.operation === 'add' ? [...others, entry] : others;
  world.tenant.people.update(person, { siteUrls }, world.clock.now());
}

function userLicenses(person: PersonRecord, world: World) {
  return {
    orgId: world.tenant.organization.id,
    personId: person.id,
    email: person.emails[0],
    licenses: [...person.licenses].map((license) => license.id),
    siteUrls: person.siteUrls.map((url) => {
      const [siteUrl, attendee] = url.split('#');
      return { siteUrl, accountType: attendee === undefined ? 'host' : 'attendee' };
    }),
  };
}
