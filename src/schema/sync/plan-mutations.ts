import { InvalidInput } from '../../errors/request.ts';
import { readValue } from '../../provisioning/changes/problems.ts';
import { textOf } from '../../provisioning/users/input-values.ts';
import { aboutConnector, recorded } from '../audit/recorded.ts';
import { builder } from '../base/builder.ts';
import type { Context } from '../base/context.ts';
import { parseGlobalId } from '../base/global-ids.ts';
import { failsAs } from '../errors/payloads.ts';
import { noted, readDigest } from './digests.ts';
import { failed, type SyncAnswer, SyncCancelPayload, SyncPlanPayload } from './payloads.ts';
import { PlanSyncInput, readPlan } from './plan-inputs.ts';
import { planOf, runOf } from './visible.ts';

const ApproveSyncInput = builder.inputType('ApproveSyncInput', {
  description: 'The plan to approve.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Id of the plan.' }),
    digest: t.string({ required: true, description: 'The digest of the plan as you reviewed it.' }),
    reason: t.string({
      required: true,
      description: 'Why you approve it, 1 to 1,000 characters. Shown with the plan, and in the audit trail.',
    }),
  }),
});

const CancelSyncInput = builder.inputType('CancelSyncInput', {
  description: 'The plan or run to cancel.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Id of a plan or of a run.' }) }),
});

const reasonOf = textOf(1_000);

builder.mutationFields((t) => ({
  planSync: t.field({
    type: SyncPlanPayload,
    fallible: true,
    onFailure: failsAs(failed),
    description:
      'Starts to compare a source with the organization, and answers at once. Nothing is changed in Webex. Watch the subscription syncPlan, or read the plan again, until its state is READY, UNCHANGED, BLOCKED or FAILED. Safe to repeat with an Idempotency-Key: within 24 hours you get the same plan.',
    args: { input: t.arg({ type: PlanSyncInput, required: true, description: 'What to compare.' }) },
    resolve: async (_root, { input }, context) => {
      const { asked } = await readPlan(context, input, 'input');
      return { plan: await context.sync.plans.plan(asked) };
    },
  }),
  approveSync: t.field({
    type: SyncPlanPayload,
    fallible: true,
    onFailure: failsAs(failed),
    description:
      'Approves a plan that exceeds limits, so that it can be applied. Fails with SELF_APPROVAL for the caller who asked for the plan or raised the limit.',
    args: { input: t.arg({ type: ApproveSyncInput, required: true, description: 'Which plan, and why.' }) },
    resolve: async (_root, { input }, context, info) => {
      const reason = readValue('input.reason', input.reason, reasonOf);
      const digest = readDigest(input.digest);
      const plan = await planOf(context, input.id, 'input.id');
      const connector = await context.connector(plan.connector_id);
      return recorded(context, info, aboutConnector(connector), async () => {
        const { actor } = context.caller.principal;
        const approved = await context.sync.plans.approve({ id: plan.id, digest, reason, actor });
        const changes = [noted('plan', plan.id), noted('digest', digest), noted('reason', reason)];
        return { result: { plan: approved }, changes };
      });
    },
  }),
  cancelSync: t.field({
    type: SyncCancelPayload,
    fallible: true,
    onFailure: failsAs(failed),
    description:
      'Cancels a plan that was not applied, or a run. Items of the run that are in progress end first. What was applied stays. Fails with ALREADY_ENDED if there is nothing to cancel.',
    args: { input: t.arg({ type: CancelSyncInput, required: true, description: 'Which plan or run.' }) },
    resolve: async (_root, { input }, context, info) => {
      const { connectorId, field, id, cancel } = await findWork(context, input.id);
      const connector = await context.connector(connectorId);
      return recorded(context, info, aboutConnector(connector), async () => ({
        result: await cancel(),
        changes: [noted(field, id)],
      }));
    },
  }),
}));

/** What can be canceled. */
interface Work {
  readonly connectorId: string;
  readonly field: 'plan' | 'run';
  readonly id: string;
  readonly cancel: () => Promise<SyncAnswer>;
}

async function findWork(context: Context, text: string): Promise<Work> {
  const { plans, runs } = context.sync;
  const type = parseGlobalId(text)?.type;
  if (type === 'SyncPlan') {
    const { id, connector_id: connectorId } = await planOf(context, text, 'input.id');
    return { id, connectorId, field: 'plan', cancel: async () => ({ plan: await plans.cancel(id) }) };
  }
  if (type !== 'SyncRun')
    throw new InvalidInput(
      'input.id',
      'must be the id of a SyncPlan or of a SyncRun. Take it from the field id.',
    );
  const { id, connector_id: connectorId } = await runOf(context, text, 'input.id');
  return { id, connectorId, field: 'run', cancel: async () => ({ run: await runs.cancel(id) }) };
}
