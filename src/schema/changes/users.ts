import type { GraphQLResolveInfo } from 'graphql';
import { builder } from '../base/builder.ts';
import { chooseConnector, connectorField, connectorOfIdField } from '../base/chosen-connector.ts';
import type { Context } from '../base/context.ts';
import { readObjectId } from '../base/global-ids.ts';
import { readMoment } from '../base/moments.ts';
import { failsAs } from '../errors/payloads.ts';
import { InputReading } from './input-reading.ts';
import { LicenseAssignmentInput, NO_LICENSES, readLicenseChanges } from './license-inputs.ts';
import { failedChange, UserChangePayload, UserDeletionPayload } from './payloads.ts';
import { readReferences } from './references.ts';
import { type Change, type ChangeResult, existing, makeChange, newUser } from './run.ts';
import {
  dryRunField,
  readUserInput,
  readUserUpdate,
  UserInput,
  unmodifiedField,
  userIdField,
} from './user-inputs.ts';

const CreateUserInput = builder.inputType('CreateUserInput', {
  description: 'A user to create.',
  fields: (t) => ({
    connector: connectorField(t),
    user: t.field({ type: UserInput, required: true, description: 'The fields of the new user.' }),
    dryRun: dryRunField(t),
  }),
});

const UpdateUserInput = builder.inputType('UpdateUserInput', {
  description: 'What to change of a user.',
  fields: (t) => ({
    connector: connectorOfIdField(t),
    id: userIdField(t),
    user: t.field({
      type: UserInput,
      required: true,
      description: 'What to change. The rest stays as it is.',
    }),
    ifUnmodifiedSince: unmodifiedField(t),
    dryRun: dryRunField(t),
  }),
});

const DeleteUserInput = builder.inputType('DeleteUserInput', {
  description: 'Which user to delete.',
  fields: (t) => ({
    connector: connectorOfIdField(t),
    id: userIdField(t),
    ifUnmodifiedSince: unmodifiedField(t),
    dryRun: dryRunField(t),
  }),
});

const UpdateUserLicensesInput = builder.inputType('UpdateUserLicensesInput', {
  description: 'Licenses and attendee sites to add to a user and to remove. All others stay.',
  fields: (t) => ({
    connector: connectorOfIdField(t),
    id: userIdField(t),
    add: t.field({
      type: [LicenseAssignmentInput],
      required: false,
      description: 'Licenses to add, at most 50. Those that the user has already are no error.',
    }),
    remove: t.idList({
      required: false,
      description:
        'Licenses to remove, each by id, Webex id or unique name, at most 50. Those that the user does not have are no error.',
    }),
    addAttendeeSites: t.stringList({
      required: false,
      description:
        'Meeting sites, such as acme.webex.com, that the user may attend without hosting there. At most 50.',
    }),
    removeAttendeeSites: t.stringList({
      required: false,
      description: 'Meeting sites that the user is not to attend. At most 50.',
    }),
    ifUnmodifiedSince: unmodifiedField(t),
    dryRun: dryRunField(t),
  }),
});

const UpdateUserRolesInput = builder.inputType('UpdateUserRolesInput', {
  description: 'Administrator roles to add to a user and to remove. All others stay.',
  fields: (t) => ({
    connector: connectorOfIdField(t),
    id: userIdField(t),
    add: t.idList({
      required: false,
      description:
        'Roles to add, each by id, Webex id or name. Those that the user has already are no error.',
    }),
    remove: t.idList({
      required: false,
      description:
        'Roles to remove, each by id, Webex id or name. Those that the user does not have are no error.',
    }),
    ifUnmodifiedSince: unmodifiedField(t),
    dryRun: dryRunField(t),
  }),
});

/** Makes the one change that a field asks for. */
function changeUser(
  context: Context,
  info: GraphQLResolveInfo,
  { dryRun }: { readonly dryRun?: boolean | null | undefined },
  change: Change,
): Promise<ChangeResult> {
  return makeChange({ context, info, dryRun }, change);
}

builder.mutationFields((t) => ({
  createUser: t.field({
    type: UserChangePayload,
    fallible: true,
    onFailure: failsAs(failedChange),
    description:
      'Creates a user, with licenses and roles. If Webex reports an error but created the user anyway, that user is returned.',
    args: { input: t.arg({ type: CreateUserInput, required: true, description: 'The user to create.' }) },
    resolve: (_root, { input }, context, info) =>
      changeUser(context, info, input, {
        at: 'input.user',
        subject: async () => {
          const { id } = await chooseConnector(context, input.connector, 'input.connector');
          return { connectorId: id, target: newUser(input.user) };
        },
        make: async (organization, request, at) => {
          const user = readUserInput(input.user, organization.connector.id, at, true);
          return context.provisioning.users.create(organization, request, user, at);
        },
      }),
  }),
  updateUser: t.field({
    type: UserChangePayload,
    fallible: true,
    onFailure: failsAs(failedChange),
    description:
      'Changes fields of a user. Fields that are not given stay as they are. Changes of the same user are made one after the other.',
    args: { input: t.arg({ type: UpdateUserInput, required: true, description: 'What to change.' }) },
    resolve: (_root, { input }, context, info) =>
      changeUser(context, info, input, {
        subject: () => existing(context, 'User', input.connector, input.id, 'input.id'),
        at: 'input.user',
        make: async (organization, request, at) => {
          const user = {
            ...readUserUpdate(input, organization.connector.id, 'input'),
            id: readObjectId(input.id, 'User', 'input.id').webexId,
          };
          return context.provisioning.users.update(organization, request, user, at);
        },
      }),
  }),
  deleteUser: t.field({
    type: UserDeletionPayload,
    fallible: true,
    onFailure: failsAs(failedChange),
    description:
      'Deletes a user with everything they have, and answers with the user as they were. If the user is deleted already, the outcome is NOTHING_CHANGED.',
    args: { input: t.arg({ type: DeleteUserInput, required: true, description: 'Which one.' }) },
    resolve: (_root, { input }, context, info) =>
      changeUser(context, info, input, {
        subject: () => existing(context, 'User', input.connector, input.id, 'input.id'),
        make: async (organization, request, at) => {
          const { webexId } = readObjectId(input.id, 'User', 'input.id');
          const ifUnmodifiedSince = readMoment(`${at}.ifUnmodifiedSince`, input.ifUnmodifiedSince);
          return context.provisioning.users.delete(organization, request, { id: webexId, ifUnmodifiedSince });
        },
      }),
  }),
  updateUserLicenses: t.field({
    type: UserChangePayload,
    fallible: true,
    onFailure: failsAs(failedChange),
    description:
      'Adds licenses to a user and removes others. The outcome compares what Webex granted with what was requested, license by license.',
    args: {
      input: t.arg({
        type: UpdateUserLicensesInput,
        required: true,
        description: 'Whose licenses, and which.',
      }),
    },
    resolve: (_root, { input }, context, info) =>
      changeUser(context, info, input, {
        subject: () => existing(context, 'User', input.connector, input.id, 'input.id'),
        make: async (organization, request, at) => {
          const { webexId } = readObjectId(input.id, 'User', 'input.id');
          const { id: connectorId } = organization.connector;
          const reading = new InputReading();
          const moment = reading.of(() => readMoment(`${at}.ifUnmodifiedSince`, input.ifUnmodifiedSince));
          const read = reading.of(() => readLicenseChanges(input, connectorId, at)) ?? NO_LICENSES;
          reading.throwAny();
          const licenses = { ...read, id: webexId, ifUnmodifiedSince: moment };
          return context.provisioning.users.updateLicenses(organization, request, licenses, at);
        },
      }),
  }),
  updateUserRoles: t.field({
    type: UserChangePayload,
    fallible: true,
    onFailure: failsAs(failedChange),
    description: 'Adds administrator roles to a user and removes others.',
    args: {
      input: t.arg({ type: UpdateUserRolesInput, required: true, description: 'Whose roles, and which.' }),
    },
    resolve: (_root, { input }, context, info) =>
      changeUser(context, info, input, {
        subject: () => existing(context, 'User', input.connector, input.id, 'input.id'),
        make: async (organization, request, at) => {
          const { webexId } = readObjectId(input.id, 'User', 'input.id');
          const { id: connectorId } = organization.connector;
          const reading = new InputReading();
          const moment = reading.of(() => readMoment(`${at}.ifUnmodifiedSince`, input.ifUnmodifiedSince));
          const roles = {
            id: webexId,
            ifUnmodifiedSince: moment,
            add: reading.of(() => readReferences(input.add, 'Role', connectorId, `${at}.add`)) ?? [],
            remove: reading.of(() => readReferences(input.remove, 'Role', connectorId, `${at}.remove`)) ?? [],
          };
          reading.throwAny();
          return context.provisioning.users.updateRoles(organization, request, roles, at);
        },
      }),
  }),
}));
