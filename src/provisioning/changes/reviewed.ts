import type { FieldChange, Json } from './outcome.ts';
import { type FieldRule, isSame, standingOf } from './visible-state.ts';

/** A change as it was reviewed. Fields have the names that the audit trail uses. */
export interface Reviewed {
  /** `licenses`, `roles` and `members` are differences: `before` holds the ids that go, `after` those that come. */
  readonly changes: readonly FieldChange[];
  /** What other fields held. */
  readonly values: Readonly<Record<string, Json>>;
}

/** A record as it is now. */
export interface CurrentRecord {
  readonly ruleOf: (field: string) => FieldRule;
  /** The value of a field; undefined if it was not read. */
  readonly now: (field: string) => Json | undefined;
}

const SETS: ReadonlySet<string> = new Set(['licenses', 'roles', 'members']);

/**
 * What stands against a change that was reviewed: fields that are neither as reviewed nor as wanted, and fields beside the
 * change that were reviewed and differ now. Nothing stands against a change that is there already. Ids that another change
 * has added to a set, or taken from it, do not count. Pure.
 */
export function driftOf({ changes, values }: Reviewed, record: CurrentRecord): FieldChange[] {
  if (changes.length > 0 && changes.every((change) => isThere(change, record))) return [];
  const touched = changes.filter(({ field }) => !SETS.has(field));
  const moved = touched.filter((change) => {
    const { ruleOf, now } = record;
    return standingOf([change], ruleOf, (field) => now(field) ?? null).isForeign;
  });
  return [
    ...moved.map((change) => asDrift(change.field, change.before, record)),
    ...beside(changes, values, record),
  ];
}

/**
 * As `driftOf`, for a record that is to be deleted: an id that a set holds and did not hold when it was reviewed counts, too. Pure.
 */
export function driftBeforeDeletion({ changes, values }: Reviewed, record: CurrentRecord): FieldChange[] {
  const reviewed = { ...values, ...Object.fromEntries(changes.map(({ field, before }) => [field, before])) };
  const more = Object.entries(reviewed).flatMap(([field, value]) => {
    const now = record.now(field);
    if (!SETS.has(field) || now === undefined) return [];
    const { canonical } = record.ruleOf(field);
    const known = idsOf(canonical(value));
    const isMore = [...idsOf(canonical(now))].some((id) => !known.has(id));
    return isMore ? [asDrift(field, value, record)] : [];
  });
  return [...more, ...beside([], reviewed, record)];
}

function beside(
  changes: readonly FieldChange[],
  values: Reviewed['values'],
  record: CurrentRecord,
): FieldChange[] {
  return Object.entries(values).flatMap(([field, value]) => {
    const now = record.now(field);
    if (SETS.has(field) || now === undefined || changes.some((change) => change.field === field)) return [];
    return isSame(record.ruleOf(field), now, value) ? [] : [asDrift(field, value, record)];
  });
}

function isThere(change: FieldChange, { ruleOf, now }: CurrentRecord): boolean {
  const { field, before, after } = change;
  if (!SETS.has(field)) return standingOf([change], ruleOf, () => now(field) ?? null).missing.length === 0;
  const { canonical } = ruleOf(field);
  const value = now(field);
  if (value === undefined) return false;
  const held = idsOf(canonical(value));
  const has = (id: Json) => held.has(id);
  return [...idsOf(canonical(after))].every(has) && ![...idsOf(canonical(before))].some(has);
}

function asDrift(field: string, before: Json, { now }: CurrentRecord): FieldChange {
  return { field, before, after: now(field) ?? null };
}

function idsOf(value: Json): ReadonlySet<Json> {
  return new Set(Array.isArray(value) ? value : []);
}
