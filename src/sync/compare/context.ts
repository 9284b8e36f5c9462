import type { Kysely } from 'kysely';
import { canonicalEmail, canonicalName } from '../../datasources/webex/canonical.ts';
import { canonicalId } from '../../datasources/webex/ids.ts';
import type { License } from '../../datasources/webex/records.ts';
import type { ComparisonTotals } from '../../store/sync/comparison.ts';
import type { Narrow } from '../../store/sync/documents.ts';
import type { ComparedPlan } from '../../store/sync/matches.ts';
import type { Staging } from '../../store/sync/staging.ts';
import type { Tables } from '../../store/tables.ts';
import type { Seen } from '../guard/policy.ts';
import type { ProtectionRules } from '../guard/protect.ts';
import type { ResolvedMapping } from '../mapping/mapping.ts';
import type { Observation } from '../observe/observe.ts';
import type { SecondLook } from '../observe/second-look.ts';
import type { MappingOutline, Policy } from '../words.ts';
import type { ComparisonRules, GrantRules } from './differences.ts';

/** What a plan is compared from. */
export interface CompareInput {
  readonly db: Kysely<Tables>;
  /** Holds the records, and what was observed. */
  readonly staging: Staging;
  readonly plan: Omit<ComparedPlan, 'mapping'>;
  readonly mapping: ResolvedMapping;
  readonly observation: Observation;
  /** ALL: what the source lacks is known to be gone. */
  readonly source: { readonly end: 'ALL' | 'CHANGES' };
  readonly narrow: Narrow | undefined;
  /** Asks Webex again about users that something would follow from because they were not seen. */
  readonly lateLook: (asked: {
    readonly ids?: readonly string[];
    readonly emails?: readonly string[];
  }) => Promise<SecondLook>;
  /** Whether this mapping has been applied to this connector before. */
  readonly hasAppliedRun: boolean;
  /** Ends the comparison. */
  readonly signal: AbortSignal;
}

/** What all pages of a comparison share. */
export interface CompareContext {
  readonly db: Kysely<Tables>;
  readonly plan: ComparedPlan;
  readonly outline: MappingOutline;
  readonly policy: Policy;
  readonly narrow: Narrow | undefined;
  readonly rules: ComparisonRules;
  readonly seen: Seen;
  readonly protection: ProtectionRules;
  /** Canonical names. */
  readonly protectedGroups: readonly string[];
  /** By canonical id. */
  readonly licenses: ReadonlyMap<string, License>;
  readonly look: Looks;
  readonly isWhole: boolean;
}

/** What a second look has found. */
export interface Looks {
  /** Canonical addresses by id; users who are gone, or were not asked about, are absent. */
  readonly stillThere: ReadonlyMap<string, readonly string[] | 'UNKNOWN'>;
  readonly taken: ReadonlySet<string>;
}

/** The plan by its partition and its links. */
export function comparedPlan({ plan, mapping }: CompareInput): ComparedPlan {
  return { ...plan, mapping: mapping.outline.name };
}

/** Puts together what all pages share. Pure. */
export function contextOf(
  input: CompareInput,
  totals: ComparisonTotals,
  fullAdministrators: number,
  look: Looks & { readonly isTooMany: boolean },
): CompareContext {
  const { mapping, observation, source } = input;
  const { outline } = mapping;
  const isComplete = (name: string) => observation.lists.find((list) => list.name === name)?.complete ?? true;
  const seen: Seen = {
    people: isComplete('people') && !look.isTooMany,
    source: totals.withoutKey === 0,
    everyAddress: totals.withoutAddress === 0,
    observedAt: observation.observedAt,
  };
  const mayTake = seen.people && seen.source;
  return {
    ...{ db: input.db, plan: comparedPlan(input), outline, policy: outline.policy, seen, look },
    narrow: canonicalNarrow(input.narrow),
    rules: {
      ...{ fields: outline.fields, hasManager: outline.hasManager },
      licenses: grantRules(outline.licenses.mode, mapping.managed.licenses, observation.licenses, mayTake),
      roles: grantRules(outline.roles.mode, mapping.managed.roles, observation.roles, mayTake),
    },
    protection: {
      connectingPersonId: observation.connectingPersonId,
      fullAdministratorRoleIds: new Set(observation.fullAdministratorRoleIds),
      fullAdministrators,
      emails: new Set(outline.policy.protect.emails.map(canonicalEmail)),
      roles: new Set(mapping.protectedRoles),
    },
    protectedGroups: outline.policy.protect.groups.map(canonicalName),
    licenses: new Map(observation.licenses.map((license) => [canonicalId(license.id), license])),
    isWhole: source.end === 'ALL',
  };
}

function grantRules(
  mode: GrantRules['mode'],
  managed: readonly string[],
  all: readonly { readonly id: string; readonly name: string }[],
  mayTake: boolean,
): GrantRules {
  const implicit = new Set(all.filter(isImplicit).map(({ id }) => canonicalId(id)));
  return {
    ...{ mode, mayTake },
    managed: new Set(managed.map(canonicalId).filter((id) => !implicit.has(id))),
    names: new Map(all.map(({ id, name }) => [canonicalId(id), name])),
  };
}

/** Webex gives this license by itself and refuses to take it (error 700006). */
export function isImplicit({ name }: { readonly name: string }): boolean {
  return canonicalName(name) === 'screen share';
}

function canonicalNarrow(narrow: Narrow | undefined): Narrow | undefined {
  if (narrow === undefined) return undefined;
  const { emails, domains, groups } = narrow;
  return {
    ...narrow,
    ...(emails == null ? {} : { emails: emails.map(canonicalEmail) }),
    ...(domains == null ? {} : { domains: domains.map((domain) => domain.trim().toLowerCase()) }),
    ...(groups == null ? {} : { groups: groups.map(canonicalName) }),
  };
}
