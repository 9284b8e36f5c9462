import { checkFirst, firstOf } from '../../datasources/rest/paging.ts';
import { InvalidCursor } from '../../errors/request.ts';
import { readValue } from '../../provisioning/changes/problems.ts';
import { textOf } from '../../provisioning/users/input-values.ts';
import { builder } from '../base/builder.ts';
import { readMoment } from '../base/moments.ts';
import { pageArguments } from '../base/pages.ts';
import { ConnectorRef } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';
import { SyncPlanStateEnum, SyncRunStateEnum } from './enums.ts';
import { cursorTo, isGiven, numberAfter, positionOf, TOTAL_COUNT, toKeysetConnection } from './pages.ts';
import { SyncPlanRef, SyncRunRef } from './refs.ts';

const SyncPlanFilter = builder.inputType('SyncPlanFilter', {
  description: 'Which plans to list. A plan has to match all conditions.',
  fields: (t) => ({
    states: t.field({ type: [SyncPlanStateEnum], required: false, description: 'One of these states.' }),
    from: t.field({ type: 'DateTime', required: false, description: 'Requested at this time or later.' }),
    to: t.field({ type: 'DateTime', required: false, description: 'Requested before this time.' }),
    requestedBy: t.string({ required: false, description: 'Requested by this actor of the audit trail.' }),
    mapping: t.string({ required: false, description: 'Made with a mapping of this name.' }),
  }),
});

const SyncRunFilter = builder.inputType('SyncRunFilter', {
  description: 'Which runs to list. A run has to match all conditions.',
  fields: (t) => ({
    states: t.field({ type: [SyncRunStateEnum], required: false, description: 'One of these states.' }),
    from: t.field({ type: 'DateTime', required: false, description: 'Created at this time or later.' }),
    to: t.field({ type: 'DateTime', required: false, description: 'Created before this time.' }),
    startedBy: t.string({ required: false, description: 'Started by this actor of the audit trail.' }),
  }),
});

const ConnectorSyncPlans = builder.connectionObject(
  {
    type: SyncPlanRef,
    name: 'ConnectorSyncPlansConnection',
    description: 'A page of the plans of a connector, newest first.',
    fields: (t) => ({ totalCount: t.int(TOTAL_COUNT) }),
  },
  { description: 'A plan of a page, with its cursor.' },
);

const ConnectorSyncRuns = builder.connectionObject(
  {
    type: SyncRunRef,
    name: 'ConnectorSyncRunsConnection',
    description: 'A page of the runs of a connector, newest first.',
    fields: (t) => ({ totalCount: t.int(TOTAL_COUNT) }),
  },
  { description: 'A run of a page, with its cursor.' },
);

builder.objectFields(ConnectorRef, (t) => ({
  syncPlans: t.field({
    complexity: costs.stored,
    fallible: true,
    type: ConnectorSyncPlans,
    description: 'Plans to synchronize the organization with a source, newest first.',
    args: {
      ...pageArguments,
      filter: t.arg({ type: SyncPlanFilter, required: false, description: 'Which plans. Default: all.' }),
    },
    resolve: async ({ id }, page, { sync }) => {
      const first = checkFirst(firstOf(page));
      const filter = readPlanFilter(page.filter ?? {});
      const { rows, hasNextPage } = await sync.plans.page(id, filter, first, numberAfter('plan', page.after));
      return toKeysetConnection(
        rows,
        hasNextPage,
        (plan) => cursorTo('plan', String(plan.plan_no)),
        () => sync.plans.count(id, filter),
      );
    },
  }),
  syncRuns: t.field({
    complexity: costs.stored,
    fallible: true,
    type: ConnectorSyncRuns,
    description: 'Runs that apply such plans, newest first.',
    args: {
      ...pageArguments,
      filter: t.arg({ type: SyncRunFilter, required: false, description: 'Which runs. Default: all.' }),
    },
    resolve: async ({ id }, page, { sync }) => {
      const first = checkFirst(firstOf(page));
      const filter = readRunFilter(page.filter ?? {});
      const after = readRunPosition(page.after);
      const { rows, hasNextPage } = await sync.runs.page(id, filter, first, after);
      return toKeysetConnection(
        rows,
        hasNextPage,
        (run) => cursorTo('run', `${run.created_at.getTime()}:${run.id}`),
        () => sync.runs.count(id, filter),
      );
    },
  }),
}));

/** An actor of the audit trail, or the name of a mapping. */
const nameOf = textOf(500);

function readPlanFilter({ states, requestedBy, mapping, ...period }: typeof SyncPlanFilter.$inferInput) {
  return {
    ...(isGiven(states) ? { states } : {}),
    ...readPeriod(period),
    ...(requestedBy == null ? {} : { requestedBy: readValue('filter.requestedBy', requestedBy, nameOf) }),
    ...(mapping == null ? {} : { mapping: readValue('filter.mapping', mapping, nameOf) }),
  };
}

function readRunFilter({ states, startedBy, ...period }: typeof SyncRunFilter.$inferInput) {
  return {
    ...(isGiven(states) ? { states } : {}),
    ...readPeriod(period),
    ...(startedBy == null ? {} : { startedBy: readValue('filter.startedBy', startedBy, nameOf) }),
  };
}

function readPeriod(given: Pick<typeof SyncPlanFilter.$inferInput, 'from' | 'to'>) {
  const [from, to] = [readMoment('filter.from', given.from), readMoment('filter.to', given.to)];
  return { ...(from == null ? {} : { from }), ...(to == null ? {} : { to }) };
}

function readRunPosition(cursor: string | null | undefined) {
  if (cursor == null) return undefined;
  const [, at, id] = /^(\d{1,15}):([\da-f-]{36})$/.exec(positionOf('run', cursor)) ?? [];
  if (id === undefined) throw new InvalidCursor();
  return { createdAt: new Date(Number(at)), id };
}
