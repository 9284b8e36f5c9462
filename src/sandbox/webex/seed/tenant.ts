import { Random } from '../../random.ts';
import { encodeId } from '../ids.ts';
import type { Administered } from '../state/organizations.ts';
import type { PersonRecord, RoleRecord } from '../state/records.ts';
import { Tenant } from '../state/tenant.ts';
import { makeRoles, seedLicenses } from './catalogue.ts';
import { makeGroup, seedGroups } from './groups.ts';
import { seedPeople } from './people.ts';
import { makePools, OFFICES } from './pools.ts';

const FOUNDED = Date.UTC(2020, 5, 15, 12);

/** What an organization is made from. */
export interface TenantSeed {
  readonly seed: number;
  /** How many people; at least one. */
  readonly people: number;
  readonly domain: string;
  readonly name: string;
  /** The number in the id of the first calling location. */
  readonly firstLocation: number;
  /** When the day begins that it is now, in milliseconds since 1970: when people were last active goes by it. */
  readonly today: number;
  /** The administrator roles; default: new ones. Webex has the same ones everywhere. */
  readonly roles?: readonly RoleRecord[];
}

/** An organization, the same for the same seed. */
export function seedTenant(options: TenantSeed): Administered {
  const random = new Random(options.seed);
  const pools = makePools(options.seed);
  const uuid = random.uuid();
  const tenant = new Tenant(
    {
      uuid,
      id: encodeId('ORGANIZATION', uuid),
      displayName: options.name,
      created: FOUNDED,
      domain: options.domain,
    },
    OFFICES.map((_, index) => encodeId('LOCATION', String(options.firstLocation + index))),
    makeGroup(uuid, random.uuid(), 'All Org Users', FOUNDED),
    () => random.uuid(),
  );
  const roles = options.roles ?? makeRoles(random);
  for (const role of roles) tenant.roles.add(role);
  const licenses = seedLicenses(tenant, random, options.people);
  const people = seedPeople(tenant, random, pools, Math.max(1, options.people), licenses, options.today);
  seedGroups(tenant, random, pools, people);
  assignRoles(tenant, roles, people);
  const [admin] = people;
  if (admin === undefined) throw new RangeError('An organization needs at least one person.');
  return { tenant, admin };
}

/** The administrator holds the first role, the next few people one of the others each, the second one two. */
function assignRoles(tenant: Tenant, roles: readonly RoleRecord[], people: readonly PersonRecord[]): void {
  const [full] = roles;
  for (const [index, role] of roles.entries()) {
    const holders = index === 0 ? [people[0], people[1]] : [people[index + 1], people[index + 12]];
    for (const person of holders) {
      if (person !== undefined) tenant.roles.assign(person, [...person.roles, role]);
    }
  }
  const third = people[2];
  const last = roles.at(-1);
  if (third !== undefined && last !== undefined) tenant.roles.assign(third, [...third.roles, last]);
  const [first] = people;
  if (first !== undefined && full !== undefined) tenant.roles.assign(first, [full]);
}
