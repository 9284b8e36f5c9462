import { type Kysely, sql } from 'kysely';
import { toJson } from '../audit-event-rows.ts';
import type { Tables } from '../tables.ts';
import type { ListReport, Phase, PlanCount, PlanEstimate, PlanSeats, Verdict } from './documents.ts';
import { isOfRun } from './items.ts';
import type { LimitName } from './words.ts';

/** A plan in the hands of its worker, with its staging tables. */
export interface ClosingPlan {
  readonly id: string;
  readonly planNo: number;
  readonly epoch: number;
}

/** How much the items of a plan that are to be done count in a limit. */
export interface LimitTally {
  readonly sum: number;
  /** The most of one item. */
  readonly largest: number;
  /** Numbers of the first ten items that count. */
  readonly examples: readonly number[];
}

/** A plan as it is stored when it is made. */
export interface MadePlan {
  readonly state: 'READY' | 'UNCHANGED' | 'BLOCKED';
  /** SHA-256, hexadecimal. */
  readonly digest: string;
  readonly hasChanges: boolean;
  readonly lists: readonly ListReport[];
  readonly counts: readonly PlanCount[];
  readonly seats: readonly PlanSeats[];
  readonly verdicts: readonly Verdict[];
  readonly estimate: PlanEstimate;
  readonly phases: readonly Phase[];
  /** Seconds until it expires. */
  readonly lifetime: number;
}

/**
 * Makes numbered items of the drafts of a plan. Nothing is written once the plan is lost or canceled. All methods throw
 * StoreUnavailable.
 */
export interface ClosingRepository {
  /** Gives each draft its number, in the order in which a run carries them out. Returns how many there are. */
  number(plan: ClosingPlan): Promise<number>;
  /** What counts in each limit, without what is withheld. After `number`. */
  tallies(plan: ClosingPlan): Promise<ReadonlyMap<LimitName, LimitTally>>;
  /** Deletes the items of an attempt that was lost. False: the plan is lost. */
  clear(plan: ClosingPlan): Promise<boolean>;
  /** Makes items of the drafts with these numbers. Returns how many were made; fewer: the plan is lost. */
  copy(plan: ClosingPlan, from: number, to: number): Promise<number>;
  /**
   * SHA-256 of all items in their order, hexadecimal.
   * @param head what the digest stands for besides the items
   */
  digest(planId: string, head: string): Promise<string>;
  /** Requests that a run of all items is expected to take, and whether it has anything to do. */
  work(planId: string): Promise<{ readonly requests: number; readonly hasChanges: boolean }>;
  /** Stores the plan as made. False: it is lost. */
  finish(plan: ClosingPlan, made: MadePlan): Promise<boolean>;
}

/** The closing of plans in this database. */
export function createClosingRepository(db: Kysely<Tables>): ClosingRepository {
  return {
    async number({ planNo }) {
      const { numAffectedRows = 0n } = await sql`
        update sync_drafts draft set seq = numbered.seq
        from (select draft_no, row_number() over (order by ${ORDER}) as seq
          from sync_drafts where plan_no = ${sql.lit(planNo)}) numbered
        where draft.plan_no = ${sql.lit(planNo)} and draft.draft_no = numbered.draft_no`.execute(db);
      return Number(numAffectedRows);
    },
    async tallies({ planNo }) {
      const { rows } = await sql<LimitTally & { limit: LimitName }>`
        select key as limit, sum(value::numeric)::float8 as sum, max(value::numeric)::float8 as largest,
          (array_agg(seq order by seq))[1:10] as examples
        from sync_drafts, jsonb_each_text(counts_in)
        where plan_no = ${sql.lit(planNo)} and withheld is null and value::numeric > 0
        group by key`.execute(db);
      return new Map(rows.map(({ limit, ...tally }) => [limit, tally]));
    },
    async clear(plan) {
      const { rows } = await sql`
        with mine as (${ownPlan(plan)}), gone as (
          delete from sync_items where plan_id in (select id from mine))
        select id from mine`.execute(db);
      return rows.length > 0;
    },
    async copy(plan, from, to) {
      const result = await sql`
        insert into sync_items (plan_id, seq, ${COPIED}, needs, sha256)
        select mine.id, seq, ${COPIED}, needed.seqs,
          sha256(convert_to(jsonb_build_array(${DIGESTED}, needed.seqs)::text, 'UTF8'))
        from (${ownPlan(plan)}) mine, sync_drafts draft, lateral (
          select array_agg(other.seq order by other.seq) as seqs from sync_drafts other
          where other.plan_no = ${sql.lit(plan.planNo)} and other.draft_no = any(draft.needs)) needed
        where plan_no = ${sql.lit(plan.planNo)} and seq between ${from} and ${to}`.execute(db);
      return Number(result.numAffectedRows ?? 0);
    },
    async digest(planId, head) {
      const { rows } = await sql<{ digest: Buffer }>`
        select sha256(sha256(convert_to(${head}, 'UTF8')) || coalesce(string_agg(sha256, ''::bytea order by seq), ''))
          as digest
        from sync_items where plan_id = ${planId}`.execute(db);
      return rows[0]?.digest.toString('hex') ?? '';
    },
    async work(planId) {
      const { rows } = await sql<{ requests: number; hasChanges: boolean }>`
        select coalesce(sum(${REQUESTS}), 0)::integer as requests, count(*) > 0 as "hasChanges"
        from sync_items where plan_id = ${planId} and ${isOfRun}`.execute(db);
      return rows[0] ?? { requests: 0, hasChanges: false };
    },
    async finish({ id, epoch }, made) {
      const { digest, lists, counts, seats, verdicts, estimate, phases, lifetime } = made;
      const { numUpdatedRows } = await db
        .updateTable('sync_plans')
        .set({
          ...{ state: made.state, has_changes: made.hasChanges, digest: Buffer.from(digest, 'hex') },
          ...{ lists: toJson(lists), counts: toJson(counts), seats: toJson(seats), phases: toJson(phases) },
          ...{ verdicts: toJson(verdicts), estimate: toJson(estimate), progress: null },
          ...{ holder: null, lease_until: null, ready_at: sql<Date>`now()` },
          expires_at:
            made.state === 'UNCHANGED'
              ? null
              : sql<Date>`now() + ${lifetime}::double precision * interval '1 second'`,
          revision: sql<number>`revision + 1`,
        })
        .where('id', '=', id)
        .where('epoch', '=', epoch)
        .where('state', '=', 'COMPARING')
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}

/** The plan, kept from others for the length of the statement. Without a row: it is lost. */
function ownPlan({ id, epoch }: ClosingPlan) {
  return sql`select id from sync_plans where id = ${id} and epoch = ${epoch} and state = 'COMPARING' for share`;
}

/** Equal content has an equal order, whatever order it came in. */
const ORDER = sql`wave, kind, source_key collate "C" nulls last, name collate "C", target_id collate "C", draft_no`;

const COPIED = sql`wave, kind, situation, action, withheld, reason, name, at, source_key, target_id, changes, reviewed,
  link, candidates`;

/** What was reviewed: without the place in the source, which says nothing of what is done. */
const DIGESTED = sql`wave, kind, situation, action, withheld, name, source_key, target_id, changes, reviewed, link`;

/** Requests of one item: a read, the change, and a look afterwards where the answer does not show everything. */
const REQUESTS = sql`case
  when action in ('LINK', 'UNLINK') or (action = 'RELINK' and changes = '[]') then 0
  when action in ('DELETE', 'DELETE_GROUP') then 3
  when action = 'CHANGE_MEMBERS' then 2 + (
    select coalesce(ceil(sum(jsonb_array_length(change->'before') + jsonb_array_length(change->'after')) / 500.0), 0)
    from jsonb_array_elements(changes) change where change->>'field' = 'members')
  else 2 end`;
