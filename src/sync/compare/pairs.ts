import { canonicalEmail } from '../../datasources/webex/canonical.ts';
import type { ComparedPair } from '../../store/sync/comparison.ts';
import type { Action, FieldChange, Situation, Withheld } from '../../store/sync/words.ts';
import { isNarrowedOut } from '../guard/narrow.ts';
import { ruleOf, withholdingOf } from '../guard/policy.ts';
import { protectionOf, spareProtected } from '../guard/protect.ts';
import type { DesiredUser, ObservedUser } from '../words.ts';
import { countsOf, strongestAction } from './actions.ts';
import type { CompareContext } from './context.ts';
import { creationOf, differencesOf, reviewedValues } from './differences.ts';
import type { Compared, UserDraft } from './drafts.ts';
import { leaverDraft } from './leavers.ts';
import type { ResolvedManager } from './managers.ts';
import { asReport, noteOf, type PairFacts, sentences } from './pair-facts.ts';

const UNKNOWN_MANAGER = 'The manager is unknown, so the manager is left alone.';
const DISABLED_THERE = 'DISABLED_THERE: the user may not sign in, and the mapping does not set loginEnabled.';
const BY_ANOTHER_ADDRESS: ReadonlySet<ComparedPair['how']> = new Set(['ALTERNATE_EMAIL', 'PREVIOUS_EMAIL']);

/** What a plan makes of a record and its user. Pure. */
export function comparePair(facts: PairFacts, context: CompareContext): Compared {
  const { pair } = facts;
  switch (pair.situation) {
    case 'INVALID':
    case 'DUPLICATE_SOURCE':
    case 'AMBIGUOUS':
    case 'FOUND_ALREADY_LINKED':
      return { draft: noteOf(facts) };
    case 'UNQUALIFIED':
    case 'SOURCE_MISSING':
    case 'UNASSIGNED':
      return leaverDraft(facts, context);
    case 'MISSING':
    case 'ABSENT':
      return compareUnseen(facts, context);
    case 'CONFIRMED':
    case 'FOUND':
      return compareSeen(facts, context);
    default:
      return { situation: pair.situation };
  }
}

function compareSeen(facts: PairFacts, context: CompareContext): Compared {
  const { pair } = facts;
  const { action: base } = ruleOf(pair.situation, context.policy, true);
  const { desired, observed } = pair;
  if (base === 'NONE' || desired === null || observed === null) return { situation: pair.situation };
  const manager = facts.manager === 'UNKNOWN' ? undefined : facts.manager;
  const wanted = base === 'LINK' ? [] : differencesOf(desired, observed, manager, context.rules);
  return settle({ ...facts, wanted }, desired, observed, context);
}

interface Differing extends PairFacts {
  readonly wanted: readonly FieldChange[];
  /** Why differences of a user who is only linked are left alone. */
  readonly leftAlone?: string;
}

/** What keeps a change from being made, but not a link: without it, a new address in the source would create a second account. */
const LINKED_ALL_THE_SAME: ReadonlySet<Withheld> = new Set(['PROTECTED', 'CREATE_ONLY']);

function settle(
  facts: Differing,
  desired: DesiredUser,
  observed: ObservedUser,
  context: CompareContext,
): Compared {
  const { pair, wanted } = facts;
  const protectedBy = protectionOf(userOf(facts), context.protection);
  const spared = protectedBy === undefined ? { changes: wanted, isReduced: false } : spareProtected(wanted);
  const isProtected = spared.isReduced && spared.changes.length === 0;
  const changes = isProtected ? wanted : spared.changes;
  const isDisabledThere = observed.fields.loginEnabled === false && desired.fields.loginEnabled === undefined;
  const notes = [
    ...(facts.leftAlone === undefined ? [] : [facts.leftAlone]),
    ...(facts.manager === 'UNKNOWN' ? [UNKNOWN_MANAGER] : []),
    ...(spared.isReduced && !isProtected && protectedBy !== undefined
      ? [`${protectedBy} What it protects is left alone.`]
      : []),
    ...(isDisabledThere ? [DISABLED_THERE] : []),
  ];
  const isNew = pair.situation === 'FOUND';
  const isMoved = isNew && pair.how === 'LINK';
  if (changes.length === 0 && !isNew) {
    if (!isDisabledThere && facts.manager !== 'UNKNOWN') return { situation: pair.situation };
    return { draft: { ...noteOf(facts), action: 'REPORT', ...sentences(notes) } };
  }
  const action = strongestAction(changes.length === 0 || isMoved ? linkAction(isMoved) : 'UPDATE', changes);
  const withholding = withholdingOf(
    {
      ...{ situation: pair.situation, action },
      protectedBy: isProtected ? protectedBy : undefined,
      isNarrowed: isNarrowedOut(
        { action, key: pair.key ?? undefined, emails: emailsOf(pair) },
        context.narrow,
      ),
    },
    context.seen,
    context.policy,
  );
  if (isNew && changes.length > 0 && withholding && LINKED_ALL_THE_SAME.has(withholding.withheld))
    return settle({ ...facts, wanted: [], leftAlone: withholding.reason }, desired, observed, context);
  const draft: UserDraft = {
    ...noteOf(facts),
    ...{ action, changes, ...withholding },
    ...sentences([...(withholding === undefined ? [] : [withholding.reason]), ...notes]),
    reviewed: reviewedValues(observed, context.rules),
    link: linkOf(pair, isMoved),
    managerRow: managerRow(facts.manager, changes),
    takes: takenAddresses(changes),
    countsIn: countsOf(action, changes, isMoved || (isNew && BY_ANOTHER_ADDRESS.has(pair.how))),
  };
  return { draft: asReport(draft, context.policy) };
}

function linkAction(isMoved: boolean): Action {
  return isMoved ? 'RELINK' : 'LINK';
}

function compareUnseen(facts: PairFacts, context: CompareContext): Compared {
  const { pair } = facts;
  const { action: wanted } = ruleOf(pair.situation, context.policy, true);
  const { desired } = pair;
  if (desired === null || wanted === 'REPORT')
    return { draft: { ...noteOf(facts), action: 'REPORT', ...sentences([sayUnseen(pair.situation)]) } };
  if (wanted === 'UNLINK') return { draft: unseenDraft(facts, 'UNLINK', [], context) };
  const missing = whatCreationLacks(desired);
  if (missing !== undefined) return { draft: { ...noteOf(facts), ...missing } };
  const manager = facts.manager === 'UNKNOWN' ? undefined : facts.manager;
  return { draft: unseenDraft(facts, 'CREATE', creationOf(desired, manager, context.rules), context) };
}

function unseenDraft(
  facts: PairFacts,
  action: Action,
  changes: readonly FieldChange[],
  context: CompareContext,
): UserDraft {
  const { pair } = facts;
  const withholding = withholdingOf(
    {
      ...{ situation: pair.situation, action, contradiction: contradictionOf(pair, context) },
      isNarrowed: isNarrowedOut(
        { action, key: pair.key ?? undefined, emails: emailsOf(pair) },
        context.narrow,
      ),
    },
    context.seen,
    context.policy,
  );
  const notes = facts.manager === 'UNKNOWN' && action === 'CREATE' ? [UNKNOWN_MANAGER] : [];
  const draft: UserDraft = {
    ...noteOf(facts),
    ...{ action, changes, ...withholding },
    ...sentences([...(withholding === undefined ? [] : [withholding.reason]), ...notes]),
    link: linkOf(pair, false),
    managerRow: managerRow(facts.manager, changes),
    takes: takenAddresses(changes),
    countsIn: countsOf(action, changes, false),
  };
  return asReport(draft, context.policy);
}

/** What Webex demands of a new user, as `createUser` does. */
function whatCreationLacks({
  fields,
}: DesiredUser): (Partial<UserDraft> & { situation?: Situation }) | undefined {
  if (fields.loginEnabled === false)
    return {
      action: 'REPORT',
      reason: 'A user cannot be created without the right to sign in: loginEnabled is false.',
    };
  const isNamed = [fields.displayName, fields.firstName, fields.lastName].some((name) => name != null);
  if (isNamed) return undefined;
  return {
    situation: 'INVALID',
    reason: 'displayName: displayName, firstName or lastName must be given to create a user.',
    countsIn: { INVALID_RECORDS: 1 },
  };
}

function contradictionOf(pair: ComparedPair, { look }: CompareContext): string | undefined {
  const { webexId, situation } = pair;
  if (situation === 'ABSENT')
    return pair.emails.some((email) => look.taken.has(email))
      ? 'Webex did not list a user with this address, but has one when asked for it.'
      : undefined;
  if (webexId === null || !look.stillThere.has(webexId)) return undefined;
  return 'Webex did not list the linked user, but has them when asked by id.';
}

function sayUnseen(situation: Situation): string {
  return situation === 'MISSING'
    ? 'The linked user is gone from Webex. Nothing follows from it by policy.situations.MISSING.'
    : 'Webex has no such user. Nothing follows from it by policy.situations.ABSENT.';
}

function userOf({ pair, protectedGroup }: PairFacts) {
  return {
    webexId: pair.webexId ?? '',
    emails: pair.targetEmails,
    roles: pair.observed?.roles ?? [],
    protectedGroup,
  };
}

/** All addresses that a record and its user have, the first of the record in front. */
function emailsOf({ emails, targetEmails }: ComparedPair): string[] {
  return [...new Set([...emails, ...targetEmails])];
}

function linkOf(pair: ComparedPair, isMoved: boolean): UserDraft['link'] & object {
  const known = isMoved || pair.situation === 'CONFIRMED' ? (pair.linkEmails ?? []) : [];
  const emails = [...new Set([...emailsOf(pair), ...known])];
  return isMoved && pair.linkKey !== null ? { emails, previousKey: pair.linkKey } : { emails };
}

/** Only if the manager is changed. */
function managerRow(manager: ResolvedManager | 'UNKNOWN' | undefined, changes: readonly FieldChange[]) {
  if (manager === undefined || manager === 'UNKNOWN') return null;
  return changes.some(({ field }) => field === 'managerId') ? manager.row : null;
}

function takenAddresses(changes: readonly FieldChange[]): string[] {
  const change = changes.find(({ field }) => field === 'emails');
  const had = new Set(textsOf(change?.before).map(canonicalEmail));
  return textsOf(change?.after)
    .map(canonicalEmail)
    .filter((email) => !had.has(email));
}

function textsOf(value: FieldChange['after'] | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
