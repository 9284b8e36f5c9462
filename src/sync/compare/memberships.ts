import { canonicalName } from '../../datasources/webex/canonical.ts';
import { membersAmong } from '../../store/sync/comparison.ts';
import {
  type ComparedGroup,
  comparedGroups,
  extraMembers,
  type ManagedGroups,
  type MemberChange,
  missingMembers,
  writtenNames,
} from '../../store/sync/memberships.ts';
import type { Situation } from '../../store/sync/words.ts';
import { isWorse, type LimitBases } from '../guard/limits.ts';
import { choosesUsers, isChosenUser } from '../guard/narrow.ts';
import { protectionOf } from '../guard/protect.ts';
import type { CompareContext } from './context.ts';
import type { DraftWriter } from './drafts.ts';
import { creationOfGroup, type GroupChange, memberDrafts, noteOfGroup } from './group-drafts.ts';

/** Memberships that one query compares. A larger group is compared by itself. */
const MEMBERSHIPS_AT_ONCE = 50_000;

/**
 * Compares the members of the groups that the mapping manages, and writes their drafts.
 * @param isListed whether the list of groups was read to its end
 * @returns the group that is furthest beyond its limit of removed members
 */
export async function compareMemberships(
  context: CompareContext,
  isListed: boolean,
  writer: DraftWriter,
  signal: AbortSignal,
): Promise<LimitBases['worstGroup']> {
  const { outline } = context;
  if (outline.groups.mode === 'IGNORE') return null;
  const groups = await comparedGroups(context.db, context.plan, canonicalManaged(outline.groups.managed));
  let worst: LimitBases['worstGroup'] = null;
  for (const batch of batchesOf(groups)) {
    signal.throwIfAborted();
    const changes = await changesOf(batch, context);
    for (const change of changes) {
      await writeGroup(change, context, isListed, writer);
      const { group, removed } = change;
      const size = { name: group.name ?? group.nameKey, members: group.members, removed: removed.length };
      if (isWorse(size, worst, context)) worst = size;
    }
  }
  return worst;
}

function canonicalManaged(managed: CompareContext['outline']['groups']['managed']): ManagedGroups {
  return 'names' in managed
    ? { names: managed.names.map(canonicalName) }
    : { prefix: canonicalName(managed.prefix) };
}

function* batchesOf(groups: readonly ComparedGroup[]): Generator<readonly ComparedGroup[]> {
  let batch: ComparedGroup[] = [];
  let size = 0;
  for (const group of groups) {
    if (size > 0 && size + group.members + group.wanted > MEMBERSHIPS_AT_ONCE) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(group);
    size += group.members + group.wanted;
  }
  if (batch.length > 0) yield batch;
}

async function changesOf(batch: readonly ComparedGroup[], context: CompareContext): Promise<GroupChange[]> {
  const { db, plan, outline, rules } = context;
  const keys = batch.filter(({ candidates }) => candidates === null).map(({ nameKey }) => nameKey);
  const situations = actingSituations(context);
  const added = byGroup(await missingMembers(db, plan, keys, situations));
  const complete = batch.filter(({ complete, candidates }) => complete && candidates === null);
  const takes = outline.groups.mode === 'EXACT' && rules.licenses.mayTake;
  const extra = takes
    ? await extraMembers(
        db,
        plan,
        complete.map(({ nameKey }) => nameKey),
        situations,
        context.seen.everyAddress,
      )
    : [];
  const spared = await protectedAmong(extra, context);
  const removed = byGroup(extra.filter(({ member }) => !spared.has(member)));
  const kept = byGroup(extra.filter(({ member }) => spared.has(member)));
  const isNew = batch.some(({ webexId }) => webexId === null);
  const names = isNew ? await namesOf(batch, context) : new Map<string, string>();
  return batch.map((group) => ({
    group: group.name === null ? { ...group, name: names.get(group.nameKey) ?? group.nameKey } : group,
    added: chosen(added.get(group.nameKey) ?? [], context),
    removed: chosen(removed.get(group.nameKey) ?? [], context),
    protectedMembers: kept.get(group.nameKey)?.length ?? 0,
  }));
}

/** Situations of users whose memberships follow their record. */
function actingSituations({ policy }: CompareContext): Situation[] {
  return (['CONFIRMED', 'FOUND'] as const).filter((name) => policy.situations[name].action === 'UPDATE');
}

function byGroup(changes: readonly MemberChange[]): ReadonlyMap<string, readonly MemberChange[]> {
  return Map.groupBy(changes, ({ nameKey }) => nameKey);
}

/** A request that chooses users changes no membership of others. */
function chosen(changes: readonly MemberChange[], { narrow }: CompareContext): readonly MemberChange[] {
  if (!choosesUsers(narrow)) return changes;
  return changes.filter(({ key, emails }) => isChosenUser({ key: key ?? undefined, emails }, narrow));
}

async function protectedAmong(
  extra: readonly MemberChange[],
  { db, plan, protectedGroups, protection }: CompareContext,
): Promise<ReadonlySet<string>> {
  const ids = [...new Set(extra.map(({ member }) => member))];
  const members = await membersAmong(db, plan, protectedGroups, ids);
  const isProtected = ({ member, emails, roles }: MemberChange) => {
    const user = { webexId: member, emails, roles, protectedGroup: members.get(member) };
    return protectionOf(user, protection) !== undefined;
  };
  return new Set(extra.filter(isProtected).map(({ member }) => member));
}

/** Names of groups that are to be created, as records write them. */
async function namesOf(
  batch: readonly ComparedGroup[],
  { db, plan }: CompareContext,
): Promise<ReadonlyMap<string, string>> {
  const keys = batch.filter(({ webexId }) => webexId === null).map(({ nameKey }) => nameKey);
  const rows = await writtenNames(db, plan, keys);
  return new Map(
    rows.map(({ nameKey, groups }) => [
      nameKey,
      groups.find((name) => canonicalName(name) === nameKey)?.trim() ?? nameKey,
    ]),
  );
}

async function writeGroup(
  change: GroupChange,
  context: CompareContext,
  isListed: boolean,
  writer: DraftWriter,
): Promise<void> {
  const { group, added, removed } = change;
  const note = noteOfGroup(group, context, isListed);
  if (note !== undefined) {
    await writer.write([{ draft: note }]);
    return;
  }
  if (added.length + removed.length === 0) return;
  const creation = group.webexId === null ? creationOfGroup(group, context, isListed) : undefined;
  const [number] = creation === undefined ? [] : await writer.write([{ draft: creation }]);
  const drafts = memberDrafts(change, { number, draft: creation }, context);
  await writer.write(drafts.map((draft) => ({ draft })));
}
