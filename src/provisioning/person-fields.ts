import type { Person } from '../datasources/webex/people/person.ts';
import type { PersonChanges } from '../datasources/webex/people/person-body.ts';
import type { PostalAddress } from '../datasources/webex/records.ts';
import type { FieldChange, Json } from './outcome.ts';
import type { Standing } from './step.ts';

/** A field of a person that can be written: how it stands, and when two states of it are the same. */
interface Field {
  readonly of: (person: Person) => Json | undefined;
  readonly key: (value: Json) => Json;
}

const text = (of: Field['of']): Field => ({ of, key: (value) => value ?? null });
const set = (of: Field['of'], key: (value: string) => string = (value) => value): Field => ({
  of,
  key: (value) => (Array.isArray(value) ? [...new Set(value.map((each) => key(String(each))))].sort() : []),
});

const FIELDS: Readonly<Record<keyof PersonChanges, Field>> = {
  // The first address is the one to sign in with, so it matters which it is.
  emails: {
    of: (person) => person.emails,
    key: (value) => {
      const [first = '', ...others] = Array.isArray(value)
        ? value.map((each) => String(each).toLowerCase())
        : [];
      return [first, ...others.sort()];
    },
  },
  displayName: text((person) => person.displayName),
  firstName: text((person) => person.firstName),
  lastName: text((person) => person.lastName),
  title: text((person) => person.title),
  department: text((person) => person.department),
  manager: text((person) => person.manager),
  managerId: text((person) => person.managerId),
  avatar: text((person) => person.avatar),
  phoneNumbers: set(
    (person) => person.phoneNumbers.filter(({ type }) => type === 'work').map(({ value }) => value),
    (number) => number.replace(/[^\d+]/g, ''),
  ),
  extension: text((person) => person.extension),
  locationId: text((person) => person.locationId),
  addresses: {
    of: (person) => person.addresses.map(plainAddress),
    key: (value) => (Array.isArray(value) ? value.map((each) => JSON.stringify(sorted(each))).sort() : []),
  },
  siteUrls: set((person) => person.siteUrls),
  licenses: set((person) => person.licenseIds),
  roles: set((person) => person.roleIds),
  loginEnabled: text((person) => person.loginEnabled),
};

const NAMES = Object.keys(FIELDS).filter((name): name is keyof PersonChanges => name in FIELDS);

/**
 * What of the changes is not so already, field by field. Pure.
 * @param before the person with all parts; null for one who does not exist yet
 */
export function personDifferences(before: Person | null, changes: PersonChanges): FieldChange[] {
  return NAMES.flatMap((field) => {
    const wanted = changes[field];
    if (wanted === undefined) return [];
    const { of, key } = FIELDS[field];
    const after = toJson(wanted);
    const stands = before === null ? null : (of(before) ?? null);
    return JSON.stringify(key(stands)) === JSON.stringify(key(after))
      ? []
      : [{ field, before: stands, after }];
  });
}

/**
 * What is not as asked for after a change. A license that Webex has given beside those asked for is nothing
 * that is missing. Pure.
 */
export function personMissing(before: Person | null, after: Person, changes: PersonChanges): FieldChange[] {
  const { licenses = [] } = changes;
  const taken = (before?.licenseIds ?? []).filter((id) => !licenses.includes(id));
  const areLicensed =
    licenses.every((id) => after.licenseIds.includes(id)) &&
    !taken.some((id) => after.licenseIds.includes(id));
  return personDifferences(after, changes).filter(({ field }) => field !== 'licenses' || !areLicensed);
}

/** How far a change that was written down is to be seen in a person. Pure. */
export function personStanding(person: Person, changes: readonly FieldChange[]): Standing {
  const states = NAMES.flatMap((field) => {
    const change = changes.find((each) => each.field === field);
    if (change === undefined) return [];
    const { of, key } = FIELDS[field];
    const stands = JSON.stringify(key(of(person) ?? null));
    const isSo = stands === JSON.stringify(key(change.after));
    return [{ field, isSo, isForeign: !isSo && stands !== JSON.stringify(key(change.before)) }];
  });
  return {
    applied: states.filter(({ isSo }) => isSo).map(({ field }) => field),
    missing: states.filter(({ isSo }) => !isSo).map(({ field }) => field),
    isForeign: states.some(({ isForeign }) => isForeign),
  };
}

/** What fields of a person hold, for a record of what was there. */
export function personSnapshot(person: Person): FieldChange[] {
  return NAMES.flatMap((field) => {
    const before = FIELDS[field].of(person) ?? null;
    const isEmpty = before === null || (Array.isArray(before) && before.length === 0);
    return isEmpty ? [] : [{ field, before, after: null }];
  });
}

function toJson(value: PersonChanges[keyof PersonChanges]): Json {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object') return value;
  return value.map((each) => (typeof each === 'string' ? each : plainAddress(each)));
}

function plainAddress(address: PostalAddress): { readonly [name: string]: string } {
  const entries = Object.entries(address).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function sorted(value: Json): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
