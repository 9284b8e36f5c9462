import { hostname } from 'node:os';
import { GatewayError } from '../../errors/gateway-error.ts';
import { StoreUnavailable } from '../../errors/start.ts';
import type { Store } from '../../store/store.ts';
import type { ScheduleNote, SettledSchedule, TakenSchedule } from '../../store/sync/schedules.ts';
import type { SyncPlanRow, SyncRunRow, SyncScheduleRow } from '../../store/sync/tables.ts';
import { describeError } from '../../telemetry/error-facts.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { AskedPlan } from '../plans/asked-plan.ts';
import { momentsAfter } from './moments.ts';
import { actorOf } from './schedules.ts';

export interface ScheduleWorkerTools {
  readonly store: Pick<Store, 'sync' | 'apiKeys'>;
  readonly logger: Logger;
  readonly plans: { plan(asked: AskedPlan): Promise<SyncPlanRow> };
  readonly runs: {
    apply(asked: { readonly planId: string; readonly digest: string }, actor: string): Promise<SyncRunRow>;
  };
  /** A schedule was switched off because it failed again and again. */
  readonly disabled: () => void;
}

/** A moment that was missed by less is made up for, once. */
const MADE_UP_MS = 3_600_000;
/** Failures in a row after which a schedule is switched off. */
const MOST_FAILURES = 3;
const MAKING = new Set(['QUEUED', 'READING', 'OBSERVING', 'COMPARING']);
const RUNNING = new Set(['QUEUED', 'RUNNING', 'PAUSED']);

/** Makes the plans of schedules that are due, and applies those that may be. */
export class ScheduleWorker {
  readonly #tools: ScheduleWorkerTools;
  readonly #holder = `${hostname()}/${process.pid}`;

  constructor(tools: ScheduleWorkerTools) {
    this.#tools = tools;
  }

  /** Does all that is due, one schedule after the other. Throws StoreUnavailable. */
  async fireDue(): Promise<void> {
    const { schedules } = this.#tools.store.sync;
    for (let ended = await schedules.takeSettled(this.#holder); ended !== undefined; ) {
      await this.#note(ended.schedule, await this.#settle(ended));
      ended = await schedules.takeSettled(this.#holder);
    }
    for (let taken = await schedules.takeDue(this.#holder); taken !== undefined; ) {
      await this.#note(taken.schedule, await this.#fire(taken));
      taken = await schedules.takeDue(this.#holder);
    }
  }

  async #note({ id, epoch }: SyncScheduleRow, note: ScheduleNote): Promise<void> {
    await this.#tools.store.sync.schedules.note(id, epoch, note);
  }

  /** What comes of a moment. */
  async #fire({ schedule, now }: TakenSchedule): Promise<ScheduleNote> {
    const rhythm = { cron: schedule.cron, timeZone: schedule.time_zone };
    const [next = null] = momentsAfter(rhythm, now, 1);
    const later = { nextAt: next };
    if (await this.#isCreatorGone(schedule)) {
      this.#tools.logger.warn(
        { schedule: schedule.name },
        'a schedule was switched off, because the API key of its creator has expired or was revoked; put it again',
      );
      return { ...later, enabled: false, lastOutcome: 'CREATOR_GONE' };
    }
    if (now.getTime() - (schedule.next_at?.getTime() ?? 0) >= MADE_UP_MS)
      return { ...later, lastOutcome: 'MISSED' };
    if (await this.#isUnfinished(schedule)) return { ...later, lastOutcome: 'SKIPPED' };
    try {
      const plan = await this.#tools.plans.plan(askedOf(schedule));
      return { ...later, lastPlanId: plan.id, lastOutcome: 'PLANNING', awaits: 'PLAN' };
    } catch (error) {
      return { ...later, awaits: null, ...this.#failed(schedule, 'PLAN_REFUSED', error) };
    }
  }

  /** What comes of a plan or a run that has ended. */
  async #settle(ended: SettledSchedule): Promise<ScheduleNote> {
    const { schedule, planState, runState } = ended;
    if (schedule.awaits === 'RUN') {
      if (runState === 'FAILED') return { awaits: null, ...this.#failed(schedule, 'RUN_FAILED') };
      return { awaits: null, failures: 0, lastOutcome: runState ?? 'CANCELED' };
    }
    if (planState === 'FAILED') return { awaits: null, ...this.#failed(schedule, 'PLAN_FAILED') };
    if (planState !== 'READY' || schedule.mode === 'PLAN_ONLY')
      return { awaits: null, failures: 0, lastOutcome: planState };
    if (ended.planVersion !== schedule.mapping_version)
      return { awaits: null, failures: 0, lastOutcome: 'MAPPING_CHANGED' };
    try {
      const planId = schedule.last_plan_id ?? '';
      await this.#tools.runs.apply({ planId, digest: ended.planDigest ?? '' }, actorOf(schedule));
      return { awaits: 'RUN', lastOutcome: 'APPLYING' };
    } catch (error) {
      return { awaits: null, ...this.#failed(schedule, 'APPLY_REFUSED', error) };
    }
  }

  /** Counts a failure. Throws what is no failure of the schedule, so that it is tried again. */
  #failed({ name, failures: before }: SyncScheduleRow, lastOutcome: string, error?: unknown): ScheduleNote {
    if (error instanceof StoreUnavailable) throw error;
    if (error !== undefined && !(error instanceof GatewayError)) {
      this.#tools.logger.error(
        { schedule: name, error: describeError(error) },
        'a bug: a schedule could not plan',
      );
    }
    const failures = before + 1;
    if (failures < MOST_FAILURES) return { failures, lastOutcome };
    this.#tools.disabled();
    this.#tools.logger.error(
      { schedule: name, outcome: lastOutcome },
      'a schedule was switched off, because it failed three times in a row; fix the cause, then put it again',
    );
    return { failures, lastOutcome, enabled: false };
  }

  /** Whether the plan before is still being made or applied. */
  async #isUnfinished({ last_plan_id: planId }: SyncScheduleRow): Promise<boolean> {
    const { plans, runs } = this.#tools.store.sync;
    const plan = planId === null ? null : await plans.get(planId);
    if (plan === null) return false;
    if (MAKING.has(plan.state)) return true;
    const run = plan.state === 'APPLIED' ? await runs.ofPlan(plan.id) : null;
    return run !== null && RUNNING.has(run.state);
  }

  /** Keys can be looked up; of a token of an identity provider nothing is known afterwards. */
  async #isCreatorGone({ created_by: creator }: SyncScheduleRow): Promise<boolean> {
    const name = /^api-key:(.*)$/s.exec(creator)?.[1];
    if (name === undefined) return false;
    const keys = await this.#tools.store.apiKeys.list();
    const key = keys.find((each) => each.name === name);
    // The key of the configuration is not stored.
    if (key === undefined) return false;
    return key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt.getTime() <= Date.now());
  }
}

function askedOf(schedule: SyncScheduleRow): AskedPlan {
  const { request, connector_id: connectorId, next_at: moment } = schedule;
  const { mapping } = request;
  const version = 'name' in mapping && !request.newestMapping ? mapping.version : undefined;
  return {
    connectorId,
    actor: actorOf(schedule),
    onBehalfOf: schedule.created_by,
    byAdmin: request.byAdmin,
    // A worker that is lost after it has asked does not ask for a second plan.
    idempotencyKey: `schedule ${schedule.id} ${moment?.toISOString() ?? ''}`,
    mapping: 'text' in mapping ? mapping : { name: mapping.name, version },
    fileId: request.fileId,
    rows: request.rows,
    sourceId: request.sourceId,
    retryOf: undefined,
    narrow: request.narrow,
    extent: request.extent,
    note: request.note,
  };
}
