import { writeFileSync } from 'node:fs';
import { Random } from '../src/sandbox/random.ts';
import { seedOrganizations } from '../src/sandbox/webex/seed/organizations.ts';
import { DEPARTMENTS, makePools } from '../src/sandbox/webex/seed/pools.ts';
import type { PersonRecord } from '../src/sandbox/webex/state/records.ts';

// npm run sync-example: makes examples/sync/people.csv, which fits the organization of the demo. Most of its users are in
// the file as they are. Some have changed, some have left, and many join. To be run when the seed of the sandbox changes.

const ROWS = 1_000;
const SEED = 20_261;
const COLUMNS = [
  ...['employeeId', 'mail', 'formerMail', 'givenName', 'sn', 'title', 'department', 'managerMail'],
  ...['active', 'tier', 'groups'],
] as const;
type Row = Record<(typeof COLUMNS)[number], string>;

const random = new Random(SEED);
const pools = makePools(SEED);
const { tenant } = seedOrganizations({}, Date.UTC(2026, 11, 1)).own;
const { domain } = tenant.organization;
const people = tenant.people.live;
const advanced = new Set(
  tenant.licenses.all
    .filter(({ name }) => name === 'Advanced Messaging')
    .flatMap((license) => [...tenant.licenses.holders(license)]),
);
const taken = new Set(people.flatMap(({ emails }) => emails));

/** Nobody with a role: synchronization does not touch their addresses. */
const ordinary = people.filter(({ roles }) => roles.size === 0);
const unchanged = random.sample(ordinary, ordinary.length).map((person) => ({ person, at: random.next() }));
unchanged.sort((one, other) => one.at - other.at);
const take = (count: number) => new Set(unchanged.splice(0, count).map(({ person }) => person));
const [leftOut, left, renamed, promoted, moved] = [take(6), take(5), take(4), take(12), take(8)];
const others = unchanged.map(({ person }) => person).filter((person) => !advanced.has(person));
const upgraded = new Set(others.slice(0, 10));
const known = people.filter((person) => !leftOut.has(person)).map(rowOf);
const managers = people.filter(
  ({ title }) => title?.startsWith('Head of') || title?.startsWith('Director of'),
);
const joined: Row[] = [];
while (known.length + joined.length < ROWS)
  joined.push(joiner(known.length + leftOut.size + joined.length + 1));
const lines = [COLUMNS, ...[...known, ...joined].map((row) => COLUMNS.map((column) => row[column]))];
const path = new URL('../examples/sync/people.csv', import.meta.url);
writeFileSync(path, `${lines.map((cells) => cells.map(cellOf).join(',')).join('\n')}\n`);
process.stdout.write(
  `${path.pathname}: ${known.length} users as they are or changed, ${joined.length} who join\n`,
);

function rowOf(person: PersonRecord): Row {
  const [mail = ''] = person.emails;
  const lastName = renamed.has(person) ? random.pick(pools.lastNames) : person.lastName;
  const department = moved.has(person) ? random.pick(DEPARTMENTS) : (person.department ?? '');
  return {
    employeeId: employeeId(person.position + 1),
    mail: renamed.has(person) ? freeMail(person.firstName ?? '', lastName ?? '') : mail,
    formerMail: renamed.has(person) ? mail : '',
    givenName: person.firstName ?? '',
    sn: lastName ?? '',
    title: promoted.has(person) ? promotionOf(person.title ?? 'Specialist') : (person.title ?? ''),
    department,
    managerMail: managerOf(person),
    active: String(!left.has(person)),
    tier: advanced.has(person) || upgraded.has(person) ? 'advanced' : 'basic',
    groups: groupsOf(department),
  };
}

function promotionOf(title: string): string {
  return title.startsWith('Senior ') ? title.replace('Senior', 'Principal') : `Senior ${title}`;
}

function joiner(number: number): Row {
  const [givenName, sn] = [random.pick(pools.firstNames), random.pick(pools.lastNames)];
  const department = random.pick(DEPARTMENTS);
  // Some report to another user who joins and is created before them.
  const lead = joined.length > 100 && random.chance(0.1) ? joined[random.between(0, 19)]?.mail : undefined;
  return {
    employeeId: employeeId(number),
    mail: freeMail(givenName, sn),
    formerMail: '',
    ...{ givenName, sn, title: random.pick(pools.titles), department },
    managerMail: lead ?? random.pick(managers).emails[0] ?? '',
    active: 'true',
    tier: joined.length < 60 ? 'advanced' : 'basic',
    groups: groupsOf(department, 'staff-newcomers'),
  };
}

function managerOf({ managerId }: PersonRecord): string {
  return people.find(({ id }) => id === managerId)?.emails[0] ?? '';
}

function groupsOf(department: string, ...others: string[]): string {
  const own = department === '' ? [] : [`staff-${department.toLowerCase().replaceAll(' ', '-')}`];
  return [...own, ...others].join(';');
}

function employeeId(number: number): string {
  return `E${String(number).padStart(5, '0')}`;
}

function freeMail(firstName: string, lastName: string): string {
  const local = `${firstName}.${lastName}`.toLowerCase().replace(/[^a-z.]/g, '');
  for (let number = 1; ; number += 1) {
    const mail = `${local}${number === 1 ? '' : number}@${domain}`;
    if (taken.has(mail)) continue;
    taken.add(mail);
    return mail;
  }
}

function cellOf(value: string): string {
  return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
