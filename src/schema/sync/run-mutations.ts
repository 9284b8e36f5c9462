import { InvalidInput } from '../../errors/request.ts';
import type { OnlyItems } from '../../store/sync/documents.ts';
import { aboutConnector, recorded } from '../audit/recorded.ts';
import { builder } from '../base/builder.ts';
import { failsAs } from '../errors/payloads.ts';
import { noted, readDigest } from './digests.ts';
import { SyncActionEnum } from './enums.ts';
import { failed, SyncRunPayload } from './payloads.ts';
import { planOf, runOf } from './visible.ts';

/** Numbers of items in one request. */
const MOST_SEQS = 10_000;

const SyncOnlyInput = builder.inputType('SyncOnlyInput', {
  description:
    'Which items of a plan to apply. With both conditions, items have to match both. The other items are SKIPPED.',
  fields: (t) => ({
    actions: t.field({
      type: [SyncActionEnum],
      required: false,
      description: 'Items with one of these actions. Default: all.',
    }),
    seqs: t.intList({
      required: false,
      description: 'Items with one of these numbers, at most 10,000. Default: all.',
    }),
  }),
});

const ApplySyncInput = builder.inputType('ApplySyncInput', {
  description: 'The plan to apply.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Id of the plan.' }),
    digest: t.string({ required: true, description: 'The digest of the plan as you reviewed it.' }),
    only: t.field({
      type: SyncOnlyInput,
      required: false,
      description: 'A part of the plan. Default: all items that are not withheld.',
    }),
    stopAfter: t.int({
      required: false,
      description:
        'Pause after so many items, from 1, so that you can check the result and call resumeSync. Default: no pause.',
    }),
  }),
});

const PauseSyncInput = builder.inputType('PauseSyncInput', {
  description: 'The run to pause.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Id of the run.' }) }),
});

const ResumeSyncInput = builder.inputType('ResumeSyncInput', {
  description: 'The run to resume.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Id of the run.' }) }),
});

builder.mutationFields((t) => ({
  applySync: t.field({
    type: SyncRunPayload,
    fallible: true,
    onFailure: failsAs(failed),
    description:
      'Applies a plan exactly as it was reviewed, and answers at once with the run that does it. An item is skipped if its user or group is not as the plan shows it. Safe to repeat: the same plan has one run.',
    args: { input: t.arg({ type: ApplySyncInput, required: true, description: 'Which plan, and how.' }) },
    resolve: async (_root, { input }, context, info) => {
      const digest = readDigest(input.digest);
      const only = readOnly(input.only);
      const stopAfter = readStopAfter(input.stopAfter);
      const plan = await planOf(context, input.id, 'input.id');
      const connector = await context.connector(plan.connector_id);
      const request = { planId: plan.id, digest, only, stopAfter };
      return recorded(context, info, aboutConnector(connector), async () => {
        const run = await context.sync.runs.apply(request, context.caller.principal.actor);
        const changes = [noted('plan', plan.id), noted('digest', digest), noted('run', run.id)];
        return { result: { run }, changes };
      });
    },
  }),
  pauseSync: t.field({
    type: SyncRunPayload,
    fallible: true,
    onFailure: failsAs(failed),
    description:
      'Pauses a run. Items in progress end first. Nothing happens if it is paused already. Fails with ALREADY_ENDED if the run has ended.',
    args: { input: t.arg({ type: PauseSyncInput, required: true, description: 'Which run.' }) },
    resolve: async (_root, { input }, context) => {
      const { id } = await runOf(context, input.id, 'input.id');
      return { run: await context.sync.runs.pause(id) };
    },
  }),
  resumeSync: t.field({
    type: SyncRunPayload,
    fallible: true,
    onFailure: failsAs(failed),
    description:
      'Lets a paused run continue. Nothing happens if it is not paused. Fails with ALREADY_ENDED if the run has ended.',
    args: { input: t.arg({ type: ResumeSyncInput, required: true, description: 'Which run.' }) },
    resolve: async (_root, { input }, context) => {
      const { id } = await runOf(context, input.id, 'input.id');
      return { run: await context.sync.runs.resume(id) };
    },
  }),
}));

function readOnly(given: typeof SyncOnlyInput.$inferInput | null | undefined): OnlyItems | undefined {
  if (given == null) return undefined;
  const { actions, seqs } = given;
  if (seqs != null && seqs.length > MOST_SEQS)
    throw new InvalidInput('input.only.seqs', `must be ${MOST_SEQS} at most, not ${seqs.length}.`);
  return { ...(actions == null ? {} : { actions }), ...(seqs == null ? {} : { seqs }) };
}

function readStopAfter(given: number | null | undefined): number | undefined {
  if (given == null) return undefined;
  if (given < 1) throw new InvalidInput('input.stopAfter', `must be 1 or more, not ${given}.`);
  return given;
}
