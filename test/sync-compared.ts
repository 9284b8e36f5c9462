import type { Selectable } from 'kysely';
import type { License } from '../src/datasources/webex/records.ts';
import type { SyncDraftsTable } from '../src/store/sync/staging-tables.ts';
import { type CompareInput, type Comparison, compare } from '../src/sync/compare/compare.ts';
import type { ResolvedMapping } from '../src/sync/mapping/mapping.ts';
import { readMapping } from '../src/sync/mapping/read-mapping.ts';
import type { Observation } from '../src/sync/observe/observe.ts';
import type { SecondLook } from '../src/sync/observe/second-look.ts';
import type { MappingOutline, Policy } from '../src/sync/words.ts';
import type { GivenPlan, StagedWorld } from './sync-staged.ts';

/** A plan that is staged, and how it is compared. What is absent is as in a usual plan. */
export interface GivenComparison extends GivenPlan {
  readonly outline?: MappingOutline;
  readonly managed?: Partial<ResolvedMapping['managed']>;
  readonly observation?: Partial<Observation>;
  /** Called right before and after the comparison. */
  readonly onStart?: () => void;
  readonly onEnd?: () => void;
  readonly input?: Partial<Pick<CompareInput, 'narrow' | 'source' | 'lateLook' | 'hasAppliedRun'>>;
}

export type Draft = Selectable<SyncDraftsTable>;

/** Stages a plan, compares it, and returns its drafts in their order. */
export async function compareStaged(
  world: StagedWorld,
  given: GivenComparison,
): Promise<Comparison & { readonly drafts: Draft[] }> {
  const { plan, staging } = await world.stage(given);
  const { db } = world.database;
  given.onStart?.();
  const comparison = await compare({
    ...{ db, staging, plan, mapping: resolvedMapping(given), observation: observationOf(given) },
    ...{
      source: { end: 'ALL' },
      narrow: undefined,
      hasAppliedRun: true,
      signal: new AbortController().signal,
    },
    lateLook: () => Promise.resolve(NOTHING_NEW),
    ...given.input,
  });
  given.onEnd?.();
  const drafts = await db
    .selectFrom('sync_drafts')
    .selectAll()
    .where('plan_no', '=', plan.planNo)
    .orderBy('draft_no')
    .execute();
  await staging.drop();
  return { ...comparison, drafts };
}

/** A second look that finds nobody. */
const NOTHING_NEW: SecondLook = { byId: new Map(), byEmail: new Map(), tooMany: false, requests: 0 };

/** The outline of a mapping with defaults, changed. */
export function outlineWith(
  changes: Partial<Omit<MappingOutline, 'policy'>> & { readonly policy?: Partial<Policy> } = {},
): MappingOutline {
  const read = readMapping(
    'version: 1\nname: staff\nsource: { kind: FILE, key: id }\nuser: { emails: mail }\npolicy: {}\n',
  );
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  const { outline } = read.mapping;
  return { ...outline, ...changes, policy: { ...outline.policy, ...changes.policy } };
}

function resolvedMapping({ outline = outlineWith(), managed }: GivenComparison): ResolvedMapping {
  return {
    outline,
    rules: { emails: { from: 'mail' }, fields: {}, licenses: [], roles: [], columns: [] },
    managed: { licenses: [], roles: [], ...managed },
    protectedRoles: [],
  };
}

function observationOf({ people, observation }: GivenComparison): Observation {
  const list = { complete: true, count: 0, requests: 1 };
  return {
    observedAt: new Date('2026-01-15T00:00:00Z'),
    lists: [
      { name: 'people', ...list },
      { name: 'groups', ...list },
      { name: 'members', ...list },
    ],
    ...{ licenses: [], roles: [], people: people.length, others: 0, groups: 0, heldMembers: 0 },
    ...{ administratorRoleIds: [], fullAdministratorRoleIds: [], connectingPersonId: null, requests: 1 },
    ...observation,
  };
}

/** A license with seats. */
export function licenseOf(id: string, totalUnits: number | undefined, consumedUnits: number): License {
  return {
    ...{ id, name: `License ${id}`, totalUnits, consumedUnits },
    ...{ subscriptionId: undefined, siteUrl: undefined, siteType: undefined },
  };
}
