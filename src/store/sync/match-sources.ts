import { type RawBuilder, sql } from 'kysely';
import type { Candidate } from './words.ts';

/** One plan in the staging tables, and the links that it goes by. */
export interface ComparedPlan {
  readonly planNo: number;
  readonly connectorId: string;
  readonly organizationId: string;
  /** Name of the mapping. */
  readonly mapping: string;
}

/** What correlation needs of a mapping. */
export interface CorrelationRules {
  /** In this order; LINK always comes first. */
  readonly steps: readonly Candidate['how'][];
  /** Users outside these domains and groups are ignored. Empty lists: everybody is in scope. */
  readonly domains: readonly string[];
  /** Canonical names. */
  readonly groups: readonly string[];
  /** Whether a record that names an unknown group is invalid. */
  readonly groupsMustExist: boolean;
  /** Whether the source was read to its end, so that what it lacks is known. */
  readonly isWhole: boolean;
}

/** Records of a plan. */
export const recordsOf = ({ planNo }: ComparedPlan) =>
  sql`select * from sync_source_rows where plan_no = ${sql.lit(planNo)}`;

/** Links of the mapping. */
export const linksOf = ({ connectorId, organizationId, mapping }: ComparedPlan) =>
  sql`select source_key, webex_id, emails from sync_links where connector_id = ${connectorId}::uuid
    and organization_id = ${organizationId} and mapping_name = ${mapping} and kind = 'USER'`;

/** Links of other mappings. */
export const foreignLinksOf = ({ connectorId, organizationId, mapping }: ComparedPlan) =>
  sql`select distinct webex_id from sync_links where connector_id = ${connectorId}::uuid
    and organization_id = ${organizationId} and mapping_name <> ${mapping} and kind = 'USER'`;

/** Users with `is_ours`: a person in the scope of the policy. */
export function usersOf(
  { planNo }: ComparedPlan,
  { domains, groups }: CorrelationRules,
): RawBuilder<unknown> {
  const inDomains = domains.length === 0 ? sql`true` : sql`split_part(email, '@', 2) = any(${[...domains]})`;
  const inGroups =
    groups.length === 0
      ? sql`true`
      : sql`webex_id in (select m.webex_id from sync_held_members m
          join sync_target_groups g on g.plan_no = m.plan_no and g.webex_id = m.group_id
          where m.plan_no = ${sql.lit(planNo)} and g.name_key = any(${[...groups]}))`;
  return sql`select webex_id, email, others, name,
    (type = 'person' and coalesce(${inDomains}, false) and ${inGroups}) as is_ours
    from sync_target_rows where plan_no = ${sql.lit(planNo)}`;
}
