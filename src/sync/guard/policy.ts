import type { Action, Situation, Withheld } from '../../store/sync/words.ts';
import type { Policy, SituationRule } from '../words.ts';

/** How much of the source and of Webex a plan has seen. */
export interface Seen {
  /** Whether the list of people was read to its end. */
  readonly people: boolean;
  /** Whether the source was read to its end, and each record has a key. */
  readonly source: boolean;
  /** Whether each record without a link has a readable address. */
  readonly everyAddress: boolean;
  readonly observedAt: Date;
}

/** What decides whether an action is withheld. */
export interface ActionFacts {
  readonly situation: Situation;
  readonly action: Action;
  /** Why the user is protected from this action; undefined if not. */
  readonly protectedBy?: string | undefined;
  /** Why a second look contradicts the action; undefined if it does not, or nobody looked. */
  readonly contradiction?: string | undefined;
  /** Days that a user is reported before the action. */
  readonly afterDays?: number | undefined;
  /** When the record of a linked user was first missing; null or absent: with this plan. */
  readonly missingSince?: Date | null | undefined;
  /** Whether the request has left this item out. */
  readonly isNarrowed?: boolean | undefined;
}

/** Why an action is not carried out. */
export interface Withholding {
  readonly withheld: Withheld;
  readonly reason: string;
}

const REMOVING: ReadonlySet<Action> = new Set([
  'DISABLE',
  'REMOVE_LICENSES',
  'DISABLE_AND_REMOVE_LICENSES',
  'DELETE',
]);
/** Situations that follow from what the source lacks. */
const OF_ABSENCE: ReadonlySet<Situation> = new Set(['SOURCE_MISSING', 'UNASSIGNED']);
/** Actions that rest on a user not being in the list of people. */
const OF_UNSEEN: ReadonlySet<Action> = new Set(['CREATE', 'UNLINK']);
const CREATING: ReadonlySet<Action> = new Set(['CREATE', 'CREATE_GROUP', 'LINK']);
const DAY = 86_400_000;

/** Whether an action takes the account or all licenses from a user. Pure. */
export function isRemoving(action: Action): boolean {
  return REMOVING.has(action);
}

/** Whether nothing follows from an action: it is not part of a run. Pure. */
export function isIdle(action: Action): boolean {
  return action === 'NONE' || action === 'REPORT';
}

/**
 * What the policy makes of a situation. Pure.
 * @param isLinked whether the user is linked to a record of this mapping
 */
export function ruleOf(situation: Situation, policy: Policy, isLinked: boolean): SituationRule {
  switch (situation) {
    case 'UNQUALIFIED':
      return isLinked ? policy.situations.UNQUALIFIED : { action: 'REPORT' };
    case 'CONFIRMED':
    case 'FOUND':
    case 'MISSING':
    case 'ABSENT':
    case 'SOURCE_MISSING':
    case 'UNASSIGNED':
      return policy.situations[situation];
    default:
      return { action: 'NONE' };
  }
}

/**
 * Why an action is not carried out; undefined if nothing speaks against it. The first reason counts, the ones that nobody
 * can change come first. Pure.
 */
export function withholdingOf(facts: ActionFacts, seen: Seen, policy: Policy): Withholding | undefined {
  if (isIdle(facts.action)) return undefined;
  return (
    protection(facts) ??
    incompleteness(facts, seen) ??
    contradiction(facts) ??
    grace(facts, seen) ??
    mode(facts, policy) ??
    narrowing(facts)
  );
}

function protection({ protectedBy }: ActionFacts): Withholding | undefined {
  return protectedBy === undefined ? undefined : { withheld: 'PROTECTED', reason: protectedBy };
}

function incompleteness({ situation, action }: ActionFacts, seen: Seen): Withholding | undefined {
  const needsPeople = isRemoving(action) || OF_UNSEEN.has(action);
  if (!seen.people && needsPeople) {
    const reason =
      'The list of people is incomplete, so a user who was not seen may exist. Make the plan again.';
    return { withheld: 'INCOMPLETE', reason };
  }
  if (!isRemoving(action) || !OF_ABSENCE.has(situation)) return undefined;
  if (situation === 'UNASSIGNED' && !seen.everyAddress) {
    const reason =
      'The source has a record without a readable address, which may stand for this user. Correct the record.';
    return { withheld: 'INCOMPLETE', reason };
  }
  if (seen.source) return undefined;
  const reason =
    'The source is incomplete or has a record without a readable key, which may stand for this user. Correct the record.';
  return { withheld: 'INCOMPLETE', reason };
}

function contradiction(facts: ActionFacts): Withholding | undefined {
  const { action, contradiction: reason } = facts;
  const isAsked = isRemoving(action) || OF_UNSEEN.has(action);
  return isAsked && reason !== undefined ? { withheld: 'SECOND_LOOK', reason } : undefined;
}

function grace({ action, afterDays, missingSince }: ActionFacts, seen: Seen): Withholding | undefined {
  if (afterDays === undefined || !isRemoving(action)) return undefined;
  const since = missingSince ?? seen.observedAt;
  const end = new Date(since.getTime() + afterDays * DAY);
  if (end <= seen.observedAt) return undefined;
  const days = `${afterDays} ${afterDays === 1 ? 'day' : 'days'}`;
  // No dates: an equal plan must have an equal digest.
  const reason =
    missingSince == null
      ? `The record is missing for the first time. The policy waits ${days}.`
      : `The record is missing since ${missingSince.toISOString().slice(0, 10)}. The policy waits ${days}.`;
  return { withheld: 'IN_GRACE', reason };
}

function mode({ action }: ActionFacts, policy: Policy): Withholding | undefined {
  if (policy.mode !== 'CREATE_ONLY' || CREATING.has(action)) return undefined;
  return { withheld: 'CREATE_ONLY', reason: 'The policy creates users only: policy.mode is CREATE_ONLY.' };
}

function narrowing({ isNarrowed }: ActionFacts): Withholding | undefined {
  return isNarrowed === true
    ? { withheld: 'NARROWED', reason: 'The request leaves this out with `narrow`.' }
    : undefined;
}
