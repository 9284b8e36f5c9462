import type { Candidate, FieldChange, ItemError, ItemOutcome } from '../../store/sync/words.ts';
import { AuditEventRef, auditEventById } from '../audit/event.ts';
import { builder } from '../base/builder.ts';
import type { Context } from '../base/context.ts';
import { GroupRef, type GroupShape, UserRef, type UserShape } from '../base/refs.ts';
import { FieldChangeRef } from '../changes/field-changes.ts';
import { costs } from '../cost/costs.ts';
import { narrowTo, neededOfGroups, neededPersonParts, type Selected } from '../execution/selection.ts';
import {
  SyncActionEnum,
  SyncKindEnum,
  SyncOutcomeEnum,
  SyncSituationEnum,
  SyncWithheldEnum,
} from './enums.ts';
import { type ItemShape, SyncItemRef } from './refs.ts';

const SyncTarget = builder.unionType('SyncTarget', {
  description: 'What an item is about, as it is in Webex now.',
  types: [UserRef, GroupRef],
  resolveType: (target) => ('person' in target ? 'User' : 'Group'),
});

const SyncCandidateRef = builder.objectRef<Candidate>('SyncCandidate').implement({
  description: 'A user or group of Webex that a record may stand for.',
  fields: (t) => ({
    webexId: t.exposeString('webexId', { description: 'The ID in Webex’s REST API.' }),
    name: t.exposeString('name', { description: 'The name or address in Webex.' }),
    how: t.exposeString('how', {
      description: 'How it was found: LINK, EMAIL, ALTERNATE_EMAIL or PREVIOUS_EMAIL. More may be added.',
    }),
  }),
});

const SyncItemErrorRef = builder.objectRef<ItemError>('SyncItemError').implement({
  description: 'Why an item was not applied, or only in part.',
  fields: (t) => ({
    code: t.exposeString('code', {
      description: 'What went wrong, for programs: a code of docs/errors.md. More may be added.',
    }),
    message: t.exposeString('message', {
      description: 'What went wrong and what to do about it, for people.',
    }),
    webexMessage: t.string({
      nullable: true,
      description: 'What Webex itself said. Null if it said nothing.',
      resolve: ({ webexMessage }) => webexMessage,
    }),
    trackingIds: t.stringList({
      description: 'Webex’s ids of the requests. Give them to Cisco’s support.',
      resolve: ({ trackingIds }) => [...trackingIds],
    }),
    field: t.string({
      nullable: true,
      description: 'The field that it is about. Null if it is not about a single field.',
      resolve: ({ field }) => field,
    }),
  }),
});

/** Names in `gives` and `takes`. */
const MOST_NAMES = 100;

builder.node(SyncItemRef, {
  description:
    'One change of one user or group that a plan proposes, or a record or user that the plan reports.',
  id: { resolve: ({ item }) => `${item.plan_id}:${item.seq}` },
  fields: (t) => ({
    seq: t.int({
      description: 'Number of the item in its plan, from 1, in the order of applying.',
      resolve: ({ item }) => item.seq,
    }),
    wave: t.int({
      description:
        'Items of one wave are applied at the same time. A wave begins when the one before has ended.',
      resolve: ({ item }) => item.wave,
    }),
    kind: t.field({
      type: SyncKindEnum,
      description: 'Whether it is about a user or a group.',
      resolve: ({ item }) => item.kind,
    }),
    situation: t.field({
      type: SyncSituationEnum,
      description: 'What the comparison has found.',
      resolve: ({ item }) => item.situation,
    }),
    action: t.field({
      type: SyncActionEnum,
      description: 'What is to be done.',
      resolve: ({ item }) => item.action,
    }),
    withheld: t.field({
      type: SyncWithheldEnum,
      nullable: true,
      description: 'Why the action is not carried out. Null if it is.',
      resolve: ({ item }) => item.withheld,
    }),
    reason: t.string({
      nullable: true,
      description: 'More about the situation, the action or why it is withheld. Null if there is no more.',
      resolve: ({ item }) => item.reason,
    }),
    name: t.string({
      description:
        'The address of the user or the name of the group. For a record that cannot be read, its key or where it is.',
      resolve: ({ item }) => item.name,
    }),
    at: t.string({
      nullable: true,
      description: 'Where the record is in the source, such as line 17. Null without a record.',
      resolve: ({ item }) => item.at,
    }),
    sourceKey: t.string({
      nullable: true,
      description: 'The key of the record in the source. Null if it has none.',
      resolve: ({ item }) => item.source_key,
    }),
    target: t.field({
      complexity: costs.target,
      type: SyncTarget,
      nullable: true,
      description:
        'The user or group as it is in Webex now. Read from Webex only if selected. Null if it does not exist yet, or does not exist any more.',
      resolve: (shape, _arguments, context, info) => targetOf(shape, context, info),
    }),
    changes: t.field({
      type: [FieldChangeRef],
      description:
        'The change field by field. Of the fields licenses, roles and members, before lists what is removed and after what is added. A user who does not exist yet is given by the first address.',
      resolve: ({ item }) => [...item.changes],
    }),
    gives: t.stringList({
      description:
        'Names of the licenses and roles that the user gets, or of the members that the group gets. At most 100: changes has all.',
      resolve: ({ item }) => namesIn(item.changes, 'after'),
    }),
    takes: t.stringList({
      description:
        'Names of the licenses and roles that the user loses, or of the members that the group loses. At most 100: changes has all.',
      resolve: ({ item }) => namesIn(item.changes, 'before'),
    }),
    candidates: t.field({
      type: [SyncCandidateRef],
      description: 'Of the situation AMBIGUOUS: all users or groups that are found. Empty otherwise.',
      resolve: ({ item }) => [...(item.candidates ?? [])],
    }),
    outcome: t.field({
      type: SyncOutcomeEnum,
      nullable: true,
      description:
        'What became of it in the run. Null if the plan has no run, if the run has not come to it, and if it is withheld.',
      resolve: ({ item }) => outcomeOf(item.state),
    }),
    drift: t.field({
      type: [FieldChangeRef],
      description:
        'Of the outcome DRIFTED: the fields that differ from the plan. before is the reviewed value, after the value that was found. Empty otherwise.',
      resolve: ({ item }) => [...(item.drift ?? [])],
    }),
    error: t.field({
      type: SyncItemErrorRef,
      nullable: true,
      description: 'Why it was not applied, or only in part. Null if it was applied, or has no outcome yet.',
      resolve: ({ item }) => item.error,
    }),
    tries: t.int({
      description: 'How often the run has tried it.',
      resolve: ({ item }) => item.tries,
    }),
    settledAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When its outcome was known. Null if it has none.',
      resolve: ({ item }) => item.settled_at,
    }),
    auditEvent: t.field({
      type: AuditEventRef,
      nullable: true,
      description:
        'The event of the change in the audit trail. Null if nothing was recorded, or the event was deleted because of its age. Needs the scope admin.',
      resolve: ({ item }, _arguments, context) =>
        item.event_id === null ? null : auditEventById(item.event_id, context),
    }),
  }),
});

function outcomeOf(state: ItemShape['item']['state']): ItemOutcome | null {
  return state === 'PLANNED' || state === 'SENDING' ? null : state;
}

async function targetOf(
  { item, connectorId }: ItemShape,
  context: Context,
  info: Selected,
): Promise<UserShape | GroupShape | null> {
  const { target_id: id, kind } = item;
  if (id === null) return null;
  const webex = await context.webex(await context.connector(connectorId));
  if (kind === 'GROUP') {
    const group = await webex.groups.load(id, neededOfGroups(narrowTo(info, 'Group')).members);
    return group === null ? null : { webex, group };
  }
  const person = await webex.people.load(id, neededPersonParts(narrowTo(info, 'User')));
  return person === null ? null : { webex, person };
}

const LISTS: ReadonlySet<string> = new Set(['licenses', 'roles', 'members']);

/** Names of what changes of lists give or take; ids where names are not known. */
function namesIn(changes: readonly FieldChange[], side: 'before' | 'after'): string[] {
  return changes
    .filter(({ field }) => LISTS.has(field))
    .flatMap((change) => {
      const ids = change[side];
      if (!Array.isArray(ids) || ids.length === 0) return [];
      const names = change[side === 'before' ? 'beforeText' : 'afterText']?.split(', ') ?? [];
      // A name may contain a comma, and a long list is cut.
      return names.length === ids.length ? names : ids.map(String);
    })
    .slice(0, MOST_NAMES);
}
