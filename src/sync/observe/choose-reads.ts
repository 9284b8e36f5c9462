import { canonicalName } from '../../datasources/webex/canonical.ts';
import type { MappingOutline } from '../words.ts';

/** What a plan reads of an organization besides its people, licenses and roles. */
export interface Reads {
  /** Whether people are read with calling data, in pages of 100 instead of 1,000. */
  readonly calling: boolean;
  /** Beginnings of the names of the groups that are read. NONE: no group; ALL: every group. */
  readonly groups: 'NONE' | 'ALL' | readonly string[];
  /** Whether the members of a group of this canonical name are needed. */
  readonly needsMembers: (nameKey: string) => boolean;
}

/** Fields that Webex shows only with calling data. */
const CALLING_FIELDS: ReadonlySet<string> = new Set(['phoneNumbers', 'extension', 'location']);
/** Groups with their first members in one request. */
const GROUPS_PER_REQUEST = 50;
/** How many groups an organization is expected to have as long as nobody has listed them. */
const LIKELY_GROUPS = 200;

/**
 * The fewest requests that show what a mapping manages. Pure.
 * @param knownGroups number of groups of the organization; undefined: not known
 */
export function chooseReads(outline: MappingOutline, knownGroups?: number): Reads {
  const names = namesOf(outline);
  const managedPrefix = managedPrefixOf(outline);
  const prefixes = shortest(managedPrefix === undefined ? [...names] : [...names, managedPrefix]);
  const pagesOfAll = Math.max(1, Math.ceil((knownGroups ?? LIKELY_GROUPS) / GROUPS_PER_REQUEST));
  const nobodyAsks = names.size === 0 && managedPrefix === undefined;
  return {
    calling: outline.fields.some((field) => CALLING_FIELDS.has(field)),
    groups: nobodyAsks ? 'NONE' : prefixes.length > pagesOfAll || prefixes.includes('') ? 'ALL' : prefixes,
    needsMembers: (nameKey) =>
      names.has(nameKey) || (managedPrefix !== undefined && nameKey.startsWith(managedPrefix)),
  };
}

/** Canonical names of groups whose members decide anything: managed ones, protected ones, those that bound the scope. */
function namesOf({ groups, policy }: MappingOutline): ReadonlySet<string> {
  const managed = groups.mode !== 'IGNORE' && 'names' in groups.managed ? groups.managed.names : [];
  return new Set([...managed, ...policy.protect.groups, ...policy.scope.groups].map(canonicalName));
}

function managedPrefixOf({ groups }: MappingOutline): string | undefined {
  return groups.mode !== 'IGNORE' && 'prefix' in groups.managed
    ? canonicalName(groups.managed.prefix)
    : undefined;
}

/** The texts without those that begin with another one. */
function shortest(texts: readonly string[]): string[] {
  const kept: string[] = [];
  for (const text of [...new Set(texts)].sort()) {
    // In this order a text comes right behind the shortest beginning of it.
    const last = kept.at(-1);
    if (last === undefined || !text.startsWith(last)) kept.push(text);
  }
  return kept;
}
