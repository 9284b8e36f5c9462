import type { ChangeOutcome } from '../../provisioning/changes/change-report.ts';
import { builder } from '../base/builder.ts';

const OUTCOMES = {
  APPLIED: { description: 'The change was made as requested.' },
  NOTHING_CHANGED: { description: 'Everything was as requested already. Nothing was sent to Webex.' },
  DRY_RUN: { description: 'The change was checked only. Nothing was sent to Webex.' },
  PARTIALLY_APPLIED: {
    description: 'A part of the change was made. `changes` says which part, and of a group also `members`.',
  },
  NOT_APPLIED: { description: 'Nothing was changed. `error` says why.' },
  UNKNOWN: {
    description:
      'The change was sent, and it is not known whether Webex made it. If the request had an Idempotency-Key, send it again with the same key to find out.',
  },
} as const satisfies Readonly<Record<ChangeOutcome, { description: string }>>;

export const ChangeOutcomeEnum = builder.enumType('ChangeOutcome', {
  description: 'How a change ended.',
  values: OUTCOMES,
});

interface OutcomeCountShape {
  readonly outcome: ChangeOutcome;
  readonly count: number;
}

export const OutcomeCountRef = builder.objectRef<OutcomeCountShape>('OutcomeCount').implement({
  description: 'How many changes of a list ended in one way.',
  fields: (t) => ({
    outcome: t.expose('outcome', { type: ChangeOutcomeEnum, description: 'How they ended.' }),
    count: t.exposeInt('count', { description: 'How many did.' }),
  }),
});

/** How many changes ended in each way; ways in which none did are left out. Pure. */
export function countOutcomes(results: readonly { readonly outcome: ChangeOutcome }[]): OutcomeCountShape[] {
  const groups = Map.groupBy(results, ({ outcome }) => outcome);
  return [...groups].map(([outcome, { length: count }]) => ({ outcome, count }));
}
