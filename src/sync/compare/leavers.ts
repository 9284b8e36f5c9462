import { canonicalId } from '../../datasources/webex/ids.ts';
import { CARRIED } from '../../store/sync/unmatched.ts';
import type { Action, FieldChange } from '../../store/sync/words.ts';
import { isNarrowedOut } from '../guard/narrow.ts';
import { ruleOf, withholdingOf } from '../guard/policy.ts';
import { protectionOf } from '../guard/protect.ts';
import type { ObservedUser } from '../words.ts';
import { countsOf } from './actions.ts';
import { type CompareContext, isImplicit } from './context.ts';
import { grantsChanged, reviewedValues } from './differences.ts';
import type { Compared, UserDraft } from './drafts.ts';
import { asReport, noteOf, type PairFacts, sentences } from './pair-facts.ts';

/** What a plan makes of a user without a record, or whose record does not qualify. Pure. */
export function leaverDraft(facts: PairFacts, context: CompareContext): Compared {
  const { pair } = facts;
  const isLinked = pair.how === 'LINK';
  const { action, afterDays } = ruleOf(pair.situation, context.policy, isLinked);
  const { observed, situation } = pair;
  // Nobody is there to lose anything.
  if (observed === null && (situation !== 'UNQUALIFIED' || pair.candidates === null)) return { situation };
  if (action === 'NONE') return { situation };
  if (action === 'REPORT' || observed === null)
    return { draft: { ...noteOf(facts), action: 'REPORT', ...sentences([sayReport(facts, isLinked)]) } };
  const changes = changesOf(action, observed, context);
  if (changes.length === 0 && action !== 'DELETE') return { situation };
  return { draft: asReport(removalOf(facts, action, afterDays, changes, observed, context), context.policy) };
}

function removalOf(
  facts: PairFacts,
  action: Action,
  afterDays: number | undefined,
  changes: readonly FieldChange[],
  observed: ObservedUser,
  context: CompareContext,
): UserDraft {
  const { pair } = facts;
  const { targetEmails: emails, webexId } = pair;
  const user = {
    webexId: webexId ?? '',
    emails,
    roles: observed.roles,
    protectedGroup: facts.protectedGroup,
  };
  const withholding = withholdingOf(
    {
      ...{ situation: pair.situation, action, afterDays, missingSince: pair.missingSince },
      protectedBy: protectionOf(user, context.protection),
      contradiction: contradictionOf(facts, context),
      isNarrowed: isNarrowedOut({ action, key: pair.key ?? undefined, emails }, context.narrow),
    },
    context.seen,
    context.policy,
  );
  const { licenses, roles } = observed;
  return {
    ...noteOf(facts),
    ...{ action, changes, ...withholding },
    reviewed: {
      ...reviewedValues(observed, context.rules),
      ...{ loginEnabled: observed.fields.loginEnabled ?? true, licenses, roles },
    },
    countsIn: countsOf(action, changes, false),
  };
}

/** What the action changes; nothing for DELETE, and where it is so already. */
function changesOf(action: Action, observed: ObservedUser, context: CompareContext): FieldChange[] {
  const login: FieldChange = { field: 'loginEnabled', before: true, after: false };
  const isEnabled = observed.fields.loginEnabled !== false;
  const mayKeep = (id: string) => {
    const license = context.licenses.get(canonicalId(id));
    return license !== undefined && isImplicit(license);
  };
  const goes = observed.licenses.filter((id) => !mayKeep(id));
  const licenses = grantsChanged('licenses', goes, [], context.rules.licenses.names);
  return [
    ...(isEnabled && (action === 'DISABLE' || action === 'DISABLE_AND_REMOVE_LICENSES') ? [login] : []),
    ...(action === 'REMOVE_LICENSES' || action === 'DISABLE_AND_REMOVE_LICENSES' ? licenses : []),
  ];
}

function contradictionOf({ pair }: PairFacts, { look }: CompareContext): string | undefined {
  if (pair.reason === CARRIED)
    return 'A record of the source carries an address or the former key of this user.';
  const now = pair.webexId === null ? undefined : look.stillThere.get(pair.webexId);
  if (now === undefined) return undefined;
  if (now === 'UNKNOWN') return 'Webex did not answer when it was asked for this user again.';
  const isSame = now.every((email) => pair.targetEmails.includes(email));
  return isSame ? undefined : 'The user had other addresses when Webex was asked again.';
}

function sayReport({ pair }: PairFacts, isLinked: boolean): string {
  if (pair.situation === 'UNASSIGNED') return 'No record stands for this user.';
  if (pair.situation === 'SOURCE_MISSING') return 'The source has no record of this linked user any more.';
  if (pair.observed === null) return 'The record does not qualify, and several users match it.';
  return isLinked
    ? 'The record of this user does not qualify.'
    : 'The record does not qualify. The user was never linked, so nothing is taken.';
}
