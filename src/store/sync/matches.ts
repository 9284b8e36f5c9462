import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Tables } from '../tables.ts';
import {
  type ComparedPlan,
  type CorrelationRules,
  foreignLinksOf,
  linksOf,
  recordsOf,
  usersOf,
} from './match-sources.ts';
import { setWise } from './set-wise.ts';
import { findMissingRecords, findUnassignedUsers, markCarriedUsers } from './unmatched.ts';
import type { Candidate, Situation } from './words.ts';

export type { ComparedPlan, CorrelationRules } from './match-sources.ts';

/** How many records and users are in a situation. */
export interface SituationCount {
  readonly situation: Situation;
  readonly count: number;
}

/**
 * Fills `sync_matches`: one row for each record, and one for each link and each user without a record. All of it happens in
 * the database, set by set.
 * @param analyze brings the statistics of the staging tables up to date
 */
export async function correlate(
  db: Kysely<Tables>,
  plan: ComparedPlan,
  rules: CorrelationRules,
  analyze: () => Promise<void>,
): Promise<SituationCount[]> {
  // Plans that write many links leave no statistics behind.
  await sql`analyze sync_links`.execute(db);
  await setWise(db, matchRecords(plan, rules));
  await analyze();
  await setWise(db, refuseSharedUsers(plan));
  if (rules.isWhole) {
    await setWise(db, findMissingRecords(plan, rules));
    await setWise(db, findUnassignedUsers(plan, rules));
  }
  await setWise(db, markCarriedUsers(plan));
  await analyze();
  const { rows } = await sql<SituationCount>`
    select situation, count(*)::integer as count from sync_matches where plan_no = ${sql.lit(plan.planNo)}
    group by situation order by situation`.execute(db);
  return rows;
}

/** Number of a step by its place in the mapping. The lowest step that finds anybody counts. */
function stepOf(how: Candidate['how'], { steps }: CorrelationRules): RawBuilder<number> {
  const index = steps.indexOf(how);
  return sql.lit(index < 0 ? -1 : index + 1);
}

/** Whom each record stands for. */
function matchRecords(plan: ComparedPlan, rules: CorrelationRules) {
  const planNo = sql.lit(plan.planNo);
  const unknownGroups = rules.groupsMustExist
    ? sql`select w.row_no, min(w.name_key) as name_key from sync_wanted_members w where w.plan_no = ${planNo}
        and not exists (select from sync_target_groups g where g.plan_no = ${planNo} and g.name_key = w.name_key) group by w.row_no`
    : sql`select null::integer as row_no, null::text as name_key where false`;
  const domains = [...rules.domains];
  const inDomain =
    domains.length === 0
      ? sql`true`
      : sql`coalesce(split_part(s.emails[1], '@', 2) = any(${domains}), false)`;
  return sql`
    insert into sync_matches (plan_no, row_no, webex_id, situation, how, candidates, reason)
    with s as not materialized (${recordsOf(plan)}),
    t as not materialized (${usersOf(plan, rules)}),
    l as not materialized (${linksOf(plan)}),
    elsewhere as not materialized (${foreignLinksOf(plan)}),
    held as materialized (
      select webex_id, email as address from t where email is not null
      union select webex_id, unnest(others) from t),
    once_held as materialized (select l.webex_id, unnest(l.emails) as address from l join t on t.webex_id = l.webex_id),
    keys as (
      select key, string_agg(at, ', ' order by row_no) as places from s where key is not null
      group by key having count(*) > 1),
    shared as (
      select address, string_agg(at, ', ' order by row_no) as places
      from (select distinct row_no, at, unnest(emails) as address from s) each
      group by address having count(*) > 1),
    sharing as (
      select row_no, min(places) as places from (select row_no, unnest(emails) as address from s) each
      join shared using (address) group by row_no),
    direct as not materialized (select s.row_no, l.webex_id from s join l on l.source_key = s.key),
    moved as not materialized (
      select s.row_no, l.webex_id from s join l on l.source_key = s.previous_key join t on t.webex_id = l.webex_id
      where s.qualifies and not exists (select from s o where o.key = s.previous_key and o.state <> 'DELETED')),
    open as materialized (
      select s.* from s left join direct d on d.row_no = s.row_no left join moved m on m.row_no = s.row_no
      where d.row_no is null and m.row_no is null),
    found as (
      select row_no, webex_id, min(step) as step from (
        select o.row_no, t.webex_id, ${stepOf('EMAIL', rules)} as step from open o join t on t.email = o.emails[1]
        union all select o.row_no, h.webex_id, ${stepOf('ALTERNATE_EMAIL', rules)}
        from (select row_no, unnest(emails || alternates) as address from open) o join held h on h.address = o.address
        union all select o.row_no, h.webex_id, ${stepOf('PREVIOUS_EMAIL', rules)}
        from (select row_no, unnest(former) as address from open) o join held h on h.address = o.address
        union all select o.row_no, h.webex_id, ${stepOf('PREVIOUS_EMAIL', rules)}
        from (select row_no, unnest(emails || alternates || former) as address from open) o
        join once_held h on h.address = o.address) every_way
      where step > 0 group by row_no, webex_id),
    best as (select *, rank() over (partition by row_no order by step) as place from found),
    picked as (
      select b.row_no, count(*) as n, min(b.webex_id) as webex_id, min(b.step) as step,
        jsonb_agg(jsonb_build_object('webexId', t.webex_id, 'name', t.name, 'how', ${howOfStep(rules)}) order by t.webex_id) as candidates
      from best b join t on t.webex_id = b.webex_id where b.place = 1 group by b.row_no),
    unknown_groups as (${unknownGroups}),
    judged as (
      select s.row_no, s.state, coalesce(d.webex_id, m.webex_id, case when p.n = 1 then p.webex_id end) as webex_id,
        p.step, p.n, p.candidates, d.row_no is not null as is_linked, m.row_no is not null as is_moved,
        t.webex_id is not null as is_there, coalesce(t.is_ours, false) as is_ours,
        (other.webex_id is not null or elsewhere.webex_id is not null) as is_taken, ${inDomain} as in_domain,
        k.places as key_places, x.places as address_places, g.name_key as unknown_group, s.qualifies
      from s left join direct d on d.row_no = s.row_no left join moved m on m.row_no = s.row_no
      left join picked p on p.row_no = s.row_no
      left join t on t.webex_id = coalesce(d.webex_id, m.webex_id, case when p.n = 1 then p.webex_id end)
      left join l other on d.row_no is null and m.row_no is null and other.webex_id = p.webex_id and p.n = 1
      left join elsewhere on d.row_no is null and m.row_no is null and elsewhere.webex_id = p.webex_id and p.n = 1
      left join keys k on k.key = s.key left join sharing x on x.row_no = s.row_no
      left join unknown_groups g on g.row_no = s.row_no),
    decided as (
      select *, case
        when state = 'INVALID' or unknown_group is not null then 'INVALID'
        when key_places is not null or address_places is not null then 'DUPLICATE_SOURCE'
        when state = 'DELETED' then case when is_linked then case when is_there and not is_ours then 'TARGET_IGNORED' else 'SOURCE_MISSING' end else 'SOURCE_IGNORED' end
        when not qualifies then case
          when is_there and not is_ours then 'TARGET_IGNORED'
          when is_linked or n > 0 then 'UNQUALIFIED' else 'SOURCE_IGNORED' end
        when is_linked then case when not is_there then 'MISSING' when is_ours then 'CONFIRMED' else 'TARGET_IGNORED' end
        when state = 'UNCHANGED' then 'SOURCE_IGNORED'
        when is_moved then case when is_ours then 'FOUND' else 'TARGET_IGNORED' end
        when n > 1 then 'AMBIGUOUS'
        when is_taken then 'FOUND_ALREADY_LINKED'
        when n = 1 then case when is_ours then 'FOUND' else 'TARGET_IGNORED' end
        when in_domain then 'ABSENT' else 'TARGET_IGNORED' end as situation
      from judged)
    select ${planNo}, row_no,
      case when situation in ('INVALID', 'DUPLICATE_SOURCE') then null else webex_id end, situation,
      case when situation in ('INVALID', 'DUPLICATE_SOURCE', 'AMBIGUOUS', 'ABSENT', 'SOURCE_IGNORED') then null
        when is_linked or is_moved then 'LINK' when n = 1 then ${howOfStep(rules, sql`step`)} end,
      case when situation in ('AMBIGUOUS', 'FOUND_ALREADY_LINKED') or (situation = 'UNQUALIFIED' and not is_linked) then candidates end,
      case situation
        when 'INVALID' then case when unknown_group is not null then 'groups: ' || to_json(left(unknown_group, 200))::text || ' is not a group of this organization.' end
        when 'DUPLICATE_SOURCE' then case when key_places is not null then 'The key occurs several times: ' || left(key_places, 300)
          else 'An address occurs several times: ' || left(address_places, 300) end end
    from decided`;
}

function howOfStep(
  { steps }: CorrelationRules,
  step: RawBuilder<unknown> = sql`b.step`,
): RawBuilder<unknown> {
  const names = steps.map((how, index) => sql`when ${sql.lit(index + 1)} then ${sql.lit(how)}`);
  return sql`case ${step} ${sql.join(names, sql` `)} end`;
}

/** Several records that were found to be the same user contradict each other. */
function refuseSharedUsers({ planNo }: ComparedPlan) {
  return sql`
    update sync_matches m set situation = 'DUPLICATE_SOURCE', webex_id = null, how = null,
      reason = 'Several records stand for the same user: ' || left(found.places, 300)
    from (
      select f.webex_id, string_agg(s.at, ', ' order by s.row_no) as places
      from sync_matches f join sync_source_rows s on s.plan_no = f.plan_no and s.row_no = f.row_no
      where f.plan_no = ${sql.lit(planNo)} and f.situation = 'FOUND'
      group by f.webex_id having count(*) > 1) found
    where m.plan_no = ${sql.lit(planNo)} and m.situation = 'FOUND' and m.webex_id = found.webex_id`;
}
