import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';
import type { ComparedPlan } from './match-sources.ts';
import type { Action, FieldChange, Json, Withheld } from './words.ts';

/** An address that a draft takes and that another user has. */
export interface HeldAddress {
  readonly draft: number;
  readonly address: string;
  /** The draft of the user who has it; null if no draft has it. */
  readonly holder: number | null;
  readonly holderAction: Action | null;
  readonly isHolderWithheld: boolean;
  /** Whether the holder gives the address up. */
  readonly isFreed: boolean;
}

/** A draft whose manager is to be created. */
export interface ManagedDraft {
  readonly draft: number;
  readonly action: Action;
  /** The draft that creates the manager. */
  readonly manager: number;
  readonly isManagerCreated: boolean;
}

/** The seats that a draft gives back and takes. */
export interface SeatDraft {
  readonly draft: number;
  readonly action: Action;
  readonly frees: readonly string[];
  readonly takes: readonly string[];
}

/** The part of a draft that can change after it was written. */
export interface ChangeableDraft {
  readonly draft_no: number;
  readonly action: Action;
  readonly withheld: Withheld | null;
  readonly reason: string | null;
  readonly changes: readonly FieldChange[];
  readonly counts_in: Readonly<Record<string, number>>;
}

/** What else a draft is, for those that follow from it. */
export interface ReadDraft extends ChangeableDraft {
  readonly situation: Tables['sync_drafts']['situation'];
  readonly name: string;
  readonly at: string | null;
  readonly source_key: string | null;
  readonly target_id: string | null;
  readonly reviewed: Readonly<Record<string, Json>> | null;
}

/** Where a draft stands in the order. */
export interface DraftPlace {
  readonly draft: number;
  /** Undefined: as its action has it. */
  readonly wave?: number | undefined;
  /** Drafts that must succeed first. */
  readonly needs: readonly number[];
}

const isOpen = (alias: string) =>
  sql`${sql.ref(`${alias}.withheld`)} is null and ${sql.ref(`${alias}.action`)} not in ('NONE', 'REPORT')`;

/** Addresses that drafts take from users who have them now. */
export async function heldAddresses(db: Kysely<Tables>, { planNo }: ComparedPlan): Promise<HeldAddress[]> {
  const plan = sql.lit(planNo);
  const { rows } = await sql<HeldAddress>`
    with wanted as materialized (
      select draft_no, target_id, unnest(takes) as address from sync_drafts d
      where d.plan_no = ${plan} and takes is not null and ${isOpen('d')}),
    held as (
      select webex_id, email as address from sync_target_rows where plan_no = ${plan} and email is not null
      union select webex_id, unnest(others) from sync_target_rows where plan_no = ${plan}),
    taken as materialized (
      select w.draft_no, w.address, held.webex_id from wanted w join held on held.address = w.address
      where held.webex_id is distinct from w.target_id),
    holders as materialized (
      select * from sync_drafts where plan_no = ${plan} and kind = 'USER' and target_id in (select webex_id from taken))
    select t.draft_no as draft, t.address, h.draft_no as holder, h.action as "holderAction",
      coalesce(h.withheld is not null, false) as "isHolderWithheld",
      coalesce((select not exists (
          select from jsonb_array_elements_text(c->'after') e where lower(e) = t.address)
        from jsonb_array_elements(h.changes) c where c->>'field' = 'emails'), false) as "isFreed"
    from taken t left join holders h on h.target_id = t.webex_id
    order by t.draft_no, t.address`.execute(db);
  return rows;
}

/** Drafts whose manager is to be created, with the manager's draft. */
export async function managedDrafts(db: Kysely<Tables>, { planNo }: ComparedPlan): Promise<ManagedDraft[]> {
  const plan = sql.lit(planNo);
  const { rows } = await sql<ManagedDraft>`
    select d.draft_no as draft, d.action, m.draft_no as manager,
      (m.action = 'CREATE' and m.withheld is null) as "isManagerCreated"
    from sync_drafts d join sync_drafts m on m.plan_no = ${plan} and m.row_no = d.manager_row
    where d.plan_no = ${plan} and d.manager_row is not null and ${isOpen('d')} order by d.draft_no`.execute(
    db,
  );
  return rows;
}

/** Drafts that give or take licenses, in their order. @param after number of the draft before the page */
export async function pageOfSeatDrafts(
  db: Kysely<Tables>,
  { planNo }: ComparedPlan,
  after: number,
  size: number,
): Promise<SeatDraft[]> {
  const { rows } = await sql<SeatDraft>`
    select d.draft_no as draft, d.action,
      case when d.action = 'DELETE' then coalesce(d.reviewed->'licenses', '[]') else coalesce(c.change->'before', '[]') end as frees,
      coalesce(c.change->'after', '[]') as takes
    from sync_drafts d left join lateral (
      select change from jsonb_array_elements(d.changes) change where change->>'field' = 'licenses') c on true
    where d.plan_no = ${sql.lit(planNo)} and d.draft_no > ${after} and ${isOpen('d')} and d.kind = 'USER'
      and (c.change is not null or d.action = 'DELETE')
    order by d.draft_no limit ${sql.lit(size)}`.execute(db);
  return rows.map((row) => ({ ...row, frees: row.frees ?? [], takes: row.takes ?? [] }));
}

/** Drafts by their numbers, in order. */
export async function draftsByNumber(
  db: Kysely<Tables>,
  { planNo }: ComparedPlan,
  numbers: readonly number[],
): Promise<ReadDraft[]> {
  return await db
    .selectFrom('sync_drafts')
    .select(['draft_no', 'situation', 'action', 'withheld', 'reason', 'changes', 'counts_in'])
    .select(['name', 'at', 'source_key', 'target_id', 'reviewed'])
    .where('plan_no', '=', planNo)
    .where('draft_no', '=', sql<number>`any(${[...numbers]}::integer[])`)
    .orderBy('draft_no')
    .execute();
}

/** Writes drafts again that have changed. */
export async function changeDrafts(
  db: Kysely<Tables>,
  { planNo }: ComparedPlan,
  drafts: readonly ChangeableDraft[],
): Promise<void> {
  if (drafts.length === 0) return;
  await sql`
    update sync_drafts d set action = n.action, withheld = n.withheld, reason = n.reason, changes = n.changes, counts_in = n.counts_in
    from jsonb_to_recordset(${JSON.stringify(drafts)}::jsonb)
      as n(draft_no integer, action text, withheld text, reason text, changes jsonb, counts_in jsonb)
    where d.plan_no = ${sql.lit(planNo)} and d.draft_no = n.draft_no`.execute(db);
}

/** Withholds drafts. */
export async function withholdDrafts(
  db: Kysely<Tables>,
  { planNo }: ComparedPlan,
  drafts: readonly { readonly draft: number; readonly withheld: Withheld; readonly reason: string }[],
): Promise<void> {
  if (drafts.length === 0) return;
  await sql`
    update sync_drafts d set withheld = n.withheld, reason = n.reason || coalesce(' ' || d.reason, '')
    from jsonb_to_recordset(${JSON.stringify(drafts)}::jsonb) as n(draft integer, withheld text, reason text)
    where d.plan_no = ${sql.lit(planNo)} and d.draft_no = n.draft`.execute(db);
}

/**
 * Gives each draft its wave by its action.
 * @param updates wave of updates, behind all creations
 */
export async function setWaves(db: Kysely<Tables>, { planNo }: ComparedPlan, updates: number): Promise<void> {
  const wave = sql.lit(updates);
  await sql`
    update sync_drafts d set wave = case
      when action in ('NONE', 'REPORT', 'LINK', 'UNLINK', 'CREATE_GROUP') or (action = 'RELINK' and changes = '[]') then 0
      when action in ('DELETE', 'DISABLE', 'REMOVE_LICENSES', 'DISABLE_AND_REMOVE_LICENSES') then 1
      when action in ('CREATE', 'RENAME') then 2
      when action = 'SET_MANAGER' then ${wave} + 1
      when action in ('CHANGE_MEMBERS', 'UPDATE_GROUP') then ${wave} + 2
      when action = 'DELETE_GROUP' then ${wave} + 3
      when manager_row is null and exists (
        select from jsonb_array_elements(changes) c where c->>'field' = 'licenses'
          and jsonb_array_length(c->'before') > 0 and jsonb_array_length(c->'after') = 0) then 1
      else ${wave} end
    where d.plan_no = ${sql.lit(planNo)}`.execute(db);
}

/** Sets waves and needs that follow from other drafts. */
export async function placeDrafts(
  db: Kysely<Tables>,
  { planNo }: ComparedPlan,
  places: readonly DraftPlace[],
): Promise<void> {
  if (places.length === 0) return;
  const rows = places.map(({ draft, wave = null, needs }) => ({
    draft,
    wave,
    needs: needs.length > 0 ? needs : null,
  }));
  await sql`
    update sync_drafts d set wave = coalesce(n.wave, d.wave), needs = coalesce(n.needs, d.needs)
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n(draft integer, wave smallint, needs integer[])
    where d.plan_no = ${sql.lit(planNo)} and d.draft_no = n.draft`.execute(db);
}
