import { type Kysely, sql } from 'kysely';
import type { DesiredUser, ObservedUser } from '../../sync/words.ts';
import type { Tables } from '../tables.ts';
import type { ComparedPlan } from './matches.ts';
import type { Candidate, RecordProblem, Situation } from './words.ts';

/** A record or link with the user that it stands for. */
export interface ComparedPair {
  /** Null: a user without a record. */
  readonly rowNo: number | null;
  readonly at: string | null;
  /** Of the record, or else of the link. */
  readonly key: string | null;
  /** Canonical addresses of the record. */
  readonly emails: readonly string[];
  readonly state: Tables['sync_source_rows']['state'] | null;
  readonly problems: readonly RecordProblem[] | null;
  readonly desired: DesiredUser | null;
  readonly situation: Situation;
  readonly how: Candidate['how'] | null;
  readonly candidates: readonly Candidate[] | null;
  readonly reason: string | null;
  readonly webexId: string | null;
  /** Canonical addresses of the user; empty if there is no such user. */
  readonly targetEmails: readonly string[];
  readonly name: string | null;
  readonly observed: ObservedUser | null;
  readonly linkEmails: readonly string[] | null;
  /** Key of the link of this mapping to the user. */
  readonly linkKey: string | null;
  readonly missingSince: Date | null;
}

/** A manager as records name them. */
export interface ManagerRow {
  readonly value: string;
  /** The record with that address or key. */
  readonly rowNo: number | null;
  readonly situation: Situation | null;
  /** First address of the record, as written. */
  readonly address: string | null;
  /** The user that the record or the link stands for, or who has that address. */
  readonly webexId: string | null;
  readonly name: string | null;
}

/** What the limits of a plan count from. */
export interface ComparisonTotals {
  readonly people: number;
  readonly records: number;
  readonly qualifying: number;
  readonly withoutKey: number;
  /** Records with a key but no readable address, which no link ties to a user. */
  readonly withoutAddress: number;
  readonly links: number;
  readonly missingLinks: number;
}

const SHOWN_SITUATIONS = sql`('INVALID', 'DUPLICATE_SOURCE', 'UNQUALIFIED', 'AMBIGUOUS', 'FOUND_ALREADY_LINKED',
  'CONFIRMED', 'FOUND', 'MISSING', 'ABSENT', 'SOURCE_MISSING')`;

const linkOf = ({ connectorId, organizationId, mapping }: ComparedPlan) =>
  sql`l.connector_id = ${connectorId}::uuid and l.organization_id = ${organizationId}
    and l.mapping_name = ${mapping} and l.kind = 'USER'`;

const PAIR = sql`m.row_no as "rowNo", s.at, coalesce(s.key, l.source_key) as key, coalesce(s.emails, '{}') as emails, s.state,
  s.problems, s.desired, m.situation, m.how, m.candidates, m.reason, m.webex_id as "webexId",
  case when t.email is null then coalesce(t.others, '{}') else t.email || t.others end as "targetEmails", t.name, t.observed,
  l.emails as "linkEmails", l.source_key as "linkKey", l.missing_since as "missingSince"`;

/** Records with their users, by their order in the source. @param after number of the row before the page */
export async function pageOfPairs(
  db: Kysely<Tables>,
  plan: ComparedPlan,
  after: number,
  size: number,
): Promise<ComparedPair[]> {
  const planNo = sql.lit(plan.planNo);
  const { rows } = await sql<ComparedPair>`
    select ${PAIR} from sync_matches m
    join sync_source_rows s on s.plan_no = ${planNo} and s.row_no = m.row_no
    left join sync_target_rows t on t.plan_no = ${planNo} and t.webex_id = m.webex_id
    left join sync_links l on ${linkOf(plan)} and l.webex_id = m.webex_id
    where m.plan_no = ${planNo} and m.row_no > ${after} and m.situation in ${SHOWN_SITUATIONS}
    order by m.row_no limit ${sql.lit(size)}`.execute(db);
  return rows;
}

/** Users without a record in one of these situations, by their ids. @param after id before the page */
export async function pageOfUsers(
  db: Kysely<Tables>,
  plan: ComparedPlan,
  situations: readonly Situation[],
  after: string,
  size: number,
): Promise<ComparedPair[]> {
  const planNo = sql.lit(plan.planNo);
  const { rows } = await sql<ComparedPair>`
    select ${PAIR} from sync_matches m
    left join sync_target_rows t on t.plan_no = ${planNo} and t.webex_id = m.webex_id
    left join sync_source_rows s on false
    left join sync_links l on ${linkOf(plan)} and l.webex_id = m.webex_id
    where m.plan_no = ${planNo} and m.row_no is null and m.situation = any(${[...situations]}) and m.webex_id > ${after}
    order by m.webex_id limit ${sql.lit(size)}`.execute(db);
  return rows;
}

/** Ids of users in a situation, one more than asked for if there are more. */
export async function idsInSituation(
  db: Kysely<Tables>,
  { planNo }: ComparedPlan,
  situations: readonly Situation[],
  most: number,
): Promise<string[]> {
  const { rows } = await sql<{ webex_id: string }>`
    select webex_id from sync_matches where plan_no = ${sql.lit(planNo)} and webex_id is not null
      and situation = any(${[...situations]}) order by webex_id limit ${sql.lit(most + 1)}`.execute(db);
  return rows.map(({ webex_id }) => webex_id);
}

/** First addresses of records that nobody was found for, one more than asked for if there are more. */
export async function absentAddresses(
  db: Kysely<Tables>,
  { planNo }: ComparedPlan,
  most: number,
): Promise<string[]> {
  const plan = sql.lit(planNo);
  const { rows } = await sql<{ email: string }>`
    select s.emails[1] as email from sync_matches m join sync_source_rows s on s.plan_no = ${plan} and s.row_no = m.row_no
    where m.plan_no = ${plan} and m.situation = 'ABSENT' order by m.row_no limit ${sql.lit(most + 1)}`.execute(
    db,
  );
  return rows.map(({ email }) => email);
}

/** Finds managers by first address, or by key. @param values canonical addresses, or keys */
export async function findManagers(
  db: Kysely<Tables>,
  plan: ComparedPlan,
  by: 'EMAIL' | 'KEY',
  values: readonly string[],
): Promise<ManagerRow[]> {
  if (values.length === 0) return [];
  const planNo = sql.lit(plan.planNo);
  const isNamed = by === 'EMAIL' ? sql`s.emails[1] = v.value` : sql`s.key = v.value`;
  const other =
    by === 'EMAIL'
      ? sql`(select o.webex_id from sync_target_rows o where o.plan_no = ${planNo} and o.email = v.value limit 1)`
      : sql`(select l.webex_id from sync_links l where ${linkOf(plan)} and l.source_key = v.value)`;
  const { rows } = await sql<ManagerRow>`
    select v.value, r.row_no as "rowNo", r.situation, r.address, t.webex_id as "webexId", t.name
    from unnest(${[...values]}::text[]) as v(value)
    left join lateral (
      select s.row_no, s.desired->'emails'->'values'->>0 as address, m.situation, m.webex_id
      from sync_source_rows s join sync_matches m on m.plan_no = ${planNo} and m.row_no = s.row_no
      where s.plan_no = ${planNo} and ${isNamed} and m.situation not in ('INVALID', 'DUPLICATE_SOURCE') limit 1) r on true
    left join sync_target_rows t on t.plan_no = ${planNo} and t.webex_id = coalesce(r.webex_id, ${other})`.execute(
    db,
  );
  return rows;
}

/** Which of these users are members of a group, by canonical names of groups. */
export async function membersAmong(
  db: Kysely<Tables>,
  { planNo }: ComparedPlan,
  groups: readonly string[],
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (groups.length === 0 || ids.length === 0) return new Map();
  const plan = sql.lit(planNo);
  const { rows } = await sql<{ webex_id: string; name: string }>`
    select h.webex_id, min(g.name) as name from sync_held_members h
    join sync_target_groups g on g.plan_no = ${plan} and g.webex_id = h.group_id
    where h.plan_no = ${plan} and g.name_key = any(${[...groups]}) and h.webex_id = any(${[...ids]})
    group by h.webex_id`.execute(db);
  return new Map(rows.map(({ webex_id, name }) => [webex_id, name]));
}

/** Number of users with one of these roles. */
export async function countHolders(
  db: Kysely<Tables>,
  { planNo }: ComparedPlan,
  roles: readonly string[],
): Promise<number> {
  if (roles.length === 0) return 0;
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from sync_target_rows
    where plan_no = ${sql.lit(planNo)} and jsonb_exists_any(observed->'roles', ${[...roles]}::text[])`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}

/** What the limits of a plan count from. */
export async function totalsOf(db: Kysely<Tables>, plan: ComparedPlan): Promise<ComparisonTotals> {
  const planNo = sql.lit(plan.planNo);
  const { rows } = await sql<ComparisonTotals>`
    select p.people, r.*, k.* from
      (select count(*)::integer as people from sync_target_rows where plan_no = ${planNo} and type = 'person') p,
      (select count(*)::integer as records,
        (count(*) filter (where qualifies and state <> 'INVALID'))::integer as qualifying,
        (count(*) filter (where key is null))::integer as "withoutKey",
        (count(*) filter (where key is not null and state = 'INVALID' and cardinality(emails) = 0 and not exists (
          select from sync_links l where ${linkOf(plan)} and l.source_key = key)))::integer as "withoutAddress"
        from sync_source_rows where plan_no = ${planNo}) r,
      (select count(*)::integer as links, (count(*) filter (where not exists (
          select from sync_source_rows s where s.plan_no = ${planNo} and s.key = l.source_key)))::integer as "missingLinks"
        from sync_links l where ${linkOf(plan)} and l.missing_since is null) k`.execute(db);
  const [totals] = rows;
  if (totals === undefined) throw new Error('The totals have no row');
  return totals;
}
