import type { Narrow, Verdict } from '../../store/sync/documents.ts';
import type { LimitName } from '../../store/sync/words.ts';
import type { Limit, Policy } from '../words.ts';
import { messageOf } from './limit-messages.ts';

/** What percentages count from. */
export interface LimitBases {
  /** Users of Webex, without bots. */
  readonly people: number;
  readonly records: number;
  /** Records that are to have an account. */
  readonly qualifying: number;
  /** Links of the mapping that were not marked as missing before. */
  readonly links: number;
  /** Those of them that the source lacks. */
  readonly missingLinks: number;
  /** The group that is furthest beyond its limit, or nearest to it. */
  readonly worstGroup: { readonly name: string; readonly members: number; readonly removed: number } | null;
  /** Whether the source was read as a whole, and not only what has changed. */
  readonly isWhole: boolean;
  /** Whether this mapping has been applied to this connector before. */
  readonly hasAppliedRun: boolean;
}

/** What limits are compared with. */
export interface LimitFacts {
  readonly policy: Policy;
  readonly narrow?: Narrow | undefined;
  /** Sums of what drafts count in, those that are not withheld. */
  readonly counts: Partial<Readonly<Record<LimitName, number>>>;
  readonly bases: LimitBases;
}

type Settable = Exclude<LimitName, 'SOURCE_EMPTY'>;
type NumberedLimit = Limit & { readonly setIn: Verdict['setIn'] };

const NAMES = [
  ...(['DELETE', 'DISABLE', 'REMOVE_LICENSES', 'REMOVE_MEMBERS', 'EMPTY_GROUP', 'RENAME', 'UPDATE'] as const),
  ...(['CREATE', 'ROLES', 'RELINK', 'SOURCE_SHRUNK', 'INVALID_RECORDS'] as const),
] satisfies readonly Settable[];

/** Percentages of these count from the first user on. */
const OF_ANY_SIZE: ReadonlySet<LimitName> = new Set([
  'DELETE',
  'DISABLE',
  'REMOVE_LICENSES',
  'SOURCE_SHRUNK',
  'REMOVE_MEMBERS',
]);
/** Below this size a percentage of the others says nothing. */
const SMALLEST_BASE = 20;

/** Compares a plan with all limits. Verdicts have no examples yet. Pure. */
export function judge(facts: LimitFacts): Verdict[] {
  return [...NAMES.map((name) => judgeOne(name, facts)), judgeEmpty(facts)];
}

function judgeOne(name: Settable, facts: LimitFacts): Verdict {
  const limit = limitOf(name, facts);
  const { value, base } = measured(name, facts);
  const isFirstLoad = name === 'CREATE' && !facts.bases.hasAppliedRun;
  const highest = isFirstLoad ? undefined : highestOf(name, limit, base);
  const threshold = highest ?? Math.max(value, base);
  const outcome = value > threshold ? 'NEEDS_APPROVAL' : 'PASSED';
  const message = messageOf({
    name,
    limit,
    value,
    base,
    highest,
    outcome,
    group: facts.bases.worstGroup?.name,
  });
  return { limit: name, value, threshold, setIn: limit.setIn, outcome, message, examples: [] };
}

function judgeEmpty({ bases }: LimitFacts): Verdict {
  const value = bases.isWhole ? bases.qualifying : bases.records;
  const outcome = value === 0 ? 'FORBIDDEN' : 'PASSED';
  const what = bases.records === 0 ? 'The source has no records' : 'No record of the source qualifies';
  const message =
    outcome === 'PASSED'
      ? `${value} records of the source are to have an account.`
      : `${what}. An empty source is never applied, and no approval helps. Check the file, and policy and qualify of the mapping.`;
  return { limit: 'SOURCE_EMPTY', value, threshold: 1, setIn: 'default', outcome, message, examples: [] };
}

/** What a limit counts, and what its percentage is of. */
function measured(name: Settable, { counts, bases }: LimitFacts): { value: number; base: number } {
  switch (name) {
    case 'SOURCE_SHRUNK':
      return { value: bases.isWhole ? bases.missingLinks : 0, base: bases.links };
    case 'INVALID_RECORDS':
      return { value: counts.INVALID_RECORDS ?? 0, base: bases.records };
    case 'REMOVE_MEMBERS':
      return { value: bases.worstGroup?.removed ?? 0, base: bases.worstGroup?.members ?? 0 };
    default:
      return { value: counts[name] ?? 0, base: bases.people };
  }
}

/** The highest value that needs no approval; undefined if the limit does not apply. */
function highestOf(name: LimitName, { count, percent }: Limit, base: number): number | undefined {
  const hasPercent = percent !== undefined && (OF_ANY_SIZE.has(name) || base >= SMALLEST_BASE);
  const share = hasPercent ? shareOf(percent, base) : undefined;
  if (count === undefined) return share;
  return share === undefined ? count : Math.min(count, share);
}

/** At least one, so that a small organization can change at all; none for zero percent. */
function shareOf(percent: number, base: number): number {
  return percent === 0 ? 0 : Math.max(1, Math.floor((percent * base) / 100));
}

/** The limit of the mapping, lowered by the request. */
function limitOf(name: Settable, { policy, narrow }: Pick<LimitFacts, 'policy' | 'narrow'>): NumberedLimit {
  const limit = policy.limits[name];
  const own = policy.ownLimits.includes(name) ? 'policy' : 'default';
  const lower = narrow?.limits?.find((each) => each.limit === name);
  const count = lowest(limit.count, lower?.count);
  const percent = lowest(limit.percent, lower?.percent);
  const isLowered = count !== limit.count || percent !== limit.percent;
  return {
    ...(count === undefined ? {} : { count }),
    ...(percent === undefined ? {} : { percent }),
    setIn: isLowered ? 'request' : own,
  };
}

function lowest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

/**
 * Whether a group is further beyond its limit than another one, so that the worst group is judged. Pure.
 * @param worst the worst group so far
 */
export function isWorse(
  group: { readonly members: number; readonly removed: number },
  worst: LimitBases['worstGroup'],
  facts: Pick<LimitFacts, 'policy' | 'narrow'>,
): boolean {
  if (group.removed === 0) return false;
  const limit = limitOf('REMOVE_MEMBERS', facts);
  const excess = ({ members, removed }: { members: number; removed: number }) =>
    removed / (highestOf('REMOVE_MEMBERS', limit, members) ?? Number.POSITIVE_INFINITY);
  return worst === null || excess(group) > excess(worst);
}
