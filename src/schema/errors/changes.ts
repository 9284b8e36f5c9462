import { Forbidden } from '../../errors/access.ts';
import {
  DirectorySynchronized,
  EmailTaken,
  ModifiedMeanwhile,
  NoSeatsLeft,
  NotApplied,
  NotRecorded,
  OutcomeUnknown,
  PartiallyApplied,
  RecordBusy,
} from '../../errors/changes.ts';
import { NotConnected, ReconnectRequired } from '../../errors/connection.ts';
import { Ambiguous, InvalidInput, NameTaken, NotFound, ReadOnlyConnector } from '../../errors/request.ts';
import { UpstreamBusy } from '../../errors/upstream.ts';
import { builder } from '../base/builder.ts';
import { GroupRef, UserRef } from '../base/refs.ts';
import { groupOf, userOf } from '../changes/outcomes.ts';
import { callFields, type ErrorFields, ErrorRef, UPSTREAM_ERRORS } from './error.ts';

/** The record as it stands, in the type that it has. */
const recordFields = (t: ErrorFields<{ readonly connectorId: string; readonly record: unknown }>) => ({
  user: t.field({
    type: UserRef,
    nullable: true,
    description: 'The user as they stand. Null where they could not be read, or this is about a group.',
    resolve: ({ connectorId, record }, _arguments, context) => userOf(connectorId, record, context),
  }),
  group: t.field({
    type: GroupRef,
    nullable: true,
    description: 'The group as it stands. Null where it could not be read, or this is about a user.',
    resolve: ({ connectorId, record }, _arguments, context) => groupOf(connectorId, record, context),
  }),
});

builder.objectType(Ambiguous, {
  name: 'Ambiguous',
  description: 'The name belongs to several objects. Nothing was changed.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    candidates: t.stringList({
      description: 'The ids, or names, of those that were meant perhaps.',
      resolve: ({ candidates }) => [...candidates],
    }),
  }),
});

builder.objectType(ReadOnlyConnector, {
  name: 'ReadOnlyConnector',
  description: 'The connector may only read. Nothing was sent.',
  interfaces: [ErrorRef],
});

builder.objectType(UpstreamBusy, {
  name: 'UpstreamBusy',
  description: 'Too much is waiting for this Webex organization already. Nothing was sent; try again.',
  interfaces: [ErrorRef],
});

builder.objectType(NotRecorded, {
  name: 'NotRecorded',
  description: 'The gateway could not write the change down, and so did not send it. Try again later.',
  interfaces: [ErrorRef],
});

builder.objectType(RecordBusy, {
  name: 'RecordBusy',
  description:
    'Other changes of the same user or group are not finished, or Webex may still apply one that it did not answer. Nothing was sent. Try again after retryAfter seconds.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    retryAfter: t.exposeInt('retryAfter', { description: 'Seconds to wait before trying again.' }),
  }),
});

builder.objectType(Forbidden, {
  name: 'Forbidden',
  description: 'The caller lacks the scope that it takes for this connector. Nothing was sent.',
  interfaces: [ErrorRef],
  fields: (t) => ({ scope: t.exposeString('scope', { description: 'The scope that it takes.' }) }),
});

builder.objectType(NotConnected, {
  name: 'NotConnected',
  description: 'The connector is not connected to Webex. Nothing was sent.',
  interfaces: [ErrorRef],
});

builder.objectType(ReconnectRequired, {
  name: 'ReconnectRequired',
  description: 'Webex accepts the connection no longer. An administrator has to connect again.',
  interfaces: [ErrorRef],
});

builder.objectType(EmailTaken, {
  name: 'EmailTaken',
  description: 'Somebody has the address already. Nothing was changed.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    email: t.expose('email', { type: 'EmailAddress', description: 'The address in question.' }),
    ...callFields(t),
    user: t.field({
      type: UserRef,
      nullable: true,
      description: 'Who has it. Null where that cannot be seen, as in another organization.',
      resolve: async ({ connectorId, userId }, _arguments, context) => {
        if (userId === undefined) return null;
        const { webex, admin } = await context.organization(await context.connector(connectorId));
        const person = await admin.readPerson(userId);
        return person === null ? null : { webex, person };
      },
    }),
  }),
});

builder.objectType(NoSeatsLeft, {
  name: 'NoSeatsLeft',
  description: 'All seats of a license are taken. Nothing was changed.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    license: t.exposeString('license', { description: 'The name of the license.' }),
    licenseWebexId: t.string({
      description: 'The id Webex itself uses for the license.',
      resolve: ({ licenseId }) => licenseId,
    }),
    totalUnits: t.exposeInt('totalUnits', { description: 'How many seats there are.' }),
    ...callFields(t),
  }),
});

builder.objectType(DirectorySynchronized, {
  name: 'DirectorySynchronized',
  description: 'Users come from a directory (Cisco Directory Connector), and change only there.',
  interfaces: [ErrorRef],
  fields: (t) => callFields(t),
});

builder.objectType(ModifiedMeanwhile, {
  name: 'ModifiedMeanwhile',
  description: 'Somebody changed it after the moment given as ifUnmodifiedSince. Nothing was changed.',
  interfaces: [ErrorRef],
  fields: (t) => recordFields(t),
});

builder.objectType(PartiallyApplied, {
  name: 'PartiallyApplied',
  description: 'Webex did a part of it: what was done and what was not, as read again afterwards.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    applied: t.stringList({
      description: 'What is as asked for now: fields, licenses by name, or members.',
      resolve: ({ applied }) => [...applied],
    }),
    notApplied: t.stringList({
      description: 'What is not.',
      resolve: ({ notApplied }) => [...notApplied],
    }),
    ...recordFields(t),
    ...callFields(t),
  }),
});

builder.objectType(NotApplied, {
  name: 'NotApplied',
  description: 'Webex accepted the request and did nothing of it, as read again afterwards.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    notApplied: t.stringList({
      description: 'What is not as asked for.',
      resolve: ({ notApplied }) => [...notApplied],
    }),
    ...recordFields(t),
    ...callFields(t),
  }),
});

builder.objectType(OutcomeUnknown, {
  name: 'OutcomeUnknown',
  description:
    'The change was sent, and nobody knows whether Webex made it. Sent again with the same Idempotency-Key it is found out, and not done twice.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    visible: t.stringList({
      nullable: true,
      description:
        'What was already as requested when the gateway looked: fields, licenses by name, or members. Null if the gateway could not look.',
      resolve: ({ seen }) => (seen === undefined ? null : [...seen.visible]),
    }),
    notVisible: t.stringList({
      nullable: true,
      description:
        'What was not as requested when the gateway looked. Webex may still apply it. Null if the gateway could not look.',
      resolve: ({ seen }) => (seen === undefined ? null : [...seen.notVisible]),
    }),
    ...recordFields(t),
    ...callFields(t),
  }),
});

/** What every change of a user or a group may answer with in place of the object. */
const CHANGE_ERRORS = [
  InvalidInput,
  NotFound,
  ReadOnlyConnector,
  NotRecorded,
  RecordBusy,
  ModifiedMeanwhile,
  PartiallyApplied,
  NotApplied,
  OutcomeUnknown,
  DirectorySynchronized,
  UpstreamBusy,
  ...UPSTREAM_ERRORS,
] as const;

/** What changes of users may answer with beside that. */
export const USER_ERRORS = [Ambiguous, EmailTaken, NoSeatsLeft, ...CHANGE_ERRORS] as const;

/** What one change of a list may answer with beside that, as it must not cost the others their answer. */
export const USERS_ERRORS = [Forbidden, NotConnected, ReconnectRequired, ...USER_ERRORS] as const;

/** What changes of groups may answer with beside that. */
export const GROUP_ERRORS = [NameTaken, ...CHANGE_ERRORS] as const;

export type UserError = InstanceType<(typeof USER_ERRORS)[number]>;
export type GroupError = InstanceType<(typeof GROUP_ERRORS)[number]>;
export type UsersError = InstanceType<(typeof USERS_ERRORS)[number]>;
