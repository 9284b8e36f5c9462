import type { Random } from '../../random.ts';
import { encodeId } from '../ids.ts';
import type { GroupRecord, PersonRecord } from '../state/records.ts';
import type { Tenant } from '../state/tenant.ts';
import { DEPARTMENTS, OFFICES, type Pools } from './pools.ts';

const CREATED = Date.UTC(2021, 1, 1, 9);

/** The fewest members of a seeded group, if there are so many people. */
const SMALLEST = 20;

/** A group record with ids of its own. */
export function makeGroup(
  organizationUuid: string,
  uuid: string,
  displayName: string,
  created: number,
  description?: string,
): GroupRecord {
  const id = encodeId('SCIM_GROUP', `${uuid}:${organizationUuid}`);
  return { uuid, id, displayName, description, created, lastModified: created };
}

/** Adds a big group of everybody active, one for each department and office, and some for projects. */
export function seedGroups(
  tenant: Tenant,
  random: Random,
  pools: Pools,
  people: readonly PersonRecord[],
): void {
  let made = 0;
  const add = (name: string, members: readonly PersonRecord[], description?: string) => {
    const created = CREATED + made * 3_600_000;
    made += 1;
    const group = makeGroup(tenant.organization.uuid, random.uuid(), name, created, description);
    tenant.groups.add(
      group,
      members.map((member) => member.uuid),
    );
  };
  add(
    'All Employees',
    people.filter((person) => !person.invitePending),
    'Everybody who has signed in once',
  );
  add('Full-time Staff', random.sample(people, Math.ceil(people.length * 0.8)));
  for (const department of DEPARTMENTS) {
    const members = people.filter((person) => person.department === department);
    add(department, atLeast(members, people, random), `The department of ${department}`);
  }
  for (const [index, office] of OFFICES.entries()) {
    const members = people.filter((person) => person.addresses[0]?.locality === office.name);
    add(`Office ${office.name}`, atLeast(members, people, random), index === 0 ? 'Headquarters' : undefined);
  }
  const projects = 14 + Math.min(Math.floor(people.length / 500), 150);
  for (const name of pools.projects.slice(0, projects)) {
    const size = random.between(SMALLEST, Math.max(SMALLEST + 5, Math.min(people.length / 6, 700)));
    add(`Project ${name}`, random.sample(people, Math.floor(size)));
  }
}

function atLeast(
  members: readonly PersonRecord[],
  people: readonly PersonRecord[],
  random: Random,
): readonly PersonRecord[] {
  if (members.length >= SMALLEST) return members;
  return [...new Set([...members, ...random.sample(people, SMALLEST)])];
}
