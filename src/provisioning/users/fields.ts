import {
  canonicalEmail,
  canonicalPhoneNumber,
  canonicalSite,
  canonicalText,
  canonicalUrl,
} from '../../datasources/webex/canonical.ts';
import { canonicalId } from '../../datasources/webex/ids.ts';
import type { PersonChanges } from '../../datasources/webex/people/body.ts';
import type { Person } from '../../datasources/webex/people/person.ts';
import type { PostalAddress } from '../../datasources/webex/records.ts';
import type { FieldChange, Json } from '../changes/outcome.ts';
import type { CurrentRecord } from '../changes/reviewed.ts';
import { type FieldRule, isSame, type Standing, standingOf } from '../changes/visible-state.ts';

/** A field of a person that can be written, and how it is shown. */
interface Field extends FieldRule {
  readonly of: (person: Person) => Json | undefined;
}

type Canonical = (text: string) => string;

/** A field of one value; an empty text is no value. */
const one = (of: Field['of'], canonical: Canonical = canonicalText): Field => ({
  of,
  canonical: (value) => (typeof value === 'string' ? canonical(value) || null : (value ?? null)),
});
/** A field of several texts in no order. */
const set = (of: Field['of'], canonical: Canonical): Field => ({
  of,
  canonical: (value) => [...new Set(textsOf(value).map(canonical))].sort(),
});

const FIELDS: Readonly<Record<keyof PersonChanges, Field>> = {
  // The first address is the one to sign in with, so it matters which it is.
  emails: {
    of: (person) => person.emails,
    canonical: (value) => {
      const [first = '', ...others] = textsOf(value).map(canonicalEmail);
      return [first, ...others.sort()];
    },
  },
  displayName: one((person) => person.displayName),
  firstName: one((person) => person.firstName),
  lastName: one((person) => person.lastName),
  title: one((person) => person.title),
  department: one((person) => person.department),
  manager: one((person) => person.manager),
  managerId: one((person) => person.managerId, canonicalId),
  // Webex may keep a picture under an address of its own.
  avatar: { ...one((person) => person.avatar, canonicalUrl), treatment: 'replaces' },
  phoneNumbers: set(
    (person) => person.phoneNumbers.filter(({ type }) => type === 'work').map(({ value }) => value),
    canonicalPhoneNumber,
  ),
  extension: one((person) => person.extension),
  locationId: one((person) => person.locationId, canonicalId),
  addresses: {
    of: (person) => person.addresses.map(plainAddress),
    canonical: (value) => (Array.isArray(value) ? value.map(canonicalAddress).sort() : []),
  },
  // Webex adds the site of a license, and licenses that others need.
  siteUrls: { ...set((person) => person.siteUrls, canonicalSite), treatment: 'adds' },
  licenses: { ...set((person) => person.licenseIds, canonicalId), treatment: 'adds' },
  roles: set((person) => person.roleIds, canonicalId),
  // Webex leaves it out for users who may sign in.
  loginEnabled: one((person) => person.loginEnabled ?? true),
};

const NAMES = Object.keys(FIELDS).filter(isField);

/**
 * All that is asked for, field by field, with what is there before. Pure.
 * @param before the person with all parts; null for one who does not exist yet
 */
export function personChanges(before: Person | null, changes: PersonChanges): FieldChange[] {
  return NAMES.flatMap((field) => {
    const wanted = changes[field];
    if (wanted === undefined) return [];
    return [{ field, before: before === null ? null : shownValue(before, field), after: toJson(wanted) }];
  });
}

/** As `personChanges`, without what is so already. Pure. */
export function personDifferences(before: Person | null, changes: PersonChanges): FieldChange[] {
  return personChanges(before, changes).filter(
    (change) => !isSame(ruleOf(change.field), change.before, change.after),
  );
}

/**
 * Whether a user has what is wanted in a field, by its name in the audit trail. Webex adds sites by itself, so a user with more
 * sites than wanted has them; one who is to have no site has not. Pure.
 */
export function hasUserValue(field: string, shown: Json, wanted: Json): boolean {
  const rule = ruleOf(field);
  if (isSame(rule, shown, wanted)) return true;
  if (field !== 'siteUrls') return false;
  const [held, asked] = [rule.canonical(shown), rule.canonical(wanted)].map((value) =>
    textsOf(value ?? null),
  );
  if (held === undefined || asked === undefined || asked.length === 0) return false;
  return asked.every((site) => held.includes(site));
}

/** How much of a change is visible in a person. Pure. */
export function personStanding(person: Person, changes: readonly FieldChange[]): Standing {
  const known = changes.filter(({ field }) => isField(field));
  return standingOf(known, ruleOf, (field) => shownValue(person, field));
}

/** A person as they are now, to compare with what was reviewed. A field that was not read is undefined. */
export function personRecord(person: Person): CurrentRecord {
  const ofCalling = (field: string) =>
    field === 'extension' || field === 'locationId' || field === 'phoneNumbers';
  return {
    ruleOf,
    now: (field) => {
      const isRead = isField(field) && (person.parts.calling || !ofCalling(field));
      return isRead ? shownValue(person, field) : undefined;
    },
  };
}

/** What fields of a person hold, for a record of what was there. */
export function personSnapshot(person: Person): FieldChange[] {
  return NAMES.flatMap((field) => {
    const before = shownValue(person, field);
    const isEmpty = before === null || (Array.isArray(before) && before.length === 0);
    return isEmpty ? [] : [{ field, before, after: null }];
  });
}

function isField(name: string): name is keyof PersonChanges {
  return Object.hasOwn(FIELDS, name);
}

function ruleOf(field: string): FieldRule {
  return isField(field) ? FIELDS[field] : { canonical: (value) => value };
}

function shownValue(person: Person, field: string): Json {
  return (isField(field) ? FIELDS[field].of(person) : null) ?? null;
}

function toJson(value: PersonChanges[keyof PersonChanges]): Json {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object') return value;
  return value.map((each) => (typeof each === 'string' ? each : plainAddress(each)));
}

function textsOf(value: Json): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function plainAddress(address: PostalAddress): { readonly [name: string]: string } {
  const entries = Object.entries(address).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function canonicalAddress(address: Json): string {
  const parts = Object.entries(address ?? {}).map(([name, value]) => [name, canonicalText(String(value))]);
  return JSON.stringify(parts.sort(([one = ''], [other = '']) => (one < other ? -1 : 1)));
}
