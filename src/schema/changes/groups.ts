import type { GraphQLResolveInfo } from 'graphql';
import type { Group } from '../../datasources/webex/records.ts';
import { builder } from '../base/builder.ts';
import type { Context } from '../base/context.ts';
import { readTarget } from '../base/global-ids.ts';
import { readMoment } from '../base/moments.ts';
import { GROUP_ERRORS, type GroupError } from '../errors/changes.ts';
import { showGroup } from './outcomes.ts';
import { groupResult } from './payloads.ts';
import { type Change, existing, makeChange, newcomer } from './run.ts';
import { dryRunField, readPersonReference, unmodifiedField } from './user-inputs.ts';

const MEMBERS = 'each by user id, by the id Webex itself uses, or by e-mail address';

const CreateGroupInput = builder.inputType('CreateGroupInput', {
  description: 'A group to create.',
  fields: (t) => ({
    connectorId: t.id({ required: true, description: 'The connector to the organization.' }),
    displayName: t.string({ required: true, description: 'Its name, unique in the organization.' }),
    description: t.string({ required: false, description: 'What it is for.' }),
    members: t.idList({ required: false, description: `Any number of members, ${MEMBERS}.` }),
    dryRun: dryRunField(t),
  }),
});

const UpdateGroupInput = builder.inputType('UpdateGroupInput', {
  description: 'What to change of a group. What is left out stays; null clears; a value sets.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which group.' }),
    displayName: t.string({ required: false, description: 'Its name. Cannot be cleared.' }),
    description: t.string({ required: false, description: 'What it is for.' }),
    ifUnmodifiedSince: unmodifiedField(t),
    dryRun: dryRunField(t),
  }),
});

const UpdateGroupMembersInput = builder.inputType('UpdateGroupMembersInput', {
  description: 'Users to add to a group and to take out. All others stay.',
  fields: (t) => ({
    groupId: t.id({ required: true, description: 'Which group.' }),
    add: t.idList({ required: false, description: `Users to add, ${MEMBERS}.` }),
    remove: t.idList({ required: false, description: `Users to take out, ${MEMBERS}.` }),
    ifUnmodifiedSince: unmodifiedField(t),
    dryRun: dryRunField(t),
  }),
});

const DeleteGroupInput = builder.inputType('DeleteGroupInput', {
  description: 'Which group to delete.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which group.' }),
    ifUnmodifiedSince: unmodifiedField(t),
    dryRun: dryRunField(t),
  }),
});

/** Makes the one change that a field asks for, and shows what came of it. */
async function changeGroup(
  context: Context,
  info: GraphQLResolveInfo,
  input: { readonly dryRun?: boolean | null | undefined },
  change: Change<Group>,
) {
  const request = { context, info, dryRun: input.dryRun, errors: GROUP_ERRORS };
  return showGroup(await makeChange<Group, GroupError>(request, change), context);
}

function readMembers(texts: readonly string[] | null | undefined, connectorId: string, at: string) {
  return (texts ?? []).map((text, index) => readPersonReference(text, connectorId, `${at}[${index}]`));
}

builder.mutationFields((t) => ({
  createGroup: t.field({
    type: groupResult('CreateGroupResult'),
    description: 'Creates a group with any number of members.',
    args: { input: t.arg({ type: CreateGroupInput, required: true, description: 'The group.' }) },
    resolve: (_root, { input }, context, info) =>
      changeGroup(context, info, input, {
        subject: () => newcomer('Group', input.connectorId, input.displayName),
        make: async (place, attempt, at) => {
          const members = readMembers(input.members, place.connector.id, `${at}.members`);
          return context.provisioning.groups.create(place, attempt, { ...input, members }, at);
        },
      }),
  }),
  updateGroup: t.field({
    type: groupResult('UpdateGroupResult'),
    description: 'Changes the name or the description of a group.',
    args: { input: t.arg({ type: UpdateGroupInput, required: true, description: 'What to change.' }) },
    resolve: (_root, { input }, context, info) =>
      changeGroup(context, info, input, {
        subject: () => existing('Group', input.id, 'input.id'),
        make: async (place, attempt, at) => {
          const { webexId } = readTarget(input.id, 'Group', 'input.id');
          const ifUnmodifiedSince = readMoment(`${at}.ifUnmodifiedSince`, input.ifUnmodifiedSince);
          const changes = { ...input, id: webexId, ifUnmodifiedSince };
          return context.provisioning.groups.update(place, attempt, changes, at);
        },
      }),
  }),
  updateGroupMembers: t.field({
    type: groupResult('UpdateGroupMembersResult'),
    description:
      'Adds users to a group and takes others out, any number. Those who are there, or gone, already are no error.',
    args: {
      input: t.arg({ type: UpdateGroupMembersInput, required: true, description: 'Which group, and who.' }),
    },
    resolve: (_root, { input }, context, info) =>
      changeGroup(context, info, input, {
        subject: () => existing('Group', input.groupId, 'input.groupId'),
        make: async (place, attempt, at) => {
          const { webexId, connectorId } = readTarget(input.groupId, 'Group', 'input.groupId');
          const members = {
            id: webexId,
            ifUnmodifiedSince: readMoment(`${at}.ifUnmodifiedSince`, input.ifUnmodifiedSince),
            add: readMembers(input.add, connectorId, `${at}.add`),
            remove: readMembers(input.remove, connectorId, `${at}.remove`),
          };
          return context.provisioning.groups.updateMembers(place, attempt, members, at);
        },
      }),
  }),
  deleteGroup: t.field({
    type: groupResult('DeleteGroupResult'),
    description:
      'Deletes a group, and answers with it as it was; its members stay in the organization. A group that is gone already is a success: NothingChanged.',
    args: { input: t.arg({ type: DeleteGroupInput, required: true, description: 'Which one.' }) },
    resolve: (_root, { input }, context, info) =>
      changeGroup(context, info, input, {
        subject: () => existing('Group', input.id, 'input.id'),
        make: async (place, attempt, at) => {
          const { webexId } = readTarget(input.id, 'Group', 'input.id');
          const ifUnmodifiedSince = readMoment(`${at}.ifUnmodifiedSince`, input.ifUnmodifiedSince);
          return context.provisioning.groups.delete(place, attempt, { id: webexId, ifUnmodifiedSince });
        },
      }),
  }),
}));
