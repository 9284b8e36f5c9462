import { type Kysely, sql } from 'kysely';
import { storable, toJson } from '../audit-event-rows.ts';
import type { Tables } from '../tables.ts';
import type { ListReport, Phase, PlanProgress } from './documents.ts';
import { settledSchedules } from './schedules.ts';
import type { SyncPlanRow } from './tables.ts';
import type { PlanState } from './words.ts';

/** What a worker notes of a plan that it makes. What is absent stays as it is. */
export interface PlanNote {
  readonly state?: Extract<PlanState, 'READING' | 'OBSERVING' | 'COMPARING'>;
  readonly organizationId?: string;
  readonly observedAt?: Date;
  readonly progress?: PlanProgress;
  readonly phases?: readonly Phase[];
  readonly lists?: readonly ListReport[];
}

/** Why no plan could be made. */
export interface PlanFailure {
  readonly code: string;
  /** A sentence that says what to do, without anything internal. */
  readonly message: string;
}

/** Work that waits for a worker. */
export interface DueWork {
  readonly plans: boolean;
  readonly runs: boolean;
  readonly schedules: boolean;
  /** Whether another worker holds a lease that may run out. */
  readonly leased: boolean;
}

/**
 * Plans in the hands of the workers that make them. A plan belongs to one worker at a time, for as long as it renews its
 * lease. Whatever a worker writes with an epoch that is not the plan's changes nothing. All methods throw StoreUnavailable.
 */
export interface PlanWorkRepository {
  /** What there is to do, in one query. */
  due(): Promise<DueWork>;
  /**
   * Takes the oldest plan that nobody makes. Its epoch rises, and it begins at READING.
   * A plan whose third worker was lost has FAILED instead, and the next one is taken.
   */
  takeDue(holder: string): Promise<SyncPlanRow | undefined>;
  /** Keeps the plan for another 20 seconds. False: it is lost, or was canceled. */
  renew(id: string, epoch: number): Promise<boolean>;
  /** Lets another worker make the plan at once. */
  giveBack(id: string, epoch: number): Promise<void>;
  /** The same, but this worker counts as lost. */
  beginAgain(id: string, epoch: number): Promise<void>;
  /** Ends all leases. Only if no other process can be on this database. */
  voidLeases(): Promise<void>;
  /** Notes how far the plan is. False: the plan is lost. */
  note(id: string, epoch: number, note: PlanNote): Promise<boolean>;
  /** Ends the plan. False: it is lost, or was canceled. */
  fail(id: string, epoch: number, failure: PlanFailure): Promise<boolean>;
}

/** How long a worker holds what it has taken, by the clock of the database. */
export const LEASE = sql<Date>`now() + interval '20 seconds'`;
/** Workers that may be lost while they make the same plan. */
const MOST_TRIES = 3;

const MAKING: readonly PlanState[] = ['QUEUED', 'READING', 'OBSERVING', 'COMPARING'];
const making = sql`state in ('QUEUED', 'READING', 'OBSERVING', 'COMPARING')`;
const unheld = sql`(lease_until is null or lease_until < now())`;
const held = sql`lease_until >= now()`;

/** The work on plans in this database. */
export function createPlanWorkRepository(db: Kysely<Tables>): PlanWorkRepository {
  const update = (id: string, epoch: number) =>
    db.updateTable('sync_plans').where('id', '=', id).where('epoch', '=', epoch).where('state', 'in', MAKING);
  return {
    async due() {
      const { rows } = await sql<DueWork>`select
        exists (select from sync_plans where ${making} and ${unheld}) as plans,
        exists (select from sync_runs where state in ('QUEUED', 'RUNNING') and ${unheld}) as runs,
        exists (select from sync_schedules where enabled and next_at <= now() and ${unheld})
          or exists (${settledSchedules}) as schedules,
        exists (select from sync_plans where ${making} and ${held})
          or exists (select from sync_runs where state in ('QUEUED', 'RUNNING') and ${held}) as leased`.execute(
        db,
      );
      return rows[0] ?? { plans: false, runs: false, schedules: false, leased: false };
    },
    async takeDue(holder) {
      for (;;) {
        const { rows } = await sql<SyncPlanRow>`
          update sync_plans set holder = ${storable(holder)}, epoch = epoch + 1, lease_until = ${LEASE},
            state = 'READING', tries = tries + 1, revision = revision + 1,
            progress = null, phases = null, lists = null, observed_at = null
          where id = (select id from sync_plans where ${making} and ${unheld}
            order by requested_at limit 1 for update skip locked)
          returning *`.execute(db);
        const [plan] = rows;
        if (plan === undefined || plan.tries <= MOST_TRIES) return plan;
        await this.fail(plan.id, plan.epoch, LOST_TOO_OFTEN);
      }
    },
    async renew(id, epoch) {
      const { numUpdatedRows } = await update(id, epoch).set({ lease_until: LEASE }).executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async giveBack(id, epoch) {
      // This try has not failed.
      await update(id, epoch)
        .set({ holder: null, lease_until: null, tries: sql<number>`greatest(tries - 1, 0)` })
        .execute();
    },
    async beginAgain(id, epoch) {
      await update(id, epoch).set({ holder: null, lease_until: null }).execute();
    },
    async voidLeases() {
      await db
        .updateTable('sync_plans')
        .set({ holder: null, lease_until: null })
        .where('lease_until', 'is not', null)
        .execute();
    },
    async note(id, epoch, note) {
      const { numUpdatedRows } = await update(id, epoch)
        .set({
          // Kysely leaves out what is undefined.
          ...{ state: note.state, organization_id: note.organizationId, observed_at: note.observedAt },
          progress: note.progress && toJson(note.progress),
          phases: note.phases && toJson(note.phases),
          lists: note.lists && toJson(note.lists),
          revision: sql<number>`revision + 1`,
        })
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async fail(id, epoch, { code, message }) {
      const { numUpdatedRows } = await update(id, epoch)
        .set({
          ...{ state: 'FAILED', error_code: storable(code), error_message: storable(message) },
          ...{ holder: null, lease_until: null, revision: sql<number>`revision + 1` },
        })
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}

const LOST_TOO_OFTEN: PlanFailure = {
  code: 'INTERRUPTED',
  message:
    'The gateway stopped three times while it made this plan. Plan again. If that fails as well, the log of the gateway says why it stops.',
};
