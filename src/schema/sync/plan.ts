import type { SyncPlanRow } from '../../store/sync/tables.ts';
import type { PlanState } from '../../store/sync/words.ts';
import { builder } from '../base/builder.ts';
import type { Context } from '../base/context.ts';
import { pageArguments } from '../base/pages.ts';
import { ConnectorRef } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';
import { SyncPlanStateEnum } from './enums.ts';
import { SyncFileRef } from './file.ts';
import { itemArguments, itemPage, SyncPlanItems } from './item-lists.ts';
import {
  SyncCountRef,
  SyncEstimateRef,
  SyncExportsRef,
  SyncFailureRef,
  SyncListRef,
  SyncPhaseRef,
  SyncProgressRef,
  SyncSeatsRef,
  SyncVerdictRef,
} from './plan-parts.ts';
import { problemPage, SyncPlanProblems } from './plan-problems.ts';
import type { VerdictShape } from './plan-shapes.ts';
import { fileOf, mappingOf, recordsOf } from './plan-sources.ts';
import { SyncMappingRef, SyncPlanRef, SyncRunRef } from './refs.ts';

/** One for each limit. */
const MOST_VERDICTS = 13;
/** States of a plan that is being made. */
const MAKING: ReadonlySet<PlanState> = new Set(['QUEUED', 'READING', 'OBSERVING', 'COMPARING']);

builder.node(SyncPlanRef, {
  description:
    'The result of comparing a source with the organization: numbered items that can be reviewed and applied. A plan changes nothing in Webex. Its items never change, and its digest names them.',
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    connector: t.field({
      fallible: true,
      type: ConnectorRef,
      description: 'The connector that it is for.',
      resolve: (plan, _arguments, context) => context.connector(plan.connector_id),
    }),
    state: t.expose('state', { type: SyncPlanStateEnum, description: 'How far it is.' }),
    revision: t.exposeInt('revision', { description: 'Increases with each change of the plan.' }),
    progress: t.field({
      type: SyncProgressRef,
      nullable: true,
      description: 'How far the gateway is with making it. Null if it is not being made.',
      resolve: async (plan, _arguments, context) => {
        if (!MAKING.has(plan.state)) return null;
        const progress = plan.progress ?? { sourceRecords: 0, people: 0, groups: 0, requests: 0 };
        return { ...progress, phase: plan.state, records: await recordsOf(plan, context) };
      },
    }),
    digest: t.string({
      nullable: true,
      description:
        'Names the content of the plan: plans with the same items have the same digest. Give it to approveSync and applySync, so that exactly what you reviewed is applied. Null while the plan is being made, and if it could not be made.',
      resolve: ({ digest }) => digest?.toString('hex'),
    }),
    requestedBy: t.exposeString('requested_by', {
      description: 'Who asked for it, as an actor of the audit trail.',
    }),
    requestedAt: t.expose('requested_at', { type: 'DateTime', description: 'When it was asked for.' }),
    observedAt: t.expose('observed_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When the organization was read. Null if it has not been.',
    }),
    expiresAt: t.expose('expires_at', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when it can be applied. Null if it cannot be applied yet, or not at all.',
    }),
    approvedBy: t.exposeString('approved_by', {
      nullable: true,
      description: 'Who approved it, as an actor of the audit trail. Null if it was not approved.',
    }),
    approvedAt: t.expose('approved_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was approved. Null if it was not.',
    }),
    approvalReason: t.exposeString('approval_reason', {
      nullable: true,
      description: 'The reason that the approver gave. Null if it was not approved.',
    }),
    note: t.string({
      nullable: true,
      description: 'The note of the request. Null if it has none.',
      resolve: ({ request }) => request.note,
    }),
    mapping: t.field({
      type: SyncMappingRef,
      nullable: true,
      description:
        'The version of the mapping that it was made with. A mapping that came with the request has version 0. Null if the mapping was deleted.',
      resolve: (plan, _arguments, context) => mappingOf(plan, context),
    }),
    file: t.field({
      type: SyncFileRef,
      nullable: true,
      description:
        'The uploaded file that it was made of. Its columns and problems are empty unless you uploaded it or have the scope admin for all connectors. Null if it has another source, or if the file is deleted.',
      resolve: (plan, _arguments, context) => fileOf(plan, context),
    }),
    lists: t.field({
      type: [SyncListRef],
      description:
        'How the source and each list of Webex was read. Nothing is removed because of a list that is not complete. Empty until they are read.',
      resolve: ({ lists }) => [...(lists ?? [])],
    }),
    counts: t.field({
      type: [SyncCountRef],
      description: 'Numbers of records, users and groups by what was found and what is to be done.',
      resolve: ({ counts }) => [...(counts ?? [])],
    }),
    verdicts: t.field({
      complexity: costs.storedList(MOST_VERDICTS),
      type: [SyncVerdictRef],
      description: 'The limits of the policy, compared with the plan. Empty while it is being made.',
      resolve: (plan, _arguments, context) => verdictsOf(plan, context),
    }),
    seats: t.field({
      type: [SyncSeatsRef],
      description: 'The seats of each license that the plan gives or takes.',
      resolve: ({ seats, connector_id: connectorId }) =>
        (seats ?? []).map((each) => ({ seats: each, connectorId })),
    }),
    estimate: t.field({
      type: SyncEstimateRef,
      nullable: true,
      description: 'What applying it will take. Null while it is being made, and if it could not be made.',
      resolve: ({ estimate }) => estimate,
    }),
    hasChanges: t.exposeBoolean('has_changes', {
      nullable: true,
      description:
        'Whether it has an item to apply. Null while it is being made, and if it could not be made.',
    }),
    phases: t.field({
      type: [SyncPhaseRef],
      description: 'What making it took.',
      resolve: ({ phases }) => [...(phases ?? [])],
    }),
    items: t.field({
      complexity: costs.stored,
      fallible: true,
      type: SyncPlanItems,
      description:
        'Its items, in the order of applying. Empty while it is being made. What needs no action and no attention is only counted.',
      args: itemArguments,
      resolve: ({ id, connector_id: connectorId }, page, context) =>
        itemPage({ planId: id, connectorId }, page, context),
    }),
    problems: t.field({
      fallible: true,
      type: SyncPlanProblems,
      description: 'Records that could not be used, with the place of each in the source.',
      args: pageArguments,
      resolve: ({ id }, page, context) => problemPage(id, page, context),
    }),
    exports: t.field({
      type: SyncExportsRef,
      description: 'Where the whole plan can be downloaded.',
      resolve: ({ id }, _arguments, { publicUrl }) => ({ address: `${publicUrl}/sync/plans/${id}/items` }),
    }),
    run: t.field({
      type: SyncRunRef,
      nullable: true,
      description: 'The run that applies it. Null if it was not given to applySync.',
      resolve: ({ id, state }, _arguments, { sync }) => (state === 'APPLIED' ? sync.runs.ofPlan(id) : null),
    }),
    error: t.field({
      type: SyncFailureRef,
      nullable: true,
      description: 'Why it could not be made. Null unless its state is FAILED.',
      resolve: ({ error_code: code, error_message: message }) =>
        code === null ? null : { code, message: message ?? '' },
    }),
  }),
});

function verdictsOf(plan: SyncPlanRow, { sync }: Context): VerdictShape[] {
  const verdicts = plan.verdicts ?? [];
  const read = async () => {
    const seqs = new Set(verdicts.flatMap(({ examples }) => examples));
    const items = await sync.plans.itemsBySeq(plan.id, [...seqs]);
    return new Map(items.map((item) => [item.seq, { item, connectorId: plan.connector_id }]));
  };
  let examples: ReturnType<typeof read> | undefined;
  return verdicts.map((verdict) => ({
    verdict,
    examples: () => {
      examples ??= read();
      return examples;
    },
  }));
}
