import type { GraphQLResolveInfo } from 'graphql';
import type { Person } from '../../datasources/webex/people/person.ts';
import { builder } from '../base/builder.ts';
import type { Context } from '../base/context.ts';
import { readTarget } from '../base/global-ids.ts';
import { readMoment } from '../base/moments.ts';
import { USER_ERRORS, type UserError } from '../errors/changes.ts';
import { LicenseAssignmentInput, readAssignments, readReferences } from './license-inputs.ts';
import { showUser } from './outcomes.ts';
import { userResult } from './payloads.ts';
import { type Change, existing, makeChange, newcomer } from './run.ts';
import {
  CreateUserInput,
  dryRunField,
  readUserInput,
  UpdateUserInput,
  unmodifiedField,
} from './user-inputs.ts';

const DeleteUserInput = builder.inputType('DeleteUserInput', {
  description: 'Which user to delete.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which user.' }),
    ifUnmodifiedSince: unmodifiedField(t),
    dryRun: dryRunField(t),
  }),
});

const UpdateUserLicensesInput = builder.inputType('UpdateUserLicensesInput', {
  description: 'Licenses to give to a user and to take away. All others stay.',
  fields: (t) => ({
    userId: t.id({ required: true, description: 'Which user.' }),
    add: t.field({ type: [LicenseAssignmentInput], required: false, description: 'Licenses to give.' }),
    remove: t.idList({ required: false, description: 'Licenses to take away, by id or unique name.' }),
    addAttendeeSites: t.stringList({
      required: false,
      description: 'Meeting sites, as acme.webex.com, that the user may attend without hosting.',
    }),
    removeAttendeeSites: t.stringList({
      required: false,
      description: 'Meeting sites that the user is not to attend any more.',
    }),
    ifUnmodifiedSince: unmodifiedField(t),
    dryRun: dryRunField(t),
  }),
});

const UpdateUserRolesInput = builder.inputType('UpdateUserRolesInput', {
  description: 'Administrator roles to give to a user and to take away. All others stay.',
  fields: (t) => ({
    userId: t.id({ required: true, description: 'Which user.' }),
    add: t.idList({ required: false, description: 'Roles to give, by id or name.' }),
    remove: t.idList({ required: false, description: 'Roles to take away, by id or name.' }),
    ifUnmodifiedSince: unmodifiedField(t),
    dryRun: dryRunField(t),
  }),
});

/** Makes the one change that a field asks for, and shows what came of it. */
async function changeUser(
  context: Context,
  info: GraphQLResolveInfo,
  input: { readonly dryRun?: boolean | null | undefined },
  change: Change<Person>,
) {
  const request = { context, info, dryRun: input.dryRun, errors: USER_ERRORS };
  return showUser(await makeChange<Person, UserError>(request, change), context);
}

builder.mutationFields((t) => ({
  createUser: t.field({
    type: userResult('CreateUserResult'),
    description:
      'Creates a user, with licenses and roles. Where Webex has created somebody and says it has not, they are found.',
    args: { input: t.arg({ type: CreateUserInput, required: true, description: 'The user to create.' }) },
    resolve: (_root, { input }, context, info) =>
      changeUser(context, info, input, {
        subject: () => newcomer('User', input.connectorId, input.emails[0]),
        make: async (place, attempt, at) => {
          const user = readUserInput(input, place.connector.id, at);
          return context.provisioning.users.create(place, attempt, user, at);
        },
      }),
  }),
  updateUser: t.field({
    type: userResult('UpdateUserResult'),
    description:
      'Changes fields of a user; those not given stay as they are. Several changes of one user wait for each other.',
    args: { input: t.arg({ type: UpdateUserInput, required: true, description: 'What to change.' }) },
    resolve: (_root, { input }, context, info) =>
      changeUser(context, info, input, {
        subject: () => existing('User', input.id, 'input.id'),
        make: async (place, attempt, at) => {
          const { webexId } = readTarget(input.id, 'User', 'input.id');
          const ifUnmodifiedSince = readMoment(`${at}.ifUnmodifiedSince`, input.ifUnmodifiedSince);
          const user = { ...readUserInput(input, place.connector.id, at), id: webexId, ifUnmodifiedSince };
          return context.provisioning.users.update(place, attempt, user, at);
        },
      }),
  }),
  deleteUser: t.field({
    type: userResult('DeleteUserResult'),
    description:
      'Deletes a user with everything they have, and answers with the user as they were. A user who is gone already is a success: NothingChanged.',
    args: { input: t.arg({ type: DeleteUserInput, required: true, description: 'Which one.' }) },
    resolve: (_root, { input }, context, info) =>
      changeUser(context, info, input, {
        subject: () => existing('User', input.id, 'input.id'),
        make: async (place, attempt, at) => {
          const { webexId } = readTarget(input.id, 'User', 'input.id');
          const ifUnmodifiedSince = readMoment(`${at}.ifUnmodifiedSince`, input.ifUnmodifiedSince);
          return context.provisioning.users.delete(place, attempt, { id: webexId, ifUnmodifiedSince });
        },
      }),
  }),
  updateUserLicenses: t.field({
    type: userResult('UpdateUserLicensesResult'),
    description:
      'Gives licenses to a user and takes others away. What Webex granted is compared with what was asked, license by license.',
    args: {
      input: t.arg({
        type: UpdateUserLicensesInput,
        required: true,
        description: 'Whose licenses, and which.',
      }),
    },
    resolve: (_root, { input }, context, info) =>
      changeUser(context, info, input, {
        subject: () => existing('User', input.userId, 'input.userId'),
        make: async (place, attempt, at) => {
          const { webexId, connectorId } = readTarget(input.userId, 'User', 'input.userId');
          const licenses = {
            id: webexId,
            ifUnmodifiedSince: readMoment(`${at}.ifUnmodifiedSince`, input.ifUnmodifiedSince),
            add: readAssignments(input.add, connectorId, `${at}.add`),
            remove: readReferences(input.remove, 'License', connectorId, `${at}.remove`),
            addSites: input.addAttendeeSites ?? [],
            removeSites: input.removeAttendeeSites ?? [],
          };
          return context.provisioning.users.updateLicenses(place, attempt, licenses, at);
        },
      }),
  }),
  updateUserRoles: t.field({
    type: userResult('UpdateUserRolesResult'),
    description: 'Gives administrator roles to a user and takes others away.',
    args: {
      input: t.arg({ type: UpdateUserRolesInput, required: true, description: 'Whose roles, and which.' }),
    },
    resolve: (_root, { input }, context, info) =>
      changeUser(context, info, input, {
        subject: () => existing('User', input.userId, 'input.userId'),
        make: async (place, attempt, at) => {
          const { webexId, connectorId } = readTarget(input.userId, 'User', 'input.userId');
          const roles = {
            id: webexId,
            ifUnmodifiedSince: readMoment(`${at}.ifUnmodifiedSince`, input.ifUnmodifiedSince),
            add: readReferences(input.add, 'Role', connectorId, `${at}.add`),
            remove: readReferences(input.remove, 'Role', connectorId, `${at}.remove`),
          };
          return context.provisioning.users.updateRoles(place, attempt, roles, at);
        },
      }),
  }),
}));
