import { sql } from 'kysely';
import {
  type ComparedPlan,
  type CorrelationRules,
  foreignLinksOf,
  linksOf,
  recordsOf,
  usersOf,
} from './match-sources.ts';

/** Set as `reason` where a record still carries an address or the former key of a user without a record. */
export const CARRIED = 'CARRIED';

/** Links whose key the source has not got any more. */
export function findMissingRecords(plan: ComparedPlan, rules: CorrelationRules) {
  const planNo = sql.lit(plan.planNo);
  return sql`
    insert into sync_matches (plan_no, row_no, webex_id, situation, how, candidates, reason)
    select ${planNo}, null, l.webex_id,
      case when t.webex_id is not null and not t.is_ours then 'TARGET_IGNORED' else 'SOURCE_MISSING' end, 'LINK', null, null
    from (${linksOf(plan)}) l left join (${usersOf(plan, rules)}) t on t.webex_id = l.webex_id
    where not exists (select from sync_source_rows s where s.plan_no = ${planNo} and s.key = l.source_key)
      and not exists (select from sync_matches m where m.plan_no = ${planNo} and m.webex_id = l.webex_id and m.how = 'LINK')`;
}

/** Users that no link and no record knows. */
export function findUnassignedUsers(plan: ComparedPlan, rules: CorrelationRules) {
  const planNo = sql.lit(plan.planNo);
  return sql`
    insert into sync_matches (plan_no, row_no, webex_id, situation, how, candidates, reason)
    with t as materialized (${usersOf(plan, rules)}),
    known as materialized (select distinct unnest(emails || alternates || former) as address from sync_source_rows where plan_no = ${planNo}),
    named as (
      select t.webex_id from t join known on known.address = t.email
      union select t.webex_id from (select webex_id, unnest(others) as address from t) t join known using (address)),
    linked as (select webex_id from (${linksOf(plan)}) l union select webex_id from (${foreignLinksOf(plan)}) e),
    matched as (select distinct webex_id from sync_matches where plan_no = ${planNo} and webex_id is not null)
    select ${planNo}, null, t.webex_id, case when t.is_ours then 'UNASSIGNED' else 'TARGET_IGNORED' end, null, null, null
    from t left join named on named.webex_id = t.webex_id left join linked on linked.webex_id = t.webex_id
    left join matched on matched.webex_id = t.webex_id
    where matched.webex_id is null and (not t.is_ours or (named.webex_id is null and linked.webex_id is null))`;
}

/** Users without a record, or whose record does not qualify, whom another record still names by address or former key. */
export function markCarriedUsers(plan: ComparedPlan) {
  const planNo = sql.lit(plan.planNo);
  const situations = sql`('SOURCE_MISSING', 'UNQUALIFIED')`;
  return sql`
    with s as materialized (${recordsOf(plan)}),
    l as materialized (${linksOf(plan)}),
    leaving as materialized (
      select m.webex_id, m.row_no from sync_matches m
      where m.plan_no = ${planNo} and m.situation in ${situations} and m.webex_id is not null),
    theirs as (
      select g.webex_id, g.row_no, unnest(t.others || t.email) as address from leaving g
      join sync_target_rows t on t.plan_no = ${planNo} and t.webex_id = g.webex_id
      union all select g.webex_id, g.row_no, unnest(l.emails) from leaving g join l on l.webex_id = g.webex_id),
    carried as (
      select theirs.webex_id from theirs
      join (select row_no, unnest(emails || alternates || former) as address from s) c on c.address = theirs.address
      where c.row_no is distinct from theirs.row_no
      union select g.webex_id from leaving g join l on l.webex_id = g.webex_id join s on s.previous_key = l.source_key
      where s.row_no is distinct from g.row_no)
    update sync_matches m set reason = ${CARRIED}
    from carried where m.plan_no = ${planNo} and m.webex_id = carried.webex_id and m.situation in ${situations}`;
}
