import { canonicalId } from '../../datasources/webex/ids.ts';
import type { Group } from '../../datasources/webex/records.ts';
import { Drifted } from '../../errors/changes.ts';
import type { Json } from '../changes/outcome.ts';
import { driftBeforeDeletion, driftOf, type Reviewed } from '../changes/reviewed.ts';
import type { FieldRule } from '../changes/visible-state.ts';
import { groupField, TEXT } from './fields.ts';

const MEMBERS: FieldRule = {
  canonical: (value) => (Array.isArray(value) ? value.map((id) => canonicalId(String(id))) : []),
};

/**
 * Throws Drifted if a group is not as reviewed.
 * @param memberIds all members of a group that is to be deleted; undefined for any other change, which compares no members
 */
export function assertGroupReviewed(
  connectorId: string,
  { group, memberIds }: { readonly group: Group; readonly memberIds: ReadonlySet<string> | undefined },
  reviewed: Reviewed,
): void {
  const now = (field: string): Json | undefined => {
    if (field !== 'members') return groupField(group, field);
    return memberIds === undefined ? undefined : [...memberIds];
  };
  const ruleOf = (field: string) => (field === 'members' ? MEMBERS : TEXT);
  const drift = (memberIds === undefined ? driftOf : driftBeforeDeletion)(reviewed, { ruleOf, now });
  if (drift.length > 0) throw new Drifted(connectorId, group, drift);
}
