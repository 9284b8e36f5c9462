import { checkFirst, firstOf, type PageRequest } from '../../datasources/rest/paging.ts';
import type { SyncItemRow } from '../../store/sync/tables.ts';
import type { SyncProblem } from '../../store/sync/words.ts';
import { builder } from '../base/builder.ts';
import type { Context } from '../base/context.ts';
import { SyncProblemRef } from './file.ts';
import { cursorTo, numberAfter, TOTAL_COUNT, toKeysetConnection } from './pages.ts';

export const SyncPlanProblems = builder.connectionObject(
  {
    type: SyncProblemRef,
    name: 'SyncPlanProblemsConnection',
    description: 'A page of the records that a plan could not use.',
    fields: (t) => ({ totalCount: t.int(TOTAL_COUNT) }),
  },
  { description: 'A record of a page, with its cursor.' },
);

/** Items that stand for a record that could not be used. */
const UNUSED = { situations: ['INVALID', 'DUPLICATE_SOURCE'] } as const;

interface NumberedProblem extends SyncProblem {
  readonly seq: number;
}

/** A page of the records that a plan could not use. Rejects with InvalidInput, InvalidCursor, StoreUnavailable. */
export async function problemPage(planId: string, page: PageRequest, { sync: { plans } }: Context) {
  const first = checkFirst(firstOf(page));
  const { rows, hasNextPage } = await plans.items(planId, UNUSED, first, numberAfter('problem', page.after));
  return toKeysetConnection(
    rows.map(problemOf),
    hasNextPage,
    ({ seq }) => cursorTo('problem', String(seq)),
    () => plans.countItems(planId, UNUSED),
  );
}

function problemOf({ seq, at, name, situation, reason }: SyncItemRow): NumberedProblem {
  return { seq, at: at ?? name, code: situation, message: reason ?? 'The record cannot be used.' };
}
