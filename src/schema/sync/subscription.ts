import { builder } from '../base/builder.ts';
import type { Context } from '../base/context.ts';
import { SyncPlanRef, SyncRunRef } from './refs.ts';
import { planOf, runOf } from './visible.ts';

builder.subscriptionType({
  description:
    'The entry points for watching, as a stream of events: send the operation with `Accept: text/event-stream`. Each event is an answer with the whole state, so nothing is missed: after a broken connection, subscribe again, with any process of the gateway.',
});

const id = { required: true } as const;

builder.subscriptionFields((t) => ({
  syncPlan: t.field({
    type: SyncPlanRef,
    description:
      'A plan as it is now, and again whenever it changes, at most twice a second. Ends when the plan is made, has failed or is canceled.',
    args: { id: t.arg.id({ ...id, description: 'Id of the plan.' }) },
    subscribe: async (_root, { id: text }, context) => {
      const plan = await planOf(context, text, 'id');
      return context.sync.watches.plan(plan.id, endOf(context));
    },
    resolve: (plan) => plan,
  }),
  syncRun: t.field({
    type: SyncRunRef,
    description:
      'A run as it is now, and again whenever it changes, at most twice a second. Ends when the run has ended, not when it is paused. To read each item, give the revision of the last event as settledAfter in the filter of items.',
    args: { id: t.arg.id({ ...id, description: 'Id of the run.' }) },
    subscribe: async (_root, { id: text }, context) => {
      const run = await runOf(context, text, 'id');
      return context.sync.watches.run(run.id, endOf(context));
    },
    resolve: (run) => run,
  }),
}));

function endOf({ caller }: Context): AbortSignal {
  if (caller.ending === undefined) throw new Error('A subscription was begun without an end.');
  return caller.ending;
}
