import type { ComparedPair } from '../../store/sync/comparison.ts';
import type { Candidate } from '../../store/sync/words.ts';
import { isIdle } from '../guard/policy.ts';
import type { Policy } from '../words.ts';
import type { UserDraft } from './drafts.ts';
import type { ResolvedManager } from './managers.ts';

/** A record or user of a page, with what else is known of it. */
export interface PairFacts {
  readonly pair: ComparedPair;
  readonly manager: ResolvedManager | 'UNKNOWN' | undefined;
  /** A protected group that the user is a member of. */
  readonly protectedGroup: string | undefined;
}

const IDLE: ReadonlySet<string> = new Set(['INVALID', 'DUPLICATE_SOURCE']);

/** A draft that nothing follows from: what the record is, and why. Pure. */
export function noteOf({ pair }: PairFacts): UserDraft {
  const reason = pair.situation === 'INVALID' ? invalidReason(pair) : SAID[pair.situation]?.(pair);
  return {
    ...{ wave: 0, kind: 'USER', situation: pair.situation, action: 'NONE', name: nameOf(pair), changes: [] },
    ...(reason === undefined ? {} : { reason }),
    ...(pair.at === null ? {} : { at: pair.at }),
    ...(pair.key === null ? {} : { sourceKey: pair.key }),
    ...(pair.webexId === null || pair.situation === 'MISSING' ? {} : { targetId: pair.webexId }),
    ...(pair.candidates === null ? {} : { candidates: pair.candidates }),
    countsIn: IDLE.has(pair.situation) ? { INVALID_RECORDS: 1 } : {},
    ...{ rowNo: pair.rowNo, managerRow: null, takes: [] },
  };
}

const SAID: Partial<Record<ComparedPair['situation'], (pair: ComparedPair) => string | undefined>> = {
  DUPLICATE_SOURCE: ({ reason }) => reason ?? undefined,
  AMBIGUOUS: ({ candidates }) =>
    `Several users match: ${namesOf(candidates)}. Link one by its first address.`,
  FOUND_ALREADY_LINKED: () =>
    'The user that matches is linked to another record. If the key has changed, map source.previousKey.',
};

/** What is wrong with a record, field by field. */
function invalidReason({ problems, reason }: ComparedPair): string {
  const said = (problems ?? []).map(({ field, message }) => `${field}: ${message}`);
  return (
    [...said, ...(reason === null ? [] : [reason])].slice(0, 5).join(' ') || 'The record cannot be read.'
  );
}

function namesOf(candidates: readonly Candidate[] | null): string {
  return (candidates ?? [])
    .slice(0, 5)
    .map(({ name, webexId }) => `${name} (${webexId})`)
    .join(', ');
}

/** The address that the user has now, or is to have. A record that cannot be used is named by its key or place. */
function nameOf({ situation, key, at, targetEmails, emails, webexId }: ComparedPair): string {
  if (situation === 'INVALID') return key ?? at ?? 'record';
  return targetEmails[0] ?? emails[0] ?? key ?? at ?? webexId ?? 'user';
}

/** Sentences as one reason; nothing without any. */
export function sentences(parts: readonly string[]): { readonly reason?: string } {
  return parts.length === 0 ? {} : { reason: parts.join(' ') };
}

/** What a policy that only reports makes of a draft. Pure. */
export function asReport(draft: UserDraft, { mode }: Policy): UserDraft {
  if (mode !== 'REPORT' || isIdle(draft.action)) return draft;
  const { link: _link, withheld: _withheld, reason, ...rest } = draft;
  const said = `Would be ${draft.action}: policy.mode is REPORT.`;
  return {
    ...rest,
    action: 'REPORT',
    ...sentences(reason === undefined ? [said] : [said, reason]),
    ...{ countsIn: {}, managerRow: null, takes: [] },
  };
}
