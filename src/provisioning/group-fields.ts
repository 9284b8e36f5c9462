import type { Group } from '../datasources/webex/records.ts';
import type { FieldChange } from './outcome.ts';

/** What of a group is not as wanted. An empty description is none. Pure. */
export function groupDifferences(
  group: Group,
  wanted: { readonly displayName?: string; readonly description?: string },
): FieldChange[] {
  const { displayName, description } = wanted;
  const isSame = (one: string | undefined, other: string) => (one ?? '') === other;
  return [
    ...(displayName === undefined || isSame(group.displayName, displayName)
      ? []
      : [{ field: 'displayName', before: group.displayName, after: displayName }]),
    ...(description === undefined || isSame(group.description, description)
      ? []
      : [{ field: 'description', before: group.description ?? null, after: description || null }]),
  ];
}
