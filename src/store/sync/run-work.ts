import { type Kysely, sql } from 'kysely';
import { storable, toJson } from '../audit-event-rows.ts';
import { isUniqueViolation } from '../database-failures.ts';
import type { Tables } from '../tables.ts';
import { anyOf } from './any-of.ts';
import type { Phase } from './documents.ts';
import { isOfRun } from './items.ts';
import { LEASE } from './plan-work.ts';
import { endRun, type RunEnd } from './run-end.ts';
import { type ItemSettlement, type SettledRun, type Spent, settleItems, settleLinks } from './run-settle.ts';
import { doesSend } from './runs.ts';
import type { SyncItemRow, SyncRunRow } from './tables.ts';
import type { PauseReason } from './words.ts';

/** A run in the hands of a worker. Its epoch rises with each worker. */
export type HeldRun = Pick<SyncRunRow, 'id' | 'plan_id' | 'epoch'>;

/** How far the items of a run are. */
export interface RunStanding {
  /** The lowest wave with an item that has no outcome; null: all have one. */
  readonly wave: number | null;
  /** Items of that wave that are to be sent. */
  readonly planned: number;
  /** Items of that wave that were claimed and have no outcome yet. */
  readonly sending: number;
  /** Milliseconds until the next item of that wave may be claimed that waits for its time; null: none does. */
  readonly nextMs: number | null;
}

/**
 * Runs in the hands of the workers that carry them out. A run belongs to one worker at a time, for as long as it renews its
 * lease. Whatever a worker writes with an epoch that is not the run's changes nothing. All methods throw StoreUnavailable.
 */
export interface RunWorkRepository {
  /** Takes the oldest run that no worker has; of a connector one at a time. */
  takeDue(holder: string): Promise<SyncRunRow | undefined>;
  /** Keeps the run for another 20 seconds. False: it is lost. */
  renew(id: string, epoch: number): Promise<boolean>;
  /** Lets another worker take the run at once. */
  giveBack(id: string, epoch: number): Promise<void>;
  /** Ends all leases. Only if no other process can be on this database. */
  voidLeases(): Promise<void>;
  standing(run: HeldRun): Promise<RunStanding>;
  /**
   * Claims items of a wave that may be sent now, in order, and no more than the run may settle before it stops: each gets another try and the id of its audit event.
   * @param most how many items at most
   */
  claim(run: HeldRun, wave: number, most: number): Promise<SyncItemRow[]>;
  /** Claims items whose try another worker has begun, or whose outcome is to be looked for by now. */
  resume(run: HeldRun, most: number): Promise<SyncItemRow[]>;
  /** Items that others need, with what became of them. */
  needed(planId: string, seqs: readonly number[]): Promise<SyncItemRow[]>;
  /** Stores what became of items that this worker has claimed. Undefined: the run is lost. */
  settle(run: HeldRun, items: readonly ItemSettlement[], spent: Spent): Promise<SettledRun | undefined>;
  /** Settles items that only change links, some at a time. Resolves with how many those were; undefined: the run is lost. */
  settleLinks(run: HeldRun): Promise<number | undefined>;
  /** Notes which wave is under way. Undefined: the run is lost. */
  note(run: HeldRun, wave: number, phases: readonly Phase[]): Promise<SyncRunRow | undefined>;
  /** Pauses the run. Undefined: the run is lost. */
  pause(run: HeldRun, reason: PauseReason, message: string): Promise<SyncRunRow | undefined>;
  /** Ends the run. Undefined: the run is lost. */
  end(run: HeldRun, state: RunEnd, message: string | null): Promise<SyncRunRow | undefined>;
}

const unheld = sql`(run.lease_until is null or run.lease_until < now())`;

/** The work on runs in this database. */
export function createRunWorkRepository(db: Kysely<Tables>): RunWorkRepository {
  const update = ({ id, epoch }: Pick<HeldRun, 'id' | 'epoch'>) =>
    db
      .updateTable('sync_runs')
      .where('id', '=', id)
      .where('epoch', '=', epoch)
      .where('state', '=', 'RUNNING');
  return {
    async takeDue(holder) {
      try {
        const { rows } = await sql<SyncRunRow>`
          update sync_runs set holder = ${storable(holder)}, epoch = epoch + 1, lease_until = ${LEASE}, state = 'RUNNING',
            started_at = coalesce(started_at, now()), reason = null, message = null, revision = revision + 1
          where id = (select id from sync_runs run where run.state in ('QUEUED', 'RUNNING') and ${unheld}
            and (run.state = 'RUNNING' or not exists (select from sync_runs other
              where other.connector_id = run.connector_id and other.state = 'RUNNING'))
            order by run.created_at limit 1 for update skip locked)
          returning *`.execute(db);
        return rows[0];
      } catch (error) {
        // Another worker was faster with another run of the same connector.
        if (isUniqueViolation(error)) return undefined;
        throw error;
      }
    },
    async renew(id, epoch) {
      const { numUpdatedRows } = await update({ id, epoch }).set({ lease_until: LEASE }).executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async giveBack(id, epoch) {
      await update({ id, epoch }).set({ holder: null, lease_until: null }).execute();
    },
    async voidLeases() {
      await db
        .updateTable('sync_runs')
        .set({ holder: null, lease_until: null })
        .where('lease_until', 'is not', null)
        .execute();
    },
    async standing({ plan_id }) {
      const { rows } = await sql<RunStanding>`with open as (
          select wave, state, not_before from sync_items
          where plan_id = ${plan_id} and state in ('PLANNED', 'SENDING') and ${isOfRun} and ${doesSend}),
        lowest as (select min(wave) as wave from open)
        select lowest.wave,
          count(*) filter (where open.state = 'PLANNED')::integer as planned,
          count(*) filter (where open.state = 'SENDING')::integer as sending,
          (extract(epoch from min(not_before) - now()) * 1000)::double precision as "nextMs"
        from lowest left join open on open.wave = lowest.wave group by lowest.wave`.execute(db);
      return rows[0] ?? { wave: null, planned: 0, sending: 0, nextMs: null };
    },
    async claim({ id, plan_id, epoch }, wave, most) {
      const { rows } = await sql<SyncItemRow>`
        update sync_items item set state = 'SENDING', epoch = ${epoch}, tries = item.tries + 1, not_before = null, looks = 0,
          event_id = ${eventId(id)}
        from (select plan_id, seq from sync_items open
          where plan_id = ${plan_id} and wave = ${wave} and state = 'PLANNED' and ${isOfRun} and ${doesSend}
            and (not_before is null or not_before <= now())
            and not exists (select from unnest(open.needs) as need
              join sync_items needed on needed.plan_id = open.plan_id and needed.seq = need
              where needed.state in ('PLANNED', 'SENDING') and ${sql.raw(NEEDED_OPEN)})
          order by seq limit (select case when stop_at is null then ${most}::integer
            else greatest(0, least(${most}::integer, stop_at - settled - (select count(*) from sync_items
              where plan_id = ${plan_id} and state = 'SENDING')::integer)) end from sync_runs where id = ${id})
          for update skip locked) as chosen
        where item.plan_id = chosen.plan_id and item.seq = chosen.seq and ${isMine(id, epoch)}
        returning item.*`.execute(db);
      return inOrder(rows);
    },
    async resume({ id, plan_id, epoch }, most) {
      const { rows } = await sql<SyncItemRow>`
        update sync_items item set epoch = ${epoch}, not_before = null
        from (select plan_id, seq from sync_items
          where plan_id = ${plan_id} and state = 'SENDING' and (epoch <> ${epoch} or not_before is not null)
            and (not_before is null or not_before <= now())
          order by seq limit ${most} for update skip locked) as chosen
        where item.plan_id = chosen.plan_id and item.seq = chosen.seq and ${isMine(id, epoch)}
        returning item.*`.execute(db);
      return inOrder(rows);
    },
    async needed(planId, seqs) {
      if (seqs.length === 0) return [];
      const query = db.selectFrom('sync_items').selectAll().where('plan_id', '=', planId);
      return query.where('seq', '=', anyOf(seqs)).execute();
    },
    settle: (run, items, spent) => db.transaction().execute((trx) => settleItems(trx, run, items, spent)),
    settleLinks: (run) => db.transaction().execute((trx) => settleLinks(trx, run)),
    note(run, wave, phases) {
      return update(run)
        .set({ wave, phases: toJson(phases), ...revised })
        .returningAll()
        .executeTakeFirst();
    },
    pause(run, reason, message) {
      return update(run)
        .set({
          ...{ state: 'PAUSED', reason, message: storable(message), holder: null, lease_until: null },
          ...{ paused_at: sql<Date>`now()`, ...revised },
        })
        .returningAll()
        .executeTakeFirst();
    },
    end(held, state, message) {
      return db.transaction().execute(async (trx) => {
        const run = await trx
          .selectFrom('sync_runs')
          .selectAll()
          .where('id', '=', held.id)
          .where('epoch', '=', held.epoch)
          .where('state', '=', 'RUNNING')
          .forUpdate()
          .executeTakeFirst();
        return run && endRun(trx, run, state, message);
      });
    },
  };
}

const revised = { revision: sql<number>`revision + 1` };
/** An item that is not part of the run never gets an outcome. */
const NEEDED_OPEN = "needed.withheld is null and needed.action not in ('NONE', 'REPORT')";

function isMine(id: string, epoch: number) {
  return sql<boolean>`exists (select from sync_runs run where run.id = ${id} and run.epoch = ${epoch}
    and run.state = 'RUNNING' and run.lease_until > now())`;
}

/** The same for each run, item and try: a process that takes an item over finds its audit event. */
function eventId(runId: string) {
  return sql`encode(substring(sha256(convert_to(${runId}::text || ':' || item.seq || ':' || item.tries + 1, 'UTF8'))
    from 1 for 16), 'hex')::uuid`;
}

function inOrder(rows: SyncItemRow[]): SyncItemRow[] {
  return rows.toSorted((one, other) => one.seq - other.seq);
}
