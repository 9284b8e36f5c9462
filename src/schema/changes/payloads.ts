import { encodeGlobalID } from '@pothos/plugin-relay';
import { builder } from '../base/builder.ts';
import { localId } from '../base/global-ids.ts';
import { GroupRef, UserRef } from '../base/refs.ts';
import { groupOf, userOf } from '../directory/shown.ts';
import { ErrorRef } from '../errors/error.ts';
import type { Failure } from '../errors/failure.ts';
import { FieldChangeRef, LicenseSeatsRef } from './field-changes.ts';
import { MemberOutcomeRef, membersOf } from './member-outcomes.ts';
import { ChangeOutcomeEnum } from './outcomes.ts';
import type { ChangeResult } from './run.ts';

const ChangePayloadRef = builder.interfaceRef<ChangeResult>('ChangePayload').implement({
  description: 'The answer to a change in Webex. `outcome` and `error` are enough for most clients.',
  fields: (t) => ({
    outcome: t.expose('outcome', { type: ChangeOutcomeEnum, description: 'How the change ended.' }),
    changes: t.field({
      type: [FieldChangeRef],
      description:
        'The change field by field, without fields that were as requested already. Empty if the request was refused before it was compared with Webex.',
      resolve: ({ changes }) => [...changes],
    }),
    seats: t.field({
      type: [LicenseSeatsRef],
      description: 'Of a dry run: the seats of licenses that the change would take or free. Empty otherwise.',
      resolve: async ({ connectorId, seats }, _arguments, context) => {
        if (seats.length === 0) return [];
        const webex = await context.webex(await context.connector(connectorId));
        return seats.map((need) => ({ need, license: { webex, license: need.license } }));
      },
    }),
    error: t.field({
      type: ErrorRef,
      nullable: true,
      description: 'Why the change was not made as requested. Null for APPLIED, NOTHING_CHANGED and DRY_RUN.',
      resolve: ({ failure }) => failure,
    }),
    auditEventId: t.id({
      nullable: true,
      description: 'Id of the event in the audit trail. Null if none was recorded.',
      resolve: ({ auditEventId }) =>
        auditEventId === null ? null : encodeGlobalID('AuditEvent', auditEventId),
    }),
    replayed: t.exposeBoolean('replayed', {
      description:
        'Whether this is the answer to an earlier request with the same Idempotency-Key. Nothing was sent to Webex again.',
    }),
  }),
});

export const UserChangePayload = builder.objectRef<ChangeResult>('UserChangePayload').implement({
  description: 'The answer to a change of a user.',
  interfaces: [ChangePayloadRef],
  fields: (t) => ({
    user: t.field({
      type: UserRef,
      nullable: true,
      description:
        'The user after the change; before the change for a dry run. If the change failed, the user as last read, or null if the gateway did not read the user again. Null if the user does not exist.',
      resolve: ({ connectorId, record }, _arguments, context) => userOf(connectorId, record, context),
    }),
  }),
});

export const UserDeletionPayload = builder.objectRef<ChangeResult>('UserDeletionPayload').implement({
  description: 'The answer to the deletion of a user.',
  interfaces: [ChangePayloadRef],
  fields: (t) => ({
    deletedUserId: t.id({
      nullable: true,
      description:
        'Id of the user who is deleted now, also if the user was deleted before. Null if the user still exists.',
      resolve: (result) => deletedIdOf('User', result),
    }),
    user: t.field({
      type: UserRef,
      nullable: true,
      description:
        'The user before the deletion. If it failed, the user as last read, or null if the gateway did not read the user again. Null if the user was deleted before.',
      resolve: ({ connectorId, record }, _arguments, context) => userOf(connectorId, record, context),
    }),
  }),
});

export const GroupChangePayload = builder.objectRef<ChangeResult>('GroupChangePayload').implement({
  description: 'The answer to a change of a group.',
  interfaces: [ChangePayloadRef],
  fields: (t) => ({
    group: t.field({
      type: GroupRef,
      nullable: true,
      description:
        'The group after the change; before the change for a dry run. If the change failed, the group as last read, or null if the gateway did not read it again. Null if the group does not exist.',
      resolve: ({ connectorId, record }, _arguments, context) => groupOf(connectorId, record, context),
    }),
    members: t.field({
      type: [MemberOutcomeRef],
      description:
        'Members who could not be added or removed, and why. Empty if all were, and if the change failed as a whole before a member was changed.',
      resolve: membersOf,
    }),
  }),
});

export const GroupDeletionPayload = builder.objectRef<ChangeResult>('GroupDeletionPayload').implement({
  description: 'The answer to the deletion of a group.',
  interfaces: [ChangePayloadRef],
  fields: (t) => ({
    deletedGroupId: t.id({
      nullable: true,
      description:
        'Id of the group that is deleted now, also if it was deleted before. Null if the group still exists.',
      resolve: (result) => deletedIdOf('Group', result),
    }),
    group: t.field({
      type: GroupRef,
      nullable: true,
      description:
        'The group before the deletion. If it failed, the group as last read, or null if the gateway did not read it again. Null if it was deleted before.',
      resolve: ({ connectorId, record }, _arguments, context) => groupOf(connectorId, record, context),
    }),
  }),
});

/** The payload of a change that failed before anything of it was checked. */
export function failedChange(failure: Failure): ChangeResult {
  return {
    ...{ connectorId: failure.connectorId ?? '', outcome: 'NOT_APPLIED', changes: [], seats: [], failure },
    ...{ auditEventId: null, replayed: false, record: null, targetWebexId: null, failedMembers: [] },
  };
}

function deletedIdOf(
  type: 'User' | 'Group',
  { connectorId, outcome, targetWebexId }: ChangeResult,
): string | null {
  const isGone = outcome === 'APPLIED' || outcome === 'NOTHING_CHANGED';
  return isGone && targetWebexId !== null ? encodeGlobalID(type, localId(connectorId, targetWebexId)) : null;
}
