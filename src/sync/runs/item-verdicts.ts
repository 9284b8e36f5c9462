import { type ItemVerdict, settledAs, skipped } from './item-outcome.ts';

/** What the audit event of a try says by itself; undefined if the record has to be read. */
export function knownVerdict(outcome: string, targetId: string | null): ItemVerdict | undefined {
  if (outcome === 'NOTHING_CHANGED') return settledAs('ALREADY', targetId);
  if (outcome !== 'NOT_APPLIED') return undefined;
  const error = {
    code: 'NOT_APPLIED',
    message: 'The try before failed, and the gateway stopped then.',
    trackingIds: [],
  };
  return {
    ...{ kind: 'AGAIN', how: 'RETRY', error, afterMs: 0, targetId: null },
    ...{ isFree: false, holdMs: 0, pause: undefined },
  };
}

/** An item that a bug broke off, before or after something was sent. */
export const BUG: ItemVerdict = {
  ...{ kind: 'SETTLED', outcome: 'UNKNOWN', drift: null, targetId: null, refused: [] },
  error: {
    code: 'INTERNAL',
    message: 'Something went wrong in the gateway. Its log says more.',
    trackingIds: [],
  },
};
export const DIRECTORY_SKIPPED = skipped(
  'DIRECTORY_SYNCHRONIZED',
  'Webex refused the first change of this kind, because users of this organization come from a directory. Make the change there.',
);
export const STALE = skipped(
  'PLAN_OUTDATED',
  'The plan is too old to remove anything, or a newer plan of the same mapping was applied. Make a new plan.',
);

/** A user who was to be created has been linked by another run since the plan was made. */
export const LINKED_MEANWHILE: ItemVerdict = {
  ...{ kind: 'SETTLED', outcome: 'DRIFTED', drift: null, targetId: null, refused: [] },
  error: {
    code: 'DRIFTED',
    message: 'Another run has linked this record to a user since the plan was made. Make a new plan.',
    trackingIds: [],
  },
};

/** The verdict on an item of which nothing is worth sending. */
export function nothingLeft(missing: readonly string[]): ItemVerdict {
  return skipped(
    'FIELDS_REFUSED',
    `Webex refused ${missing.join(', ')} before in this run, so this was not sent.`,
  );
}

/** The verdict on an item of which a part was not sent. */
export function without(verdict: ItemVerdict, missing: readonly string[]): ItemVerdict {
  const isMade =
    verdict.kind === 'SETTLED' && (verdict.outcome === 'APPLIED' || verdict.outcome === 'ALREADY');
  if (!isMade) return verdict;
  const names = [...new Set(missing)];
  const error = {
    code: 'PARTIALLY_APPLIED',
    message: `Not sent: ${names.slice(0, 10).join(', ')}. What it depends on failed, or Webex refused it before in this run. The rest was done.`,
    trackingIds: [],
    ...(names[0] === undefined ? {} : { field: names[0] }),
  };
  return { ...verdict, outcome: 'PARTIALLY_APPLIED', error };
}
