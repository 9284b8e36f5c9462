import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { storable, toJson } from '../audit-event-rows.ts';
import { isConnectorId } from '../connectors.ts';
import type { Tables } from '../tables.ts';
import type { ScheduledRequest } from './documents.ts';
import type { SyncScheduleRow } from './tables.ts';
import type { PlanState, RunState } from './words.ts';

/** A schedule that is to be stored. */
export interface NewSchedule {
  readonly connectorId: string;
  readonly name: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly mode: SyncScheduleRow['mode'];
  readonly enabled: boolean;
  readonly request: ScheduledRequest;
  readonly mappingVersion: number;
  readonly nextAt: Date;
  /** As the audit trail names the caller. */
  readonly createdBy: string;
}

/** A schedule that is due, in the hands of one worker. */
export interface TakenSchedule {
  readonly schedule: SyncScheduleRow;
  /** By the clock of the database. */
  readonly now: Date;
}

/** A schedule whose plan or run has come to its end. */
export interface SettledSchedule {
  readonly schedule: SyncScheduleRow;
  readonly planState: PlanState;
  /** Hexadecimal. */
  readonly planDigest: string | null;
  readonly planVersion: number | null;
  readonly runState: RunState | null;
}

/** What a worker notes of a schedule that it has taken. What is absent stays as it is. */
export interface ScheduleNote {
  readonly nextAt?: Date | null;
  readonly lastPlanId?: string;
  readonly lastOutcome?: string;
  readonly awaits?: 'PLAN' | 'RUN' | null;
  readonly failures?: number;
  readonly enabled?: boolean;
}

/** Schedules. A due one belongs to one worker for a minute. All methods throw StoreUnavailable. */
export interface SyncScheduleRepository {
  /** Stores a schedule, or replaces the one that the connector has under that name. */
  put(
    schedule: NewSchedule,
  ): Promise<{ readonly schedule: SyncScheduleRow; readonly before: SyncScheduleRow | null }>;
  /** Null: it does not exist, or the text is no id. */
  get(id: string): Promise<SyncScheduleRow | null>;
  /** Of a connector, by name. */
  list(connectorId: string): Promise<SyncScheduleRow[]>;
  delete(id: string): Promise<SyncScheduleRow | null>;
  /** The current time of the database. */
  now(): Promise<Date>;
  /** Takes the enabled schedule that has been due for the longest time. */
  takeDue(holder: string): Promise<TakenSchedule | undefined>;
  /** Takes a schedule whose plan or run has ended. */
  takeSettled(holder: string): Promise<SettledSchedule | undefined>;
  /** Notes something, and gives the schedule back. False: another worker has it, or it was put again. */
  note(id: string, epoch: number, note: ScheduleNote): Promise<boolean>;
}

const LEASE = sql<Date>`now() + interval '1 minute'`;
const unheld = sql<boolean>`(lease_until is null or lease_until < now())`;

/** The schedules in this database. */
export function createSyncScheduleRepository(db: Kysely<Tables>): SyncScheduleRepository {
  const get = async (id: string) => {
    if (!isConnectorId(id)) return null;
    return (
      (await db.selectFrom('sync_schedules').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
    );
  };
  const take = (id: string, holder: string) =>
    db
      .updateTable('sync_schedules')
      .set({ holder, epoch: sql<number>`epoch + 1`, lease_until: LEASE })
      .where('id', '=', id)
      .where(unheld)
      .returningAll()
      .executeTakeFirst();
  return {
    get,
    put: (schedule) => db.transaction().execute((transaction) => put(transaction, schedule)),
    list: (connectorId) =>
      db
        .selectFrom('sync_schedules')
        .selectAll()
        .where('connector_id', '=', connectorId)
        .orderBy('name')
        .execute(),
    async delete(id) {
      if (!isConnectorId(id)) return null;
      const row = await db
        .deleteFrom('sync_schedules')
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst();
      return row ?? null;
    },
    now: () => nowOf(db),
    async takeDue(holder) {
      const due = await db
        .selectFrom('sync_schedules')
        .select('id')
        .where('enabled', '=', true)
        .where('next_at', '<=', sql<Date>`now()`)
        .where(unheld)
        .orderBy('next_at')
        .limit(1)
        .executeTakeFirst();
      const schedule = due && (await take(due.id, holder));
      return schedule && { schedule, now: await nowOf(db) };
    },
    async takeSettled(holder) {
      const { rows } = await sql<Settled>`${settledSchedules} limit 1`.execute(db);
      const [found] = rows;
      const schedule = found && (await take(found.id, holder));
      if (found === undefined || schedule === undefined) return undefined;
      const { plan_state: planState, plan_digest: planDigest, plan_version: planVersion } = found;
      return { schedule, planState, planDigest, planVersion, runState: found.run_state };
    },
    async note(id, epoch, note) {
      const row = await db
        .updateTable('sync_schedules')
        .set({ ...columnsOf(note), holder: null, lease_until: null })
        .where('id', '=', id)
        .where('epoch', '=', epoch)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

interface Settled {
  readonly id: string;
  readonly plan_state: PlanState;
  readonly plan_digest: string | null;
  readonly plan_version: number | null;
  readonly run_state: RunState | null;
}

/** Schedules that wait for a plan or a run which has ended. */
export const settledSchedules = sql`select sync_schedules.id, sync_plans.state as plan_state,
    encode(sync_plans.digest, 'hex') as plan_digest, sync_plans.mapping_version as plan_version,
    sync_runs.state as run_state
  from sync_schedules join sync_plans on sync_plans.id = last_plan_id
  left join sync_runs on sync_runs.plan_id = sync_plans.id
  where awaits is not null and (sync_schedules.lease_until is null or sync_schedules.lease_until < now())
    and case awaits when 'PLAN' then sync_plans.state not in ('QUEUED', 'READING', 'OBSERVING', 'COMPARING')
      else sync_runs.state in ('COMPLETED', 'COMPLETED_WITH_ERRORS', 'CANCELED', 'FAILED') end`;

function columnsOf({ nextAt, lastPlanId, lastOutcome, awaits, failures, enabled }: ScheduleNote) {
  return {
    ...(nextAt === undefined ? {} : { next_at: nextAt }),
    ...(lastPlanId === undefined ? {} : { last_plan_id: lastPlanId }),
    ...(lastOutcome === undefined ? {} : { last_outcome: lastOutcome }),
    ...(awaits === undefined ? {} : { awaits }),
    ...(failures === undefined ? {} : { failures }),
    ...(enabled === undefined ? {} : { enabled }),
  };
}

async function put(db: Kysely<Tables>, schedule: NewSchedule) {
  const { connectorId, name, cron, timeZone, mode, enabled, request, mappingVersion, nextAt } = schedule;
  const before = await db
    .selectFrom('sync_schedules')
    .selectAll()
    .where('connector_id', '=', connectorId)
    .where('name', '=', storable(name))
    .forUpdate()
    .executeTakeFirst();
  const values = {
    ...{ cron, time_zone: timeZone, mode, enabled, request: toJson(request), next_at: nextAt },
    ...{ mapping_version: mappingVersion, created_by: schedule.createdBy, failures: 0, awaits: null },
  };
  const row = await db
    .insertInto('sync_schedules')
    .values({ id: randomUUID(), connector_id: connectorId, name: storable(name), ...values })
    .onConflict((conflict) =>
      conflict
        .columns(['connector_id', 'name'])
        // What a worker was about to note is about the schedule as it was.
        .doUpdateSet({
          ...values,
          epoch: sql<number>`sync_schedules.epoch + 1`,
          holder: null,
          lease_until: null,
        }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
  return { schedule: row, before: before ?? null };
}

async function nowOf(db: Kysely<Tables>): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select now() as now`.execute(db);
  return rows[0]?.now ?? new Date();
}
