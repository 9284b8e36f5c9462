import { Refusal } from '../../http/errors.ts';
import type { Settings } from '../settings.ts';
import type { LicenseRecord, PersonRecord, PhoneNumber, RoleRecord } from '../state/records.ts';
import { isCallingUser } from '../state/tenant.ts';
import type { World } from '../world.ts';
import { isPhoneNumber } from './texts.ts';

/** The calling part of a body. */
interface CallingFields {
  readonly phoneNumbers?: readonly PhoneNumber[] | undefined;
  readonly extension?: string | undefined;
  readonly locationId?: string | undefined;
}

/** The known ones of these licenses: Webex leaves what it cannot grant out without a word. */
export function findLicenses(ids: readonly string[], world: World): LicenseRecord[] {
  return [...new Set(ids)].flatMap((id) => world.tenant.licenses.byId(id) ?? []);
}

/** These roles; throws a 400 Refusal when one is unknown. */
export function findRoles(ids: readonly string[], world: World): RoleRecord[] {
  return [...new Set(ids)].map((id) => {
    const role = world.tenant.roles.byId(id);
    if (role === undefined) throw new Refusal(400, 'There is no role with one of these ids.');
    return role;
  });
}

/** Throws a 400 Refusal for numbers in another form than Webex takes, and for types other than `work`. */
export function assertPhoneNumbers({ phoneNumbers = [] }: CallingFields, settings: Settings): void {
  for (const { type, value } of phoneNumbers) {
    if (type !== 'work') throw new Refusal(400, `Phone numbers of the type ${type} cannot be written.`);
    if (!isPhoneNumber(value, settings)) throw new Refusal(400, 'A phone number is not valid.');
  }
}

/** Throws a Refusal for an address that another person has. */
export function assertFreeEmails(
  emails: readonly string[],
  owner: PersonRecord | undefined,
  world: World,
): void {
  for (const email of emails) {
    const { organizations, settings, tenant } = world;
    const other =
      settings.addressesUniqueIn === 'webex'
        ? organizations.personByEmail(email)
        : tenant.people.byEmail(email);
    if (other !== undefined && other !== owner) {
      throw new Refusal(world.settings.duplicatePersonStatus, 'Another person has this email address.');
    }
  }
}

/** A new calling license takes a location, and a number or an extension, in the same request. */
export function assertCallingPlace(body: CallingFields, added: readonly LicenseRecord[], world: World): void {
  if (!added.some((license) => license.calling !== undefined)) return;
  if (body.locationId === undefined || !world.tenant.locations.includes(body.locationId)) {
    throw new Refusal(400, 'A calling license takes the locationId of a location.', { errorCode: 400 });
  }
  const hasNumber = body.extension !== undefined || (body.phoneNumbers ?? []).length > 0;
  if (!hasNumber) {
    throw new Refusal(400, 'A calling license takes a phone number or an extension.', { errorCode: 400411 });
  }
}

/** An implicit license has to stay in the list; throws a 400 Refusal when it does not. */
export function assertRemovable(person: PersonRecord, wanted: readonly LicenseRecord[]): void {
  for (const license of person.licenses) {
    if (license.implicit && !wanted.includes(license)) {
      throw new Refusal(400, 'An implicit license cannot be removed.', { errorCode: 700006 });
    }
  }
}

/** Gives a person these licenses and no others, as far as there are units. */
export function applyLicenses(
  person: PersonRecord,
  body: CallingFields,
  wanted: readonly LicenseRecord[],
  world: World,
): void {
  const { licenses, people } = world.tenant;
  const now = world.clock.now();
  for (const license of [...person.licenses]) {
    if (!wanted.includes(license)) world.tenant.revokeLicense(license, person, now);
  }
  for (const license of wanted) {
    if (person.licenses.has(license) || !licenses.hasFreeUnit(license)) continue;
    const isFirstCalling = license.calling !== undefined && !isCallingUser(person);
    licenses.grant(license, person, now);
    if (isFirstCalling) startCalling(person, body, world);
  }
  people.update(person, {}, now);
}

/** Notes where and how a person calls; the work number of before goes. */
export function startCalling(person: PersonRecord, body: CallingFields, world: World): void {
  const callingNumber = body.phoneNumbers?.find((phone) => phone.type === 'work')?.value;
  const phoneNumbers = person.phoneNumbers.filter((phone) => phone.type !== 'work');
  const { extension, locationId } = body;
  world.tenant.people.update(
    person,
    { callingNumber, extension, phoneNumbers, locationId: locationId ?? world.tenant.locations[0] },
    world.clock.now(),
  );
}
