import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';
import type { ComparedPlan } from './match-sources.ts';
import { setWise } from './set-wise.ts';
import type { Candidate, Situation } from './words.ts';

/** A group that records name, or that the mapping manages. */
export interface ComparedGroup {
  /** Canonical name. */
  readonly nameKey: string;
  /** Null if Webex has no such group. */
  readonly webexId: string | null;
  readonly name: string | null;
  /** Whether all members were read. */
  readonly complete: boolean;
  /** Groups of that name; more than one cannot be told apart. */
  readonly candidates: readonly Candidate[] | null;
  readonly members: number;
  /** Members from outside the organization. */
  readonly outsiders: number;
  /** Records that name it. */
  readonly wanted: number;
  /** Id of the group that an earlier run linked to this name. */
  readonly linkedId: string | null;
  readonly isOurs: boolean;
}

/** A member to add or to remove. */
export interface MemberChange {
  readonly nameKey: string;
  /** Id, or the first address of a user who is to be created. */
  readonly member: string;
  readonly name: string;
  /** The draft that creates the user. */
  readonly draft: number | null;
  readonly key: string | null;
  /** Canonical. */
  readonly emails: readonly string[];
  readonly roles: readonly string[];
}

/** Which groups a mapping manages: canonical names, or what they begin with. */
export type ManagedGroups = { readonly names: readonly string[] } | { readonly prefix: string };

const isManaged = (managed: ManagedGroups) =>
  'names' in managed
    ? sql`name_key = any(${[...managed.names]})`
    : sql`left(name_key, char_length(${managed.prefix})) = ${managed.prefix}`;

/** All groups that a plan may change, by canonical name. */
export async function comparedGroups(
  db: Kysely<Tables>,
  plan: ComparedPlan,
  managed: ManagedGroups,
): Promise<ComparedGroup[]> {
  const planNo = sql.lit(plan.planNo);
  return await setWise(
    db,
    sql<ComparedGroup>`
    with g as (select * from sync_target_groups where plan_no = ${planNo} and ${isManaged(managed)}),
    named as (
      select name_key, min(webex_id) as webex_id, min(name) as name, bool_and(complete) as complete,
        case when count(*) > 1 then jsonb_agg(jsonb_build_object('webexId', webex_id, 'name', name, 'how', 'EMAIL') order by webex_id) end as candidates
      from g group by name_key),
    held as (
      select h.group_id, count(*)::integer as members, (count(*) filter (where t.webex_id is null))::integer as outsiders
      from sync_held_members h left join sync_target_rows t on t.plan_no = ${planNo} and t.webex_id = h.webex_id
      where h.plan_no = ${planNo} group by h.group_id),
    wanted as (
      select name_key, count(*)::integer as wanted from sync_wanted_members
      where plan_no = ${planNo} and ${isManaged(managed)} group by name_key),
    links as (
      select source_key, webex_id, created_by_us from sync_links where connector_id = ${plan.connectorId}::uuid
      and organization_id = ${plan.organizationId} and mapping_name = ${plan.mapping} and kind = 'GROUP')
    select k.name_key as "nameKey", n.webex_id as "webexId", n.name, coalesce(n.complete, true) as complete, n.candidates,
      coalesce(h.members, 0) as members, coalesce(h.outsiders, 0) as outsiders, coalesce(w.wanted, 0) as wanted,
      l.webex_id as "linkedId", coalesce(l.created_by_us, false) as "isOurs"
    from (select name_key from named union select name_key from wanted) k
    left join named n using (name_key) left join wanted w using (name_key)
    left join held h on h.group_id = n.webex_id left join links l on l.source_key = k.name_key
    order by k.name_key`,
  );
}

/** Members that records want and groups lack: users in these situations, and users who are to be created. */
export async function missingMembers(
  db: Kysely<Tables>,
  { planNo }: ComparedPlan,
  nameKeys: readonly string[],
  situations: readonly Situation[],
): Promise<MemberChange[]> {
  const plan = sql.lit(planNo);
  return await setWise(
    db,
    sql<MemberChange>`
    with wanted as materialized (
      select w.name_key, m.row_no, case when m.situation = any(${[...situations]}) then m.webex_id end as webex_id
      from sync_wanted_members w join sync_matches m on m.plan_no = ${plan} and m.row_no = w.row_no
      where w.plan_no = ${plan} and w.name_key = any(${[...nameKeys]})),
    held as materialized (
      select g.name_key, h.webex_id from sync_held_members h
      join sync_target_groups g on g.plan_no = ${plan} and g.webex_id = h.group_id
      where h.plan_no = ${plan} and g.name_key = any(${[...nameKeys]}))
    select w.name_key as "nameKey", coalesce(w.webex_id, d.changes->0->'after'->>0) as member, coalesce(t.name, d.name) as name,
      d.draft_no as draft, s.key, s.emails, '{}'::text[] as roles
    from wanted w join sync_source_rows s on s.plan_no = ${plan} and s.row_no = w.row_no
    left join held h on h.name_key = w.name_key and h.webex_id = w.webex_id
    left join sync_target_rows t on t.plan_no = ${plan} and t.webex_id = w.webex_id
    left join sync_drafts d on d.plan_no = ${plan} and d.row_no = w.row_no and d.kind = 'USER' and d.action = 'CREATE' and d.withheld is null
    where h.webex_id is null and (w.webex_id is not null or d.draft_no is not null)
    order by w.name_key, w.row_no`,
  );
}

/**
 * Members whose record does not want them in the group, and members without any record or link.
 * @param isUnassignedKnown whether no record can stand for the latter; else they stay
 */
export async function extraMembers(
  db: Kysely<Tables>,
  { planNo }: ComparedPlan,
  nameKeys: readonly string[],
  situations: readonly Situation[],
  isUnassignedKnown: boolean,
): Promise<MemberChange[]> {
  const plan = sql.lit(planNo);
  return await setWise(
    db,
    sql<MemberChange>`
    select g.name_key as "nameKey", h.webex_id as member, t.name, null as draft, s.key,
      case when t.email is null then t.others else t.email || t.others end as emails,
      array(select jsonb_array_elements_text(t.observed->'roles')) as roles
    from sync_held_members h
    join sync_target_groups g on g.plan_no = ${plan} and g.webex_id = h.group_id
    join sync_target_rows t on t.plan_no = ${plan} and t.webex_id = h.webex_id
    join sync_matches m on m.plan_no = ${plan} and m.webex_id = h.webex_id
    left join sync_source_rows s on s.plan_no = ${plan} and s.row_no = m.row_no
    left join sync_wanted_members w on w.plan_no = ${plan} and w.name_key = g.name_key and w.row_no = m.row_no
    where h.plan_no = ${plan} and g.name_key = any(${[...nameKeys]}) and w.row_no is null
      and ((m.situation = any(${[...situations]}) and s.desired ? 'groups') or (${isUnassignedKnown} and m.situation = 'UNASSIGNED'))
    order by g.name_key, h.webex_id`,
  );
}

/** How a record writes the name of a group. */
export async function writtenNames(
  db: Kysely<Tables>,
  { planNo }: ComparedPlan,
  nameKeys: readonly string[],
): Promise<{ readonly nameKey: string; readonly groups: readonly string[] }[]> {
  const plan = sql.lit(planNo);
  const { rows } = await sql<{ nameKey: string; groups: string[] }>`
    select w.name_key as "nameKey", array(select jsonb_array_elements_text(s.desired->'groups')) as groups
    from (select name_key, min(row_no) as row_no from sync_wanted_members
      where plan_no = ${plan} and name_key = any(${[...nameKeys]}) group by name_key) w
    join sync_source_rows s on s.plan_no = ${plan} and s.row_no = w.row_no`.execute(db);
  return rows;
}
