import { sql, type Transaction } from 'kysely';
import { toJson } from '../audit-event-rows.ts';
import type { Tables } from '../tables.ts';
import type { RunCount } from './documents.ts';
import { isOfRun } from './items.ts';
import { dropLinks, type LinkSpace, type NewLink, type OldLink, putLinks } from './links.ts';
import { addCounts } from './run-end.ts';
import type { SyncItemRow, SyncRunRow } from './tables.ts';
import type { FieldChange, ItemError, ItemOutcome } from './words.ts';

/** What became of an item. PLANNED: it is tried again; SENDING: it is looked for what became of it. */
export interface ItemSettlement {
  readonly seq: number;
  readonly state: ItemOutcome | 'PLANNED' | 'SENDING';
  /** The error of a try that is tried again stays until there is an outcome. */
  readonly error: ItemError | null;
  readonly drift: readonly FieldChange[] | null;
  /** Webex's id of the record, as far as it is known; null leaves what there is. */
  readonly targetId: string | null;
  /** Milliseconds until the item may be claimed again; null: it has an outcome. */
  readonly againMs: number | null;
  readonly looks: number;
  /** Whether the try does not count. */
  readonly isFree: boolean;
}

/** What a worker has spent since it last told. */
export interface Spent {
  readonly requests: number;
  readonly retries: number;
  readonly throttledMs: number;
}

/** A run after items were settled. */
export interface SettledRun {
  readonly run: SyncRunRow;
  /** Numbers of the items that were settled: those that the worker still had. */
  readonly seqs: readonly number[];
}

type Held = Pick<SyncRunRow, 'id' | 'epoch'>;
type SettledRow = Pick<SyncItemRow, 'seq' | 'kind' | 'action' | 'source_key' | 'target_id' | 'link'> & {
  readonly state: ItemSettlement['state'];
};

const LINKS_AT_ONCE = 500;
const CREATIONS: ReadonlySet<string> = new Set(['CREATE', 'CREATE_GROUP']);
const DELETIONS: ReadonlySet<string> = new Set(['DELETE', 'DELETE_GROUP']);

/** Stores what became of items, counts them and stores their links. Undefined: the run belongs to another worker, or has ended. */
export async function settleItems(
  trx: Transaction<Tables>,
  held: Held,
  items: readonly ItemSettlement[],
  spent: Spent,
): Promise<SettledRun | undefined> {
  const run = await lock(trx, held);
  if (run === undefined) return undefined;
  const revision = run.revision + 1;
  const { rows } = await sql<SettledRow>`
    update sync_items item set state = done.state, error = done.error, drift = done.drift, looks = done.looks,
      tries = item.tries - case when done."isFree" then 1 else 0 end,
      target_id = coalesce(done."targetId", item.target_id),
      not_before = now() + done."againMs" * interval '1 millisecond',
      settled_at = case when done."againMs" is null then now() end,
      revision = case when done."againMs" is null then ${revision}::integer end
    from jsonb_to_recordset(${toJson(items)}::jsonb) as done (seq integer, state text, error jsonb, drift jsonb,
      "targetId" text, "againMs" double precision, looks smallint, "isFree" boolean)
    where item.plan_id = ${run.plan_id} and item.seq = done.seq and item.state = 'SENDING' and item.epoch = ${run.epoch}
    returning item.seq, item.kind, item.action, item.source_key, item.target_id, item.link, item.state`.execute(
    trx,
  );
  const done = rows.filter(({ state }) => state !== 'PLANNED' && state !== 'SENDING');
  const space = await spaceOf(trx, run);
  if (space !== undefined) {
    await dropLinks(trx, space, done.flatMap(oldLinkOf));
    await putLinks(trx, space, done.flatMap(newLinkOf));
  }
  const updated = await trx
    .updateTable('sync_runs')
    .set({
      ...{ revision, counts: toJson(addCounts(run.counts, done.flatMap(countOf))) },
      settled: run.settled + done.length,
      requests: run.requests + spent.requests,
      retries: run.retries + spent.retries,
      throttled_ms: sql<number>`throttled_ms + ${Math.round(spent.throttledMs)}`,
    })
    .where('id', '=', run.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return { run: updated, seqs: rows.map(({ seq }) => seq) };
}

/** Settles items that send nothing, some at a time. Resolves with how many those were. */
export async function settleLinks(trx: Transaction<Tables>, held: Held): Promise<number | undefined> {
  const run = await lock(trx, held);
  if (run === undefined) return undefined;
  const revision = run.revision + 1;
  const { rows } = await sql<SettledRow>`
    update sync_items item set state = 'ALREADY', settled_at = now(), revision = ${revision}, epoch = ${run.epoch}
    where plan_id = ${run.plan_id} and seq = any(array(select seq from sync_items
      where plan_id = ${run.plan_id} and state = 'PLANNED' and ${isOfRun}
        and action in ('LINK', 'RELINK', 'UNLINK') and (action <> 'RELINK' or jsonb_array_length(changes) = 0)
      order by seq limit ${LINKS_AT_ONCE}))
    returning item.seq, item.kind, item.action, item.source_key, item.target_id, item.link, item.state`.execute(
    trx,
  );
  if (rows.length === 0) return 0;
  const space = await spaceOf(trx, run);
  if (space !== undefined) {
    // The run may have been paused while a newer plan was applied.
    await dropLinks(trx, space, rows.flatMap(oldLinkOf), space.plannedAt);
    await putLinks(trx, space, rows.flatMap(newLinkOf), space.plannedAt);
  }
  await trx
    .updateTable('sync_runs')
    .set({ revision, counts: toJson(addCounts(run.counts, rows.flatMap(countOf))) })
    .where('id', '=', run.id)
    .execute();
  return rows.length;
}

function lock(trx: Transaction<Tables>, { id, epoch }: Held): Promise<SyncRunRow | undefined> {
  return trx
    .selectFrom('sync_runs')
    .selectAll()
    .where('id', '=', id)
    .where('epoch', '=', epoch)
    .where('state', '=', 'RUNNING')
    .forUpdate()
    .executeTakeFirst();
}

async function spaceOf(
  trx: Transaction<Tables>,
  run: SyncRunRow,
): Promise<(LinkSpace & { readonly plannedAt: Date }) | undefined> {
  const { connector_id: connectorId, organization_id: organizationId } = run;
  const { mapping_name: mappingName, requested_at: plannedAt } = await trx
    .selectFrom('sync_plans')
    .select(['mapping_name', 'requested_at'])
    .where('id', '=', run.plan_id)
    .executeTakeFirstOrThrow();
  return mappingName === null ? undefined : { connectorId, organizationId, mappingName, plannedAt };
}

function isMade({ state }: SettledRow): boolean {
  return state === 'APPLIED' || state === 'ALREADY' || state === 'PARTIALLY_APPLIED';
}

function newLinkOf(row: SettledRow): NewLink[] {
  const { kind, action, source_key: sourceKey, target_id: webexId, link } = row;
  const links = action !== 'UNLINK' && !DELETIONS.has(action);
  if (!links || !isMade(row) || link === null || sourceKey === null || webexId === null) return [];
  const createdByUs = CREATIONS.has(action) && row.state !== 'ALREADY';
  return [
    { kind, sourceKey, webexId, emails: link.emails, previousKey: link.previousKey ?? null, createdByUs },
  ];
}

function oldLinkOf(row: SettledRow): OldLink[] {
  const { kind, action, source_key: sourceKey, target_id: webexId } = row;
  if (!isMade(row)) return [];
  if (action === 'UNLINK') return [{ kind, sourceKey, webexId: null }];
  return DELETIONS.has(action) ? [{ kind, sourceKey: null, webexId }] : [];
}

function countOf({ action, state }: SettledRow): RunCount[] {
  return state === 'PLANNED' || state === 'SENDING' ? [] : [{ action, outcome: state, count: 1 }];
}
