import { canonicalName } from '../../datasources/webex/canonical.ts';
import {
  type ComparedPair,
  countHolders,
  membersAmong,
  pageOfPairs,
  pageOfUsers,
  totalsOf,
} from '../../store/sync/comparison.ts';
import type { PlanCount, PlanSeats } from '../../store/sync/documents.ts';
import { type CorrelationRules, correlate, type SituationCount } from '../../store/sync/matches.ts';
import type { Situation } from '../../store/sync/words.ts';
import type { LimitBases } from '../guard/limits.ts';
import { arrangeAddresses, arrangeSeats, arrangeWaves } from './arrange.ts';
import { type CompareContext, type CompareInput, comparedPlan, contextOf } from './context.ts';
import { DraftWriter } from './drafts.ts';
import { lookAgain } from './looks.ts';
import { managersOf } from './managers.ts';
import { compareMemberships } from './memberships.ts';
import { comparePair } from './pairs.ts';

export type { CompareInput } from './context.ts';

/** What a comparison says besides its drafts. */
export interface Comparison {
  readonly seats: readonly PlanSeats[];
  readonly bases: LimitBases;
  /** Records and users that nothing follows from and that have no draft. */
  readonly unstored: readonly PlanCount[];
}

const PAGE_SIZE = 1_000;

/**
 * Compares the records of a source with the users of Webex: fills `sync_matches` and `sync_drafts`, whose numbers begin with 1.
 * Memory does not grow with the number of users; of creations and changed addresses a few numbers each are held.
 * Throws StagingLost, StoreUnavailable, what the second look throws, and what the signal was aborted with.
 */
export async function compare(input: CompareInput): Promise<Comparison> {
  const { db, staging } = input;
  const plan = comparedPlan(input);
  const counts = await correlate(db, plan, correlationRules(input), () => staging.analyze());
  const totals = await totalsOf(db, plan);
  const fullAdministrators = await countHolders(db, plan, input.observation.fullAdministratorRoleIds);
  const context = contextOf(input, totals, fullAdministrators, await lookAgain(input));
  const writer = new DraftWriter(staging);
  await comparePages(context, writer, input.signal);
  countOthers(counts, context, writer);
  const addresses = await arrangeAddresses(context);
  const seats = await arrangeSeats(context);
  const isListed = input.observation.lists.every(({ name, complete }) => name !== 'groups' || complete);
  const worstGroup = await compareMemberships(context, isListed, writer, input.signal);
  await arrangeWaves(context, writer, addresses);
  return {
    seats,
    bases: {
      ...totals,
      ...{ worstGroup, isWhole: context.isWhole, hasAppliedRun: input.hasAppliedRun },
    },
    unstored: writer.unstored,
  };
}

function correlationRules({ mapping, observation, source }: CompareInput): CorrelationRules {
  const { outline } = mapping;
  const { groups, policy } = outline;
  const isRead = observation.lists.some(({ name, complete }) => name === 'groups' && complete);
  return {
    steps: outline.correlate,
    domains: policy.scope.domains,
    groups: policy.scope.groups.map(canonicalName),
    groupsMustExist: groups.mode !== 'IGNORE' && !groups.create && isRead,
    isWhole: source.end === 'ALL',
  };
}

/** All records in their order, then the users without one that something follows from. */
async function comparePages(
  context: CompareContext,
  writer: DraftWriter,
  signal: AbortSignal,
): Promise<void> {
  let row = 0;
  for (;;) {
    signal.throwIfAborted();
    const pairs = await pageOfPairs(context.db, context.plan, row, PAGE_SIZE);
    await comparePage(pairs, context, writer);
    if (pairs.length < PAGE_SIZE) break;
    row = pairs.at(-1)?.rowNo ?? row;
  }
  const situations = shownWithoutRecord(context);
  let id = '';
  for (;;) {
    signal.throwIfAborted();
    const users = await pageOfUsers(context.db, context.plan, situations, id, PAGE_SIZE);
    await comparePage(users, context, writer);
    if (users.length < PAGE_SIZE) break;
    id = users.at(-1)?.webexId ?? id;
  }
}

async function comparePage(
  pairs: readonly ComparedPair[],
  context: CompareContext,
  writer: DraftWriter,
): Promise<void> {
  if (pairs.length === 0) return;
  const managers = await managersOf(pairs, context);
  const ids = pairs.flatMap(({ webexId }) => webexId ?? []);
  const members = await membersAmong(context.db, context.plan, context.protectedGroups, ids);
  await writer.write(
    pairs.map((pair) =>
      comparePair(
        {
          pair,
          manager: pair.desired === null ? undefined : managers.of(pair.desired),
          protectedGroup: pair.webexId === null ? undefined : members.get(pair.webexId),
        },
        context,
      ),
    ),
  );
}

/** Situations of users without a record that lead to drafts. */
function shownWithoutRecord({ policy }: CompareContext): Situation[] {
  return policy.situations.UNASSIGNED.action === 'NONE'
    ? ['SOURCE_MISSING']
    : ['SOURCE_MISSING', 'UNASSIGNED'];
}

/** Records and users that were not paged through. */
function countOthers(counts: readonly SituationCount[], context: CompareContext, writer: DraftWriter): void {
  const paged = new Set<Situation>(shownWithoutRecord(context));
  for (const { situation, count } of counts) {
    const isUnpaged = situation === 'UNASSIGNED' && !paged.has('UNASSIGNED');
    if (isUnpaged || situation === 'SOURCE_IGNORED' || situation === 'TARGET_IGNORED')
      writer.count(situation, count);
  }
}
