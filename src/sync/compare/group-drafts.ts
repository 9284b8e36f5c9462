import type { ComparedGroup, MemberChange } from '../../store/sync/memberships.ts';
import type { FieldChange } from '../../store/sync/words.ts';
import { isNarrowedOut } from '../guard/narrow.ts';
import { withholdingOf } from '../guard/policy.ts';
import type { CompareContext } from './context.ts';
import type { UserDraft } from './drafts.ts';
import { asReport, sentences } from './pair-facts.ts';

/** What becomes of a group. */
export interface GroupChange {
  readonly group: ComparedGroup;
  readonly added: readonly MemberChange[];
  readonly removed: readonly MemberChange[];
  /** Members who would be removed, but are protected. */
  readonly protectedMembers: number;
}

/** Changes of members in one item. */
const MOST_CHANGES = 5_000;
/** Names of members that are shown. */
const SHOWN_NAMES = 100;

/** A group that nothing follows from, but that is worth a word; undefined for others. Pure. */
export function noteOfGroup(
  group: ComparedGroup,
  { outline, isWhole }: CompareContext,
  isListed: boolean,
): UserDraft | undefined {
  if (group.candidates !== null) {
    if (group.wanted === 0) return undefined;
    const reason = `Webex has ${group.candidates.length} groups of this name, so no member is changed. Rename all but one.`;
    return {
      ...groupDraft(group),
      situation: 'AMBIGUOUS',
      action: 'NONE',
      reason,
      candidates: group.candidates,
    };
  }
  if (group.webexId === null) {
    if (outline.groups.create) return undefined;
    const reason = isListed
      ? 'Webex has no such group, and groups.create is false.'
      : 'The group was not seen, and the list of groups is incomplete. Make the plan again.';
    return { ...groupDraft(group), situation: 'ABSENT', action: 'REPORT', reason };
  }
  if (!isWhole || group.wanted > 0 || !group.isOurs || group.linkedId !== group.webexId) return undefined;
  const reason = 'A run created this group, and no record of the source names it any more.';
  return { ...groupDraft(group), situation: 'SOURCE_MISSING', action: 'REPORT', reason };
}

/** The item that creates a group. Pure. */
export function creationOfGroup(group: ComparedGroup, context: CompareContext, isListed: boolean): UserDraft {
  const incomplete = {
    withheld: 'INCOMPLETE',
    reason: 'The list of groups is incomplete, so the group may exist. Make the plan again.',
  } as const;
  const draft: UserDraft = {
    ...groupDraft(group),
    ...{ situation: 'ABSENT', action: 'CREATE_GROUP' },
    ...(isListed ? withholding(group, 'CREATE_GROUP', context) : incomplete),
    changes: [{ field: 'displayName', before: null, after: group.name }],
    link: { emails: [group.nameKey] },
  };
  return asReport(draft, context.policy);
}

/**
 * The items that change the members of a group. Pure.
 * @param creation the item that creates the group, with its number
 */
export function memberDrafts(
  { group, added, removed, protectedMembers }: GroupChange,
  creation: { readonly number: number | undefined; readonly draft: UserDraft | undefined },
  context: CompareContext,
): UserDraft[] {
  const { draft: created, number } = creation;
  const isEmptied = group.members > 0 && removed.length === group.members && added.length === 0;
  const held =
    created?.withheld === undefined
      ? withholding(group, 'CHANGE_MEMBERS', context)
      : ({ withheld: 'DEPENDENCY', reason: 'The group is not created in this plan.' } as const);
  const notes = [
    ...(held?.reason === undefined ? [] : [held.reason]),
    ...(protectedMembers === 0 ? [] : [`${protectedMembers} protected members stay.`]),
    ...(group.outsiders === 0
      ? []
      : [`${group.outsiders} members are from outside the organization and stay.`]),
  ];
  const all = [
    ...removed.map((member) => ({ member, isAdded: false })),
    ...added.map((member) => ({ member, isAdded: true })),
  ];
  return chunksOf(all).map((chunk, index) => {
    const comes = chunk.filter(({ isAdded }) => isAdded).map(({ member }) => member);
    const goes = chunk.filter(({ isAdded }) => !isAdded).map(({ member }) => member);
    const needs = [...(number === undefined ? [] : [number]), ...comes.flatMap(({ draft }) => draft ?? [])];
    const draft: UserDraft = {
      ...groupDraft(group),
      ...{ situation: situationOf(group), action: 'CHANGE_MEMBERS' },
      ...(held?.withheld === undefined ? {} : { withheld: held.withheld }),
      ...sentences(notes),
      changes: [membersChange(goes, comes)],
      link: { emails: [group.nameKey] },
      ...(needs.length === 0 ? {} : { needs }),
      countsIn: {
        ...(goes.length === 0 ? {} : { REMOVE_MEMBERS: goes.length }),
        ...(isEmptied && index === 0 ? { EMPTY_GROUP: 1 } : {}),
      },
    };
    return asReport(draft, context.policy);
  });
}

function withholding(
  group: ComparedGroup,
  action: 'CREATE_GROUP' | 'CHANGE_MEMBERS',
  context: CompareContext,
) {
  const isNarrowed = isNarrowedOut({ action, emails: [], group: group.nameKey }, context.narrow);
  return withholdingOf({ situation: situationOf(group), action, isNarrowed }, context.seen, context.policy);
}

function situationOf({ webexId, linkedId }: ComparedGroup): UserDraft['situation'] {
  if (webexId === null) return 'ABSENT';
  return linkedId === webexId ? 'CONFIRMED' : 'FOUND';
}

function groupDraft(group: ComparedGroup): Omit<UserDraft, 'situation' | 'action'> {
  return {
    ...{ wave: 0, kind: 'GROUP', name: group.name ?? group.nameKey, sourceKey: group.nameKey, changes: [] },
    ...(group.webexId === null ? {} : { targetId: group.webexId }),
    ...{ countsIn: {}, rowNo: null, managerRow: null, takes: [] },
  };
}

function membersChange(goes: readonly MemberChange[], comes: readonly MemberChange[]): FieldChange {
  const ids = (changes: readonly MemberChange[]) => changes.map(({ member }) => member);
  const text = (changes: readonly MemberChange[]) =>
    changes
      .slice(0, SHOWN_NAMES)
      .map(({ name }) => name)
      .join(', ');
  return {
    ...{ field: 'members', before: ids(goes), after: ids(comes) },
    ...(goes.length === 0 ? {} : { beforeText: text(goes) }),
    ...(comes.length === 0 ? {} : { afterText: text(comes) }),
  };
}

function chunksOf<Row>(rows: readonly Row[]): (readonly Row[])[] {
  const count = Math.ceil(rows.length / MOST_CHANGES);
  return Array.from({ length: count }, (_, index) =>
    rows.slice(index * MOST_CHANGES, (index + 1) * MOST_CHANGES),
  );
}
