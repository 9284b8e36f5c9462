import { PlanNotApplicable } from '../../errors/sync.ts';
import type { SyncPlanRow, SyncRunRow } from '../../store/sync/tables.ts';
import { builder } from '../base/builder.ts';
import { ErrorRef } from '../errors/error.ts';
import type { Failure } from '../errors/failure.ts';
import { SyncPlanRef, SyncRunRef } from './refs.ts';
import { runById } from './visible.ts';

/** What a mutation of plans and runs answers with: what there is now, or why nothing was done. */
export interface SyncAnswer {
  readonly plan?: SyncPlanRow;
  readonly run?: SyncRunRow;
  readonly failure?: Failure;
}

export const SyncPlanPayload = builder.objectRef<SyncAnswer>('SyncPlanPayload').implement({
  description: 'The answer to a mutation about a plan.',
  fields: (t) => ({
    plan: t.field({
      type: SyncPlanRef,
      nullable: true,
      description: 'The plan as it is now. Null if `error` is set.',
      resolve: ({ plan }) => plan,
    }),
    error: t.field({
      type: ErrorRef,
      nullable: true,
      description: 'Why nothing was done. Null if it was.',
      resolve: ({ failure }) => failure,
    }),
  }),
});

export const SyncRunPayload = builder.objectRef<SyncAnswer>('SyncRunPayload').implement({
  description: 'The answer to a mutation about a run.',
  fields: (t) => ({
    run: t.field({
      type: SyncRunRef,
      nullable: true,
      description:
        'The run as it is now. With the error PLAN_NOT_APPLICABLE, the run that the plan has already. Null otherwise if `error` is set.',
      resolve: ({ run, failure }, _arguments, context) => {
        const runId = failure?.error instanceof PlanNotApplicable ? failure.error.runId : undefined;
        return runId === undefined ? run : runById(runId, context);
      },
    }),
    error: t.field({
      type: ErrorRef,
      nullable: true,
      description: 'Why nothing was done. Null if it was.',
      resolve: ({ failure }) => failure,
    }),
  }),
});

export const SyncCancelPayload = builder.objectRef<SyncAnswer>('SyncCancelPayload').implement({
  description: 'The answer to cancelSync.',
  fields: (t) => ({
    plan: t.field({
      type: SyncPlanRef,
      nullable: true,
      description: 'The plan that was canceled. Null if the id is that of a run, or if `error` is set.',
      resolve: ({ plan }) => plan,
    }),
    run: t.field({
      type: SyncRunRef,
      nullable: true,
      description:
        'The run that is canceled: its items in progress end first. Null if the id is that of a plan, or if `error` is set.',
      resolve: ({ run }) => run,
    }),
    error: t.field({
      type: ErrorRef,
      nullable: true,
      description: 'Why nothing was canceled. Null if it was.',
      resolve: ({ failure }) => failure,
    }),
  }),
});

/** The payload of a mutation that failed: nothing but why. */
export function failed(failure: Failure): SyncAnswer {
  return { failure };
}
