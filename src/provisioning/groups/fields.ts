import { canonicalText } from '../../datasources/webex/canonical.ts';
import type { Group } from '../../datasources/webex/records.ts';
import type { FieldChange, Json } from '../changes/outcome.ts';
import { type FieldRule, isSame, type Standing, standingOf } from '../changes/visible-state.ts';

/** Texts; an empty description is no description. */
export const TEXT: FieldRule = { canonical: (value) => canonicalText(String(value ?? '')) || null };

/** The name and description to give to a group. */
export interface GroupFields {
  readonly displayName?: string;
  readonly description?: string;
}

/**
 * What of a group is not as wanted. An empty description is no description. Pure.
 * @param before null for a group that does not exist yet
 */
export function groupDifferences(
  before: Group | null,
  { displayName, description }: GroupFields,
): FieldChange[] {
  const wanted = { displayName, description };
  return Object.entries(wanted).flatMap(([field, after]) => {
    if (after === undefined) return [];
    const change = {
      field,
      before: before === null ? null : groupField(before, field),
      after: after || null,
    };
    return isSame(TEXT, change.before, change.after) ? [] : [change];
  });
}

/** How much of a change of the name and description is visible in a group. Pure. */
export function groupStanding(group: Group, changes: readonly FieldChange[]): Standing {
  const ofFields = changes.filter(({ field }) => field === 'displayName' || field === 'description');
  return standingOf(
    ofFields,
    () => TEXT,
    (field) => groupField(group, field),
  );
}

/** What a field of a group holds. Pure. */
export function groupField({ displayName, description }: Group, field: string): Json {
  return (field === 'displayName' ? displayName : description) ?? null;
}
