import { checkFirst, firstOf } from '../../datasources/rest/paging.ts';
import { InvalidInput } from '../../errors/request.ts';
import { Problems } from '../../provisioning/changes/problems.ts';
import { nameOf, prefixOf, textOf } from '../../provisioning/users/input-values.ts';
import type { ItemFilter } from '../../store/sync/filters.ts';
import { builder } from '../base/builder.ts';
import type { Context } from '../base/context.ts';
import { pageArguments } from '../base/pages.ts';
import { recordedName } from '../changes/field-changes.ts';
import {
  SyncActionEnum,
  SyncKindEnum,
  SyncOutcomeEnum,
  SyncSituationEnum,
  SyncWithheldEnum,
} from './enums.ts';
import { cursorTo, isGiven, numberAfter, TOTAL_COUNT, toKeysetConnection } from './pages.ts';
import { SyncItemRef } from './refs.ts';

const SyncItemFilter = builder.inputType('SyncItemFilter', {
  description: 'Which items to list. An item has to match all conditions.',
  fields: (t) => ({
    actions: t.field({ type: [SyncActionEnum], required: false, description: 'One of these actions.' }),
    situations: t.field({
      type: [SyncSituationEnum],
      required: false,
      description: 'One of these situations.',
    }),
    outcomes: t.field({ type: [SyncOutcomeEnum], required: false, description: 'One of these outcomes.' }),
    withheld: t.field({
      type: [SyncWithheldEnum],
      required: false,
      description: 'Withheld for one of these reasons.',
    }),
    kinds: t.field({ type: [SyncKindEnum], required: false, description: 'Users, groups or both.' }),
    nameStartsWith: t.string({
      required: false,
      description: 'The name or address begins with this text. Upper and lower case differ.',
    }),
    sourceKey: t.string({ required: false, description: 'The record has this key in the source.' }),
    field: t.string({
      required: false,
      description: 'This field is changed. The name is that of field in changes.',
    }),
    errorCode: t.string({ required: false, description: 'The error has this code.' }),
    settledAfter: t.int({
      required: false,
      description:
        'The outcome was known after this revision of the run. Give the revision of the last answer to read what is new.',
    }),
  }),
});

export const SyncPlanItems = builder.connectionObject(
  {
    type: SyncItemRef,
    name: 'SyncPlanItemsConnection',
    description: 'A page of the items of a plan, in the order of applying.',
    fields: (t) => ({ totalCount: t.int(TOTAL_COUNT) }),
  },
  { description: 'An item of a page, with its cursor.' },
);

export const SyncRunItems = builder.connectionObject(
  {
    type: SyncItemRef,
    name: 'SyncRunItemsConnection',
    description: 'A page of the items that a run carries out, in the order of applying.',
    fields: (t) => ({ totalCount: t.int(TOTAL_COUNT) }),
  },
  { description: 'An item of a page, with its cursor.' },
);

/** The arguments of a list of items. */
export const itemArguments = builder.args((t) => ({
  ...pageArguments,
  filter: t.field({ type: SyncItemFilter, required: false, description: 'Which items. Default: all.' }),
}));

interface ItemPage {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly filter?: typeof SyncItemFilter.$inferInput | null | undefined;
}

/**
 * A page of the items of a plan.
 * @param ofRun only items that its run carries out
 * Rejects with InvalidInput, InvalidCursor, StoreUnavailable.
 */
export async function itemPage(
  { planId, connectorId }: { readonly planId: string; readonly connectorId: string },
  page: ItemPage,
  { sync }: Context,
  ofRun?: true,
) {
  const first = checkFirst(firstOf(page));
  const filter = { ...readItemFilter(page.filter ?? {}), ...(ofRun === undefined ? {} : { ofRun }) };
  const after = numberAfter('item', page.after);
  const { rows, hasNextPage } = await sync.plans.items(planId, filter, first, after);
  return toKeysetConnection(
    rows.map((item) => ({ item, connectorId })),
    hasNextPage,
    ({ item }) => cursorTo('item', String(item.seq)),
    () => sync.plans.countItems(planId, filter),
  );
}

function readItemFilter(given: typeof SyncItemFilter.$inferInput): ItemFilter {
  const { actions, situations, outcomes, withheld, kinds, settledAfter } = given;
  if (settledAfter != null && settledAfter < 0)
    throw new InvalidInput('filter.settledAfter', `must be 0 or more, not ${settledAfter}.`);
  const problems = new Problems('filter');
  const field = problems.value('field', given.field, nameOf);
  const nameStartsWith = problems.value('nameStartsWith', given.nameStartsWith, prefixOf);
  const sourceKey = problems.value('sourceKey', given.sourceKey, textOf(1_000));
  const errorCode = problems.value('errorCode', given.errorCode, nameOf);
  problems.throwAny();
  return {
    ...(isGiven(actions) ? { actions } : {}),
    ...(isGiven(situations) ? { situations } : {}),
    ...(isGiven(outcomes) ? { outcomes } : {}),
    ...(isGiven(withheld) ? { withheld } : {}),
    ...(isGiven(kinds) ? { kinds } : {}),
    ...(nameStartsWith == null ? {} : { nameStartsWith }),
    ...(sourceKey == null ? {} : { sourceKey }),
    ...(field == null ? {} : { field: recordedName(field) }),
    ...(errorCode == null ? {} : { errorCode }),
    ...(settledAfter == null ? {} : { settledAfter }),
  };
}
