import type { Random } from '../../random.ts';
import { encodeId } from '../ids.ts';
import type { LicenseRecord, PersonRecord, PhoneNumber } from '../state/records.ts';
import type { Tenant } from '../state/tenant.ts';
import { DEPARTMENTS, OFFICES, type Pools } from './pools.ts';

/** Webex mixes the casing of these itself. */
const STATUSES = [
  'active',
  'inactive',
  'meeting',
  'call',
  'DoNotDisturb',
  'OutOfOffice',
  'presenting',
  'unknown',
];

const SENIORITY = ['Chief', 'Director of', 'Head of'] as const;

/** People for each manager, about. */
const SPAN = 9;

const START = Date.UTC(2021, 0, 4, 8);
const SECOND = 1_000;
const DAY = 86_400 * SECOND;

/**
 * Adds the people; the first is the administrator and the head of everybody. Returns them.
 * @param today when the day begins that it is now, in milliseconds since 1970
 */
export function seedPeople(
  tenant: Tenant,
  random: Random,
  pools: Pools,
  count: number,
  licenses: readonly { license: LicenseRecord; share: number }[],
  today: number,
): PersonRecord[] {
  const people: PersonRecord[] = [];
  for (let index = 0; index < count; index += 1) {
    const manager = index === 0 ? undefined : people[Math.floor((index - 1) / SPAN)];
    const person = seedPerson(tenant, random, pools, index, manager, today);
    people.push(person);
    if (index === 0 || !random.chance(0.06)) grantLicenses(tenant, random, person, licenses);
  }
  return people;
}

function seedPerson(
  tenant: Tenant,
  random: Random,
  pools: Pools,
  index: number,
  manager: PersonRecord | undefined,
  today: number,
): PersonRecord {
  const firstName = random.pick(pools.firstNames);
  const lastName = random.pick(pools.lastNames);
  const displayName = `${firstName} ${lastName}`;
  const department = departmentOf(index);
  const site = officeOf(random);
  const uuid = random.uuid();
  const isPending = index > 2 && random.chance(0.05);
  const isDisabled = index > 2 && !isPending && random.chance(0.04);
  const hasManager = manager !== undefined && (index < 12 || !random.chance(0.05));
  const created = START + index * 61 * SECOND + random.between(0, 40) * SECOND;
  return tenant.people.add({
    uuid,
    id: encodeId('PEOPLE', uuid),
    created,
    emails: [emailOf(tenant, firstName, lastName)],
    displayName,
    firstName,
    lastName,
    nickName: random.chance(0.25) ? firstName : undefined,
    avatar: random.chance(0.4) ? `https://avatars.${tenant.organization.domain}/${uuid}~1600` : undefined,
    department: index > 0 && random.chance(0.04) ? undefined : department,
    title: titleOf(random, pools, index, department),
    manager: hasManager ? manager.displayName : undefined,
    managerId: hasManager ? manager.id : undefined,
    phoneNumbers: phoneNumbersOf(random, site.dialPrefix),
    addresses: random.chance(0.85) ? [site.address] : [],
    timezone: isPending || random.chance(0.1) ? undefined : site.timezone,
    status: isPending ? 'pending' : random.chance(0.08) ? undefined : random.pick(STATUSES),
    lastActivity: isPending ? undefined : lastActivityOf(random, today),
    invitePending: isPending,
    loginEnabled: !isDisabled,
  });
}

/** Most people were active within days, some within two months, and a few not for up to a year. */
function lastActivityOf(random: Random, today: number): number {
  const dice = random.next();
  const days = dice < 0.75 ? 7 * dice : dice < 0.92 ? 60 * dice : 365 * dice;
  return Math.floor(today - days * DAY);
}

/** The department of the index-th person; the first one heads Operations. */
function departmentOf(index: number): string {
  return DEPARTMENTS[(index + 6) % DEPARTMENTS.length] ?? DEPARTMENTS[0];
}

function officeOf(random: Random) {
  const dice = random.next();
  const index = dice < 0.45 ? 0 : dice < 0.7 ? 1 : dice < 0.88 ? 2 : 3;
  return OFFICES[index] ?? random.pick(OFFICES);
}

function emailOf(tenant: Tenant, firstName: string, lastName: string): string {
  const local = `${firstName}.${lastName}`.toLowerCase().replace(/[^a-z.]/g, '');
  const { domain } = tenant.organization;
  for (let number = 1; ; number += 1) {
    const email = `${local}${number === 1 ? '' : number}@${domain}`;
    if (tenant.people.byEmail(email) === undefined) return email;
  }
}

function titleOf(random: Random, pools: Pools, index: number, department: string): string | undefined {
  if (index === 0) return 'Chief Operating Officer';
  if (index <= DEPARTMENTS.length) return `${random.pick(SENIORITY)} ${department}`;
  return random.chance(0.05) ? undefined : random.pick(pools.titles);
}

function phoneNumbersOf(random: Random, prefix: string): PhoneNumber[] {
  const number = () => `${prefix}${String(random.between(0, 9_999_999)).padStart(7, '0')}`;
  const numbers: PhoneNumber[] = [];
  if (random.chance(0.7)) numbers.push({ type: 'work', value: number(), primary: true });
  if (random.chance(0.35)) numbers.push({ type: 'mobile', value: number() });
  return numbers;
}

function grantLicenses(
  tenant: Tenant,
  random: Random,
  person: PersonRecord,
  licenses: readonly { license: LicenseRecord; share: number }[],
): void {
  let calls = false;
  for (const { license, share } of licenses) {
    if (!random.chance(share) || !tenant.licenses.hasFreeUnit(license)) continue;
    if (license.calling !== undefined) {
      if (calls) continue;
      calls = true;
      person.locationId = random.pick(tenant.locations);
      person.extension = String(1_000 + (person.position % 9_000));
      person.phoneNumbers = person.phoneNumbers.filter((phone) => phone.type !== 'work');
      person.callingNumber = random.chance(0.5) ? `+1408${2_000_000 + person.position}` : undefined;
    }
    tenant.licenses.grant(license, person, 0);
    if (license.siteUrl !== undefined) person.siteUrls = [...person.siteUrls, license.siteUrl];
  }
}
