import type { VerdictOutcome } from '../../store/sync/words.ts';
import type { Limit, Policy } from '../words.ts';

/** What a verdict says. */
export interface JudgedLimit {
  readonly name: keyof Policy['limits'];
  readonly limit: Limit & { readonly setIn: 'default' | 'policy' | 'request' };
  readonly value: number;
  readonly base: number;
  /** The highest value that needs no approval; undefined if the limit does not apply. */
  readonly highest: number | undefined;
  readonly outcome: VerdictOutcome;
  /** The group that would lose most. */
  readonly group?: string | undefined;
}

interface Words {
  /** With the number in front. */
  readonly what: string;
  /** What the percentage is of. */
  readonly of: string;
}

const WORDS: Readonly<Record<JudgedLimit['name'], Words>> = {
  DELETE: { what: 'users would be deleted', of: 'users' },
  DISABLE: { what: 'users would be disabled or lose all licenses', of: 'users' },
  REMOVE_LICENSES: { what: 'licenses would be taken from users who stay', of: 'users' },
  REMOVE_MEMBERS: { what: 'members would be removed from a group', of: 'members of the group' },
  EMPTY_GROUP: { what: 'groups would have no members left', of: 'users' },
  RENAME: { what: 'users would get another first address', of: 'users' },
  UPDATE: { what: 'users would be changed', of: 'users' },
  CREATE: { what: 'users would be created', of: 'users' },
  ROLES: { what: 'roles would be given or taken', of: 'users' },
  RELINK: { what: 'records would stand for a user by a former key or another address', of: 'users' },
  SOURCE_SHRUNK: { what: 'linked users have no record in the source', of: 'linked users' },
  INVALID_RECORDS: { what: 'records are invalid or occur twice', of: 'records' },
};

const SET_IN = {
  default: 'the default',
  policy: 'set in the mapping',
  request: 'set in the request',
} as const;

/** The limit, its value, where it is set, and how to go on, in sentences. Pure. */
export function messageOf(judged: JudgedLimit): string {
  const { name, value, highest, outcome, limit } = judged;
  const counted = `${value} ${WORDS[name].what}${ofGroup(judged)}`;
  if (highest === undefined) return `${counted}. This limit does not apply: ${whyNot(judged)}.`;
  const allowed = `the limit is ${highest} (${numbersOf(judged)}, ${SET_IN[limit.setIn]})`;
  if (outcome === 'PASSED') return `${counted}; ${allowed}.`;
  const setting =
    limit.setIn === 'request' ? 'narrow.limits of the request' : `policy.limits.${name} of the mapping`;
  return `${counted}; ${allowed}. If the plan is right, an administrator who did not request it can approve it with approveSync. The limit is set in ${setting}.`;
}

function ofGroup({ name, group, value }: JudgedLimit): string {
  return name === 'REMOVE_MEMBERS' && value > 0 && group !== undefined ? `, ${JSON.stringify(group)}` : '';
}

function numbersOf({ name, limit: { count, percent }, base }: JudgedLimit): string {
  const numbers: string[] = [];
  if (count !== undefined) numbers.push(`count ${count}`);
  if (percent !== undefined) numbers.push(`${percent} % of ${base} ${WORDS[name].of}`);
  return numbers.join(' or ');
}

function whyNot({ name, base }: JudgedLimit): string {
  if (name === 'CREATE' && base >= 20) return 'the mapping is applied to this connector for the first time';
  return `a percentage counts from 20 ${WORDS[name].of} on, and there are ${base}`;
}
