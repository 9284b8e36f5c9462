import { NotFound } from '../../errors/request.ts';
import { nextOf, type SyncScheduleRow } from '../../sync/schedules/schedules.ts';
import { builder } from '../base/builder.ts';
import type { Context } from '../base/context.ts';
import { ConnectorRef } from '../base/refs.ts';
import { SyncPlanRef, SyncScheduleRef } from './refs.ts';

export const SyncScheduleModeEnum = builder.enumType('SyncScheduleMode', {
  description: 'What becomes of the plan that a schedule makes.',
  values: {
    PLAN_ONLY: { description: 'A caller reviews it and applies it.' },
    APPLY_WITHIN_LIMITS: {
      description:
        'It is applied at once if it is READY. A plan that exceeds a limit is BLOCKED and waits for an approval. It is not applied if the mapping has another version than when the schedule was last put.',
    },
  } as const,
});

builder.node(SyncScheduleRef, {
  description:
    'Plans at fixed times. Its plans and runs are requested by `schedule:NAME`. A schedule is switched off if it fails three times in a row, or if the API key of the caller who put it has expired or was revoked.',
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name, unique among those of the connector.' }),
    cron: t.exposeString('cron', {
      description: 'Minute, hour, day of month, month and day of week. Example: `30 2 * * 1-5`.',
    }),
    timeZone: t.string({
      description: 'The time zone of `cron`, such as Europe/Berlin.',
      resolve: ({ time_zone }) => time_zone,
    }),
    mode: t.field({
      type: SyncScheduleModeEnum,
      description: 'What becomes of its plans.',
      resolve: ({ mode }) => mode,
    }),
    enabled: t.exposeBoolean('enabled', {
      description: 'Whether it plans. Put it again to switch it on, which also resets its failures.',
    }),
    next: t.field({
      type: ['DateTime'],
      description:
        'The next five times. Empty while it is switched off. A time that was missed by less than an hour is made up for once.',
      resolve: (schedule) => nextOf(schedule),
    }),
    lastPlan: t.field({
      type: SyncPlanRef,
      nullable: true,
      fallible: true,
      description: 'The last plan that it made. Null if it has made no plan yet.',
      resolve: ({ last_plan_id: id }, _arguments, { sync }) => (id === null ? null : sync.plans.get(id)),
    }),
    lastOutcome: t.string({
      nullable: true,
      description:
        'What came of its last time: PLANNING, READY, UNCHANGED, BLOCKED, CANCELED, EXPIRED or APPLIED, as its plan. APPLYING, COMPLETED, COMPLETED_WITH_ERRORS or CANCELED, as its run. PLAN_REFUSED, PLAN_FAILED, APPLY_REFUSED or RUN_FAILED for a failure. SKIPPED: the plan or run before had not ended. MISSED: no gateway was running. MAPPING_CHANGED: the plan waits for a caller, because its mapping has another version. CREATOR_GONE: the API key of the caller who put it has ended. Null if its time has not come yet.',
      resolve: ({ last_outcome }) => last_outcome,
    }),
  }),
});

builder.objectField(ConnectorRef, 'syncSchedules', (t) =>
  t.field({
    type: [SyncScheduleRef],
    fallible: true,
    description: 'Its schedules, by name.',
    resolve: ({ id }, _arguments, { sync }) => sync.schedules.list(id),
  }),
);

/** The schedule with this id; null if it or its connector does not exist for the caller. Rejects with Forbidden. */
export async function scheduleById(id: string, context: Context): Promise<SyncScheduleRow | null> {
  const schedule = await context.sync.schedules.get(id);
  if (schedule === null) return null;
  try {
    await context.connector(schedule.connector_id);
    return schedule;
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
}
