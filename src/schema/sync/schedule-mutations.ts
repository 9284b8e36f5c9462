import { InvalidInput, NotFound } from '../../errors/request.ts';
import { readValue } from '../../provisioning/changes/problems.ts';
import { textOf } from '../../provisioning/users/input-values.ts';
import type { SyncScheduleRow } from '../../sync/schedules/schedules.ts';
import { aboutConnector, recorded } from '../audit/recorded.ts';
import { builder } from '../base/builder.ts';
import { connectorField } from '../base/chosen-connector.ts';
import { readOwnId } from '../base/global-ids.ts';
import { ErrorRef } from '../errors/error.ts';
import type { Failure } from '../errors/failure.ts';
import { failsAs } from '../errors/payloads.ts';
import { PlanSyncInput, readPlan } from './plan-inputs.ts';
import { SyncScheduleRef } from './refs.ts';
import { SyncScheduleModeEnum, scheduleById } from './schedule.ts';

interface PayloadShape {
  readonly schedule?: SyncScheduleRow;
  readonly failure?: Failure;
}

const SyncSchedulePayload = builder.objectRef<PayloadShape>('SyncSchedulePayload').implement({
  description: 'The answer to a change of a schedule.',
  fields: (t) => ({
    schedule: t.field({
      type: SyncScheduleRef,
      nullable: true,
      description: 'The schedule as it is now; after a deletion, as it was. Null if `error` is set.',
      resolve: ({ schedule }) => schedule,
    }),
    error: t.field({
      type: ErrorRef,
      nullable: true,
      description: 'Why nothing was changed. Null if the change was made.',
      resolve: ({ failure }) => failure,
    }),
  }),
});

const PutSyncScheduleInput = builder.inputType('PutSyncScheduleInput', {
  description: 'A schedule to store.',
  fields: (t) => ({
    connector: connectorField(t),
    name: t.string({
      required: true,
      description:
        'Its name, 1 to 64 letters, digits, - and _. A schedule of the connector with this name is replaced.',
    }),
    cron: t.string({
      required: true,
      description:
        'Minute, hour, day of month, month and day of week. Example: `30 2 * * 1-5`, at 02:30 from Monday to Friday.',
    }),
    timeZone: t.string({
      required: true,
      description:
        'The time zone of `cron`, such as Europe/Berlin. When clocks change, a time that does not exist is made up for, and one that exists twice counts once.',
    }),
    mode: t.field({
      type: SyncScheduleModeEnum,
      required: true,
      description: 'What becomes of its plans.',
    }),
    enabled: t.boolean({ required: true, description: 'Whether it plans.' }),
    plan: t.field({
      type: PlanSyncInput,
      required: true,
      description:
        'What is planned each time. Its connector is that of the schedule, and retryOf is not possible. A mapping without a version is planned with in its newest version.',
    }),
  }),
});

const DeleteSyncScheduleInput = builder.inputType('DeleteSyncScheduleInput', {
  description: 'The schedule to delete.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Id of the schedule.' }) }),
});

const nameOf = textOf(64);

builder.mutationFields((t) => ({
  putSyncSchedule: t.field({
    type: SyncSchedulePayload,
    fallible: true,
    onFailure: failsAs(failed),
    description:
      'Stores a schedule, or replaces the one that the connector has under that name. Needs the scope provision for the connector, too, because its plans can be applied.',
    args: { input: t.arg({ type: PutSyncScheduleInput, required: true, description: 'The schedule.' }) },
    resolve: async (_root, { input }, context, info) => {
      const { cron, timeZone, mode, enabled } = input;
      if (input.plan.connector != null && input.plan.connector !== input.connector)
        throw new InvalidInput(
          'input.plan.connector',
          'must be left out: it is the connector of the schedule.',
        );
      const planned = { ...input.plan, connector: input.connector };
      const { connector, asked } = await readPlan(context, planned, 'input.plan');
      context.caller.principal.assertMay('provision', connector);
      const name = readName(input.name);
      return recorded(context, info, aboutConnector(connector), async () => {
        const plan = { ...asked, idempotencyKey: undefined };
        const { schedule, before } = await context.sync.schedules.put({
          ...{ name, cron, timeZone, mode, enabled, plan },
        });
        return { result: { schedule }, changes: changesOf(before, schedule) };
      });
    },
  }),
  deleteSyncSchedule: t.field({
    type: SyncSchedulePayload,
    fallible: true,
    onFailure: failsAs(failed),
    description: 'Deletes a schedule. Its plans and runs stay.',
    args: { input: t.arg({ type: DeleteSyncScheduleInput, required: true, description: 'Which one.' }) },
    resolve: async (_root, { input }, context, info) => {
      const found = await scheduleById(readOwnId(input.id, 'SyncSchedule', 'input.id'), context);
      if (found === null) throw new NotFound('schedule', input.id);
      const connector = await context.connector(found.connector_id);
      context.caller.principal.assertMay('provision', connector);
      return recorded(context, info, aboutConnector(connector), async () => {
        const schedule = await context.sync.schedules.delete(found.id);
        return { result: { schedule }, changes: changesOf(schedule, null) };
      });
    },
  }),
}));

function failed(failure: Failure): PayloadShape {
  return { failure };
}

function readName(given: string): string {
  const name = readValue('input.name', given, nameOf);
  if (/^[\w-]+$/.test(name)) return name;
  throw new InvalidInput('input.name', 'must be 1 to 64 letters, digits, - and _.');
}

const SHOWN = ['name', 'cron', 'time_zone', 'mode', 'enabled'] as const;
const SHOWN_AS = { name: 'schedule', cron: 'cron', time_zone: 'timeZone', mode: 'mode', enabled: 'enabled' };

function changesOf(before: SyncScheduleRow | null, after: SyncScheduleRow | null) {
  return SHOWN.flatMap((column) => {
    const values = { before: before?.[column] ?? null, after: after?.[column] ?? null };
    const isShown = column === 'name' || values.before !== values.after;
    return isShown ? [{ field: SHOWN_AS[column], ...values }] : [];
  });
}
