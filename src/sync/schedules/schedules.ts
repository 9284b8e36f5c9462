import { InvalidInput, NotFound } from '../../errors/request.ts';
import type { Store } from '../../store/store.ts';
import type { SyncScheduleRow } from '../../store/sync/tables.ts';
import type { AskedPlan } from '../plans/asked-plan.ts';
import { checkRequest, type RequestTools } from '../plans/plan-request.ts';
import { momentsAfter, readRhythm } from './moments.ts';

export type { SyncScheduleRow };

/** A schedule that a caller wants to store. */
export interface AskedSchedule {
  readonly name: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly mode: SyncScheduleRow['mode'];
  readonly enabled: boolean;
  /** What is planned each time, for the schedule's connector. */
  readonly plan: AskedPlan;
}

/** A stored schedule, and what was there before. */
export interface StoredSchedule {
  readonly schedule: SyncScheduleRow;
  readonly before: SyncScheduleRow | null;
}

export interface SchedulesTools {
  readonly store: Pick<Store, 'sync'>;
  readonly mappings: RequestTools['mappings'];
}

/** Plans that are made by the clock, as callers see them. All methods throw StoreUnavailable. */
export class Schedules {
  readonly #tools: SchedulesTools;

  constructor(tools: SchedulesTools) {
    this.#tools = tools;
  }

  /** Null: it does not exist. */
  get(id: string): Promise<SyncScheduleRow | null> {
    return this.#tools.store.sync.schedules.get(id);
  }

  /** The schedules of a connector, by name. */
  list(connectorId: string): Promise<SyncScheduleRow[]> {
    return this.#tools.store.sync.schedules.list(connectorId);
  }

  /**
   * Stores a schedule, or replaces the one that the connector has under that name. It starts without failures.
   * Throws InvalidInput, NotFound, Forbidden as planning does.
   */
  async put({ name, cron, timeZone, mode, enabled, plan }: AskedSchedule): Promise<StoredSchedule> {
    const { store, mappings } = this.#tools;
    const rhythm = readRhythm({ cron, timeZone }, new Date());
    if (plan.retryOf !== undefined)
      throw new InvalidInput('input.plan.retryOf', 'cannot be planned again and again.');
    const { request, mappingVersion } = await checkRequest({ store: store.sync, mappings }, plan);
    const newestMapping =
      plan.mapping !== undefined && 'name' in plan.mapping && plan.mapping.version === undefined;
    const [nextAt] = momentsAfter(rhythm, await store.sync.schedules.now(), 1);
    if (nextAt === undefined) throw new InvalidInput('input.cron', 'never happens: there is no such date.');
    return store.sync.schedules.put({
      ...{ connectorId: plan.connectorId, name, ...rhythm, mode, enabled, mappingVersion, nextAt },
      request: { ...request, newestMapping },
      createdBy: plan.actor,
    });
  }

  /** Deletes a schedule. Its plans and runs stay. Throws NotFound. */
  async delete(id: string): Promise<SyncScheduleRow> {
    const deleted = await this.#tools.store.sync.schedules.delete(id);
    if (deleted === null) throw new NotFound('schedule', id);
    return deleted;
  }
}

/** The next five moments of a schedule; none while it is off. Pure. */
export function nextOf({ enabled, cron, time_zone: timeZone, next_at: nextAt }: SyncScheduleRow): Date[] {
  if (!enabled || nextAt === null) return [];
  return [nextAt, ...momentsAfter({ cron, timeZone }, nextAt, 4)];
}

/** As the audit trail names a schedule that plans and applies. */
export function actorOf({ name }: Pick<SyncScheduleRow, 'name'>): string {
  return `schedule:${name}`;
}
