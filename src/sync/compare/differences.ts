import { canonicalEmail } from '../../datasources/webex/canonical.ts';
import { canonicalId } from '../../datasources/webex/ids.ts';
import { hasUserValue } from '../../provisioning/users/fields.ts';
import type { FieldChange, Json } from '../../store/sync/words.ts';
import type { DesiredUser, JsonObject, MappedField, ObservedUser, SetMode } from '../words.ts';

/** A license or role that a plan gives or takes. */
export interface GrantRules {
  readonly mode: SetMode;
  /** Ids that the mapping manages, canonical. */
  readonly managed: ReadonlySet<string>;
  /** Names by canonical id. */
  readonly names: ReadonlyMap<string, string>;
  /** Whether something may be taken: everything that a removal relies on was seen. */
  readonly mayTake: boolean;
}

/** A manager as the plan has found them. */
export interface FoundManager {
  /** Webex's id, or the first address of a user who is to be created; null: no manager. */
  readonly value: string | null;
  readonly name?: string | undefined;
}

/** How two users are compared. */
export interface ComparisonRules {
  /** Fields that the mapping sets. */
  readonly fields: readonly MappedField[];
  readonly hasManager: boolean;
  readonly licenses: GrantRules;
  readonly roles: GrantRules;
}

/**
 * What of a user is not as the mapping wants it. Licenses and roles are differences: `before` goes, `after` comes. Pure.
 * @param manager undefined: the manager is left alone
 */
export function differencesOf(
  desired: DesiredUser,
  observed: ObservedUser,
  manager: FoundManager | undefined,
  rules: ComparisonRules,
): FieldChange[] {
  return [
    ...emailChange(desired, observed),
    ...Object.entries(desired.fields).flatMap(([field, wanted]) => {
      const shown = shownValue(observed.fields, field);
      const name = auditName(field);
      return hasUserValue(name, shown, wanted) ? [] : [{ field: name, before: shown, after: wanted }];
    }),
    ...managerChange(observed.managerId ?? null, manager),
    ...grantChange('licenses', desired.licenses, observed.licenses, rules.licenses),
    ...grantChange('roles', desired.roles, observed.roles, rules.roles),
  ];
}

/** All that a user who is created gets. Pure. */
export function creationOf(
  desired: DesiredUser,
  manager: FoundManager | undefined,
  rules: ComparisonRules,
): FieldChange[] {
  const fields = Object.entries(desired.fields).filter(([field, value]) => isGiven(field, value));
  return [
    { field: 'emails', before: null, after: desired.emails.values },
    ...fields.map(([field, value]) => ({ field: auditName(field), before: null, after: value })),
    ...managerChange(null, manager),
    ...grantChange('licenses', desired.licenses, [], rules.licenses),
    ...grantChange('roles', desired.roles, [], rules.roles),
  ];
}

/** What the fields that the mapping manages hold, to be compared again before a change. Pure. */
export function reviewedValues(observed: ObservedUser, rules: ComparisonRules): JsonObject {
  const fields = rules.fields.map((field) => [auditName(field), shownValue(observed.fields, field)]);
  const manager = rules.hasManager ? { managerId: observed.managerId ?? null } : {};
  return { emails: observed.emails, ...Object.fromEntries(fields), ...manager };
}

/** The name of a field in the audit trail. */
function auditName(field: string): string {
  return field === 'location' ? 'locationId' : field;
}

/** One address sets the first one and keeps the others; a list replaces all. */
function emailChange({ emails }: DesiredUser, observed: ObservedUser): FieldChange[] {
  const after = emails.mode === 'ALL' ? emails.values : withFirst(emails.values[0], observed.emails);
  return hasUserValue('emails', observed.emails, after)
    ? []
    : [{ field: 'emails', before: observed.emails, after }];
}

function withFirst(first: string | undefined, [, ...others]: readonly string[]): readonly string[] {
  if (first === undefined) return others;
  return [first, ...others.filter((other) => canonicalEmail(other) !== canonicalEmail(first))];
}

function managerChange(before: string | null, manager: FoundManager | undefined): FieldChange[] {
  if (manager === undefined || hasUserValue('managerId', before, manager.value)) return [];
  const text = manager.name === undefined ? {} : { afterText: manager.name };
  return [{ field: 'managerId', before, after: manager.value, ...text }];
}

function grantChange(
  field: 'licenses' | 'roles',
  wanted: readonly string[],
  held: readonly string[],
  rules: GrantRules,
): FieldChange[] {
  if (rules.mode === 'IGNORE') return [];
  const has = new Set(held.map(canonicalId));
  const wants = new Set(wanted.map(canonicalId));
  const comes = wanted.filter((id) => !has.has(canonicalId(id)));
  const goes = held.filter((id) => rules.managed.has(canonicalId(id)) && !wants.has(canonicalId(id)));
  return grantsChanged(field, rules.mode === 'EXACT' && rules.mayTake ? goes : [], comes, rules.names);
}

/** A change of licenses or roles with their names; none if nothing goes or comes. Pure. */
export function grantsChanged(
  field: 'licenses' | 'roles',
  goes: readonly string[],
  comes: readonly string[],
  names: ReadonlyMap<string, string>,
): FieldChange[] {
  if (goes.length === 0 && comes.length === 0) return [];
  const text = (ids: readonly string[]) => ids.map((id) => names.get(canonicalId(id)) ?? id).join(', ');
  return [
    {
      ...{ field, before: goes, after: comes },
      ...(goes.length === 0 ? {} : { beforeText: text(goes) }),
      ...(comes.length === 0 ? {} : { afterText: text(comes) }),
    },
  ];
}

/** Webex leaves out what is empty, and `loginEnabled` of users who may sign in. */
function shownValue(fields: ObservedUser['fields'], field: string): Json {
  const value = Object.entries(fields).find(([name]) => name === field)?.[1];
  return value ?? (field === 'loginEnabled' ? true : null);
}

/** Nothing has to be cleared, and a new user may sign in. */
function isGiven(field: string, value: Json): boolean {
  return value !== null && field !== 'loginEnabled' && !(Array.isArray(value) && value.length === 0);
}
