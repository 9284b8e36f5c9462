import { readBody } from '../../http/body.ts';
import { Refusal } from '../../http/errors.ts';
import { type Answer, json, NO_CONTENT } from '../../http/exchange.ts';
import { readFlag } from '../../http/query.ts';
import type { AuthorizedCall } from '../http/endpoint.ts';
import { inNamedOrganization } from '../http/organization.ts';
import type { PersonFields, PersonRecord } from '../state/records.ts';
import { isCallingUser } from '../state/tenant.ts';
import type { World } from '../world.ts';
import { newPersonFields } from './new-person.ts';
import { type NewPersonBody, newPersonBody, type PersonBody, personBody } from './people-bodies.ts';
import {
  applyLicenses,
  assertCallingPlace,
  assertFreeEmails,
  assertPhoneNumbers,
  assertRemovable,
  findLicenses,
  findRoles,
} from './people-rules.ts';
import { personView } from './person-view.ts';
import { assertTexts } from './texts.ts';

/**
 * POST /people. Webex answers 200, not 201; licenses that cannot be granted are left out without a word;
 * and a 400 for a phone number or calling data comes after the person was created.
 */
export async function createPerson(call: AuthorizedCall, asked: World): Promise<Answer> {
  const body = readBody(newPersonBody, await call.json());
  const world = inNamedOrganization(asked, call.caller, body.orgId);
  assertTexts(body, world.settings);
  const { people, roles } = world.tenant;
  const displayName = body.displayName ?? [body.firstName, body.lastName].filter(Boolean).join(' ');
  if (displayName === '') throw new Refusal(400, 'One of displayName, firstName and lastName is needed.');
  assertFreeEmails(body.emails, undefined, world);
  const wanted = findLicenses(body.licenses ?? [], world);
  const held = findRoles(body.roles ?? [], world);
  const complaint = complaintOf(() => {
    assertPhoneNumbers(body, world.settings);
    assertCallingPlace(body, wanted, world);
  });
  if (complaint !== undefined && !world.settings.refusedCreateCreates) throw complaint;
  const person = people.add({ ...newFields(body, displayName, call, world) });
  roles.assign(person, held);
  if (complaint !== undefined) throw complaint;
  applyLicenses(person, body, wanted, world);
  if (call.fault?.kind === 'created-but-400') {
    throw new Refusal(400, 'Part of the request could not be fulfilled.');
  }
  if (readFlag(call.query, 'minResponse')) return json(200, { id: person.id });
  return showWritten(person, call, world);
}

function newFields(body: NewPersonBody, displayName: string, call: AuthorizedCall, world: World) {
  return {
    ...plainChanges(body),
    ...newPersonFields(call, world),
    emails: body.emails,
    displayName,
    phoneNumbers: (body.phoneNumbers ?? []).filter((phone) => phone.type === 'work'),
  };
}

/**
 * PUT /people/:id. Lists that the body has replace the old ones; other fields that it lacks stay; what
 * becomes of licenses and roles that it lacks is a setting.
 */
export async function replacePerson(
  person: PersonRecord,
  call: AuthorizedCall,
  world: World,
): Promise<Answer> {
  const whole = readBody(personBody, await call.json());
  assertTexts(whole, world.settings);
  const { fault } = call;
  const body = fault?.kind === 'half-applied' ? onlyFields(whole, fault.fields, person) : whole;
  const isPartial = fault?.kind === 'half-applied' || world.settings.putOmission === 'keeps';
  if (body.emails !== undefined) assertFreeEmails(body.emails, person, world);
  assertPhoneNumbers(body, world.settings);
  const omitted = isPartial ? undefined : [];
  const licenseIds = body.licenses ?? omitted;
  const wanted = licenseIds === undefined ? [...person.licenses] : findLicenses(licenseIds, world);
  // Leaving `licenses` out takes them all but the implicit ones; a list has to name those.
  if (body.licenses === undefined) wanted.push(...[...person.licenses].filter((license) => license.implicit));
  assertRemovable(person, wanted);
  assertFixedLocation(person, body, wanted);
  assertCallingPlace(
    body,
    wanted.filter((license) => !person.licenses.has(license)),
    world,
  );
  const roleIds = body.roles ?? omitted;
  const roles = roleIds === undefined ? [...person.roles] : findRoles(roleIds, world);
  world.tenant.roles.assign(person, roles);
  world.tenant.people.update(person, changesOf(person, body), world.clock.now());
  applyLicenses(person, body, wanted, world);
  if (fault?.kind === 'half-applied') throw new Refusal(400, 'Part of the request could not be fulfilled.');
  if (!readFlag(call.query, 'minResponse')) return showWritten(person, call, world);
  return world.settings.minResponsePutStatus === 204 ? NO_CONTENT : json(200, { id: person.id });
}

function changesOf(person: PersonRecord, body: PersonBody): Partial<PersonFields> {
  const changes: Partial<PersonFields> = { ...plainChanges(body), displayName: body.displayName };
  if (body.emails !== undefined) changes.emails = body.emails;
  if (body.loginEnabled !== undefined) changes.loginEnabled = body.loginEnabled;
  // The nick name cannot be written: an update sets it back to the first name.
  if (person.nickName !== undefined) changes.nickName = body.firstName ?? person.firstName;
  if (body.extension !== undefined && isCallingUser(person)) changes.extension = body.extension;
  if (body.phoneNumbers !== undefined) {
    const others = person.phoneNumbers.filter((phone) => phone.type !== 'work');
    const isOwn = (value: string) => value === person.callingNumber;
    changes.phoneNumbers = [...body.phoneNumbers.filter((phone) => !isOwn(phone.value)), ...others];
  }
  return changes;
}

/** The fields that a body sets as they are. */
function plainChanges(body: NewPersonBody | PersonBody): Partial<PersonFields> {
  const changes: Partial<PersonFields> = {};
  for (const name of [
    'firstName',
    'lastName',
    'avatar',
    'department',
    'manager',
    'managerId',
    'title',
  ] as const) {
    const value = body[name];
    if (value !== undefined) changes[name] = value === '' ? undefined : value;
  }
  if (body.addresses !== undefined) changes.addresses = body.addresses;
  if (body.siteUrls !== undefined) changes.siteUrls = body.siteUrls;
  return changes;
}

function onlyFields(body: PersonBody, fields: readonly string[], person: PersonRecord): PersonBody {
  const kept = Object.fromEntries(Object.entries(body).filter(([name]) => fields.includes(name)));
  return readBody(personBody, { displayName: person.displayName, ...kept });
}

/** A location comes with a calling license only and is then fixed. */
function assertFixedLocation(
  person: PersonRecord,
  body: PersonBody,
  wanted: readonly { calling: unknown }[],
): void {
  if (body.locationId === undefined || body.locationId === person.locationId) return;
  const getsCalling = !isCallingUser(person) && wanted.some((license) => license.calling !== undefined);
  if (!getsCalling) throw new Refusal(400, 'The locationId can be set together with a calling license only.');
}

function complaintOf(check: () => void): Refusal | undefined {
  try {
    check();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  return undefined;
}

function showWritten(person: PersonRecord, call: AuthorizedCall, world: World): Answer {
  const calling = readFlag(call.query, 'callingData');
  if (calling && !isCallingUser(person) && world.settings.callingDataOnPlainWrites === 'refuse') {
    throw new Refusal(400, 'There is no calling data: the person has no calling license.');
  }
  return json(200, personView(person, { tier: 'admin', calling, presence: true }, world));
}
