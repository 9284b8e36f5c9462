import type { FieldChange, Json } from '../changes/outcome.ts';

/** When two values of a field mean the same, and when a value is what was asked for. */
export interface FieldRule {
  /** One form for all spellings of a value; null for none. */
  readonly canonical: (value: Json) => Json;
  /** What Webex does with a value beside writing it in another way. */
  readonly treatment?: 'adds' | 'replaces';
}

/** How much of a change is visible in a record. */
export interface Standing {
  readonly applied: readonly string[];
  readonly missing: readonly string[];
  /** Whether a field is neither as it was nor as it was to be. */
  readonly hasMoved: boolean;
  /** Whether a field holds what neither the change nor a part of it brings about, so that others have changed it. */
  readonly isForeign: boolean;
}

/** Whether two values of a field mean the same. Pure. */
export function isSame({ canonical }: FieldRule, one: Json, other: Json): boolean {
  return JSON.stringify(canonical(one)) === JSON.stringify(canonical(other));
}

/**
 * How much of a change is visible in a record. The one rule for what came of a change, and for what became of one that
 * is asked for again. Pure.
 * @param changes what was to be changed, field by field, with what was there before
 * @param now the value of a field as it is shown
 */
export function standingOf(
  changes: readonly FieldChange[],
  ruleOf: (field: string) => FieldRule,
  now: (field: string) => Json,
): Standing {
  const states = changes.map(({ field, before, after }) => {
    const rule = ruleOf(field);
    const value = now(field);
    const isSo = isSame(rule, value, after) || isTreated(rule, before, after, value);
    const hasMoved = !isSo && !isSame(rule, value, before);
    return { field, isSo, hasMoved, isForeign: hasMoved && !isPart(rule, before, after, value) };
  });
  return {
    applied: states.filter(({ isSo }) => isSo).map(({ field }) => field),
    missing: states.filter(({ isSo }) => !isSo).map(({ field }) => field),
    hasMoved: states.some(({ hasMoved }) => hasMoved),
    isForeign: states.some(({ isForeign }) => isForeign),
  };
}

/** Whether a value is what Webex makes of the one that was asked for. */
function isTreated(rule: FieldRule, before: Json, after: Json, now: Json): boolean {
  if (rule.treatment === 'replaces') {
    const isEmpty = (value: Json) => rule.canonical(value) === null;
    return !isEmpty(after) && !isEmpty(now) && !isSame(rule, now, before);
  }
  if (rule.treatment !== 'adds') return false;
  const [were, wanted, are] = [before, after, now].map((value) => entriesOf(rule.canonical(value)));
  if (were === undefined || wanted === undefined || are === undefined) return false;
  const isGone = (entry: Json) => wanted.has(entry) || !are.has(entry);
  return [...wanted].every((entry) => are.has(entry)) && [...were].every(isGone);
}

/** Whether a list holds some of what a change adds to it or removes from it, and otherwise what it held before. */
function isPart({ canonical }: FieldRule, before: Json, after: Json, now: Json): boolean {
  const [were, wanted, are] = [before, after, now].map((value) => canonical(value));
  if (!Array.isArray(were) || !Array.isArray(wanted) || !Array.isArray(are)) return false;
  const isKnown = are.every((entry) => were.includes(entry) || wanted.includes(entry));
  return isKnown && were.every((entry) => !wanted.includes(entry) || are.includes(entry));
}

function entriesOf(value: Json): ReadonlySet<Json> {
  return new Set(Array.isArray(value) ? value : []);
}
