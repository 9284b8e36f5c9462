import type { RunCount } from '../../store/sync/documents.ts';
import type { SyncRunRow } from '../../store/sync/tables.ts';
import { builder } from '../base/builder.ts';
import { ConnectorRef } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';
import { SyncActionEnum, SyncOutcomeEnum, SyncPauseReasonEnum, SyncRunStateEnum } from './enums.ts';
import { itemArguments, itemPage, SyncRunItems } from './item-lists.ts';
import { SyncPhaseRef } from './plan-parts.ts';
import { SyncPlanRef, SyncRunRef } from './refs.ts';
import { planById } from './visible.ts';

const SyncRunCountRef = builder.objectRef<RunCount>('SyncRunCount').implement({
  description: 'How many items with the same action have the same outcome.',
  fields: (t) => ({
    action: t.expose('action', { type: SyncActionEnum, description: 'What was to be done.' }),
    outcome: t.expose('outcome', { type: SyncOutcomeEnum, description: 'What became of it.' }),
    count: t.exposeInt('count', { description: 'How many items.' }),
  }),
});

builder.node(SyncRunRef, {
  description: 'The work of applying one plan. It continues if a process of the gateway ends.',
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    plan: t.field({
      fallible: true,
      type: SyncPlanRef,
      description: 'The plan that it applies.',
      resolve: async ({ plan_id: planId }, _arguments, context) => {
        const plan = await planById(planId, context);
        if (plan === null) throw new Error('A run is kept only as long as its plan.');
        return plan;
      },
    }),
    connector: t.field({
      fallible: true,
      type: ConnectorRef,
      description: 'The connector that it changes.',
      resolve: ({ connector_id: connectorId }, _arguments, context) => context.connector(connectorId),
    }),
    state: t.expose('state', { type: SyncRunStateEnum, description: 'How far it is.' }),
    reason: t.expose('reason', {
      type: SyncPauseReasonEnum,
      nullable: true,
      description: 'Why it is paused. Null if it is not.',
    }),
    message: t.exposeString('message', {
      nullable: true,
      description:
        'Why it is paused or failed, for people, with what to do. Null if there is nothing to say.',
    }),
    revision: t.exposeInt('revision', {
      description:
        'Increases with each change of the run. Give it as settledAfter in the filter of items, to read what is new since then.',
    }),
    startedBy: t.exposeString('started_by', {
      description: 'Who applied the plan, as an actor of the audit trail.',
    }),
    createdAt: t.expose('created_at', { type: 'DateTime', description: 'When the plan was applied.' }),
    startedAt: t.expose('started_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When its first item was taken up. Null if none was.',
    }),
    endedAt: t.expose('ended_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ended. Null if it has not.',
    }),
    total: t.exposeInt('total', {
      description: 'Number of items to send to Webex. Links alone are not counted.',
    }),
    settled: t.exposeInt('settled', { description: 'Number of those items that have an outcome.' }),
    counts: t.field({
      type: [SyncRunCountRef],
      description: 'Numbers of items by action and outcome.',
      resolve: ({ counts }) => [...counts],
    }),
    rate: t.float({
      nullable: true,
      description: 'Items per second, on average. Null unless the run is RUNNING and has an outcome.',
      resolve: (run) => rateOf(run),
    }),
    secondsLeft: t.int({
      nullable: true,
      description: 'Seconds until the end, at that rate. Null if the rate is not known.',
      resolve: (run) => {
        const rate = rateOf(run);
        return rate === null ? null : Math.ceil((run.total - run.settled) / rate);
      },
    }),
    throttledUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When Webex accepts requests of the connector again. Null if it accepts them.',
      resolve: async ({ connector_id: connectorId, state }, _arguments, context) =>
        state === 'RUNNING'
          ? context.live.poolStatus(await context.connector(connectorId)).throttledUntil
          : null,
    }),
    requests: t.exposeInt('requests', { description: 'Number of requests to Webex so far.' }),
    retries: t.exposeInt('retries', {
      description: 'Number of items that were tried again, each time counted.',
    }),
    throttledMs: t.float({
      description: 'Milliseconds that the run waited because Webex limits the rate of requests.',
      resolve: ({ throttled_ms: milliseconds }) => Number(milliseconds),
    }),
    phases: t.field({
      type: [SyncPhaseRef],
      description: 'What each wave took. The phases of the plan are at the plan.',
      resolve: ({ phases }) => [...phases],
    }),
    items: t.field({
      complexity: costs.stored,
      fallible: true,
      type: SyncRunItems,
      description: 'The items that it applies, in their order, without those that are withheld.',
      args: itemArguments,
      resolve: ({ plan_id: planId, connector_id: connectorId }, page, context) =>
        itemPage({ planId, connectorId }, page, context, true),
    }),
  }),
});

/** Items per second; null if it is not known. */
function rateOf({ state, settled, phases }: SyncRunRow): number | null {
  if (state !== 'RUNNING' || settled === 0) return null;
  const last = phases.at(-1);
  const ended = phases.reduce((sum, phase) => sum + phase.seconds, 0);
  // A phase that is not the last one and has no end lost its process.
  const underWay = last?.endedAt === null ? (Date.now() - Date.parse(last.startedAt)) / 1_000 : 0;
  const seconds = ended + underWay;
  return seconds > 0 ? settled / seconds : null;
}
