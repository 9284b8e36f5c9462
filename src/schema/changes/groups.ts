import type { GraphQLResolveInfo } from 'graphql';
import { builder } from '../base/builder.ts';
import {
  chooseConnector,
  connectorField,
  connectorOfIdField,
  type InputFields,
} from '../base/chosen-connector.ts';
import type { Context } from '../base/context.ts';
import { readObjectId } from '../base/global-ids.ts';
import { readMoment } from '../base/moments.ts';
import { failsAs } from '../errors/payloads.ts';
import { InputReading, readEach } from './input-reading.ts';
import { failedChange, GroupChangePayload, GroupDeletionPayload } from './payloads.ts';
import { readPersonReference } from './references.ts';
import { type Change, type ChangeResult, existing, makeChange } from './run.ts';
import { dryRunField, unmodifiedField } from './user-inputs.ts';

const MEMBERS = 'each by user id, Webex id or email address';

const groupIdField = (t: InputFields) =>
  t.id({ required: true, description: 'The group, by id or Webex id.' });

const nameField = 'Name of the group, 1 to 256 characters, unique in the organization.';
const descriptionField = 'What the group is for, at most 1024 characters.';

const CreateGroupInput = builder.inputType('CreateGroupInput', {
  description: 'A group to create.',
  fields: (t) => ({
    connector: connectorField(t),
    displayName: t.string({ required: true, description: nameField }),
    description: t.string({ required: false, description: `${descriptionField} Default: none.` }),
    members: t.idList({
      required: false,
      description: `Members of the group, ${MEMBERS}. Any number. Default: none.`,
    }),
    dryRun: dryRunField(t),
  }),
});

const UpdateGroupInput = builder.inputType('UpdateGroupInput', {
  description:
    'What to change of a group. An absent field is left alone, null clears it, a value sets it. For members, use updateGroupMembers.',
  fields: (t) => ({
    connector: connectorOfIdField(t),
    id: groupIdField(t),
    displayName: t.string({ required: false, description: `${nameField} Cannot be cleared.` }),
    description: t.string({ required: false, description: descriptionField }),
    ifUnmodifiedSince: unmodifiedField(t),
    dryRun: dryRunField(t),
  }),
});

const UpdateGroupMembersInput = builder.inputType('UpdateGroupMembersInput', {
  description: 'Users to add to a group and to remove from it. All others stay.',
  fields: (t) => ({
    connector: connectorOfIdField(t),
    id: groupIdField(t),
    add: t.idList({
      required: false,
      description: `Users to add, ${MEMBERS}. Any number. Users who are members already are no error.`,
    }),
    remove: t.idList({
      required: false,
      description: `Users to remove, ${MEMBERS}. Any number. Users who are not members are no error.`,
    }),
    ifUnmodifiedSince: unmodifiedField(t),
    dryRun: dryRunField(t),
  }),
});

const DeleteGroupInput = builder.inputType('DeleteGroupInput', {
  description: 'Which group to delete.',
  fields: (t) => ({
    connector: connectorOfIdField(t),
    id: groupIdField(t),
    ifUnmodifiedSince: unmodifiedField(t),
    dryRun: dryRunField(t),
  }),
});

/** Makes the one change that a field asks for. */
function changeGroup(
  context: Context,
  info: GraphQLResolveInfo,
  { dryRun }: { readonly dryRun?: boolean | null | undefined },
  change: Change,
): Promise<ChangeResult> {
  return makeChange({ context, info, dryRun }, change);
}

function readMembers(texts: readonly string[] | null | undefined, connectorId: string, at: string) {
  return readEach(texts, (text, index) => ({
    ...readPersonReference(text, connectorId, `${at}[${index}]`),
    given: text,
  }));
}

builder.mutationFields((t) => ({
  createGroup: t.field({
    type: GroupChangePayload,
    fallible: true,
    onFailure: failsAs(failedChange),
    description: 'Creates a group with any number of members.',
    args: { input: t.arg({ type: CreateGroupInput, required: true, description: 'The group.' }) },
    resolve: (_root, { input }, context, info) =>
      changeGroup(context, info, input, {
        subject: async () => {
          const { id } = await chooseConnector(context, input.connector, 'input.connector');
          return { connectorId: id, target: { type: 'Group', id: null, name: input.displayName } };
        },
        make: async (organization, request, at) => {
          const members = readMembers(input.members, organization.connector.id, `${at}.members`);
          return context.provisioning.groups.create(organization, request, { ...input, members }, at);
        },
      }),
  }),
  updateGroup: t.field({
    type: GroupChangePayload,
    fallible: true,
    onFailure: failsAs(failedChange),
    description: 'Changes the name or the description of a group.',
    args: { input: t.arg({ type: UpdateGroupInput, required: true, description: 'What to change.' }) },
    resolve: (_root, { input }, context, info) =>
      changeGroup(context, info, input, {
        subject: () => existing(context, 'Group', input.connector, input.id, 'input.id'),
        make: async (organization, request, at) => {
          const { webexId } = readObjectId(input.id, 'Group', 'input.id');
          const ifUnmodifiedSince = readMoment(`${at}.ifUnmodifiedSince`, input.ifUnmodifiedSince);
          const changes = { ...input, id: webexId, ifUnmodifiedSince };
          return context.provisioning.groups.update(organization, request, changes, at);
        },
      }),
  }),
  updateGroupMembers: t.field({
    type: GroupChangePayload,
    fallible: true,
    onFailure: failsAs(failedChange),
    description:
      'Adds users to a group and removes others, any number. It is no error to add a member, or to remove a user who is not a member.',
    args: {
      input: t.arg({ type: UpdateGroupMembersInput, required: true, description: 'Which group, and who.' }),
    },
    resolve: (_root, { input }, context, info) =>
      changeGroup(context, info, input, {
        subject: () => existing(context, 'Group', input.connector, input.id, 'input.id'),
        make: async (organization, request, at) => {
          const { webexId } = readObjectId(input.id, 'Group', 'input.id');
          const { id: connectorId } = organization.connector;
          const reading = new InputReading();
          const members = {
            id: webexId,
            ifUnmodifiedSince: reading.of(() =>
              readMoment(`${at}.ifUnmodifiedSince`, input.ifUnmodifiedSince),
            ),
            add: reading.of(() => readMembers(input.add, connectorId, `${at}.add`)) ?? [],
            remove: reading.of(() => readMembers(input.remove, connectorId, `${at}.remove`)) ?? [],
          };
          reading.throwAny();
          return context.provisioning.groups.updateMembers(organization, request, members, at);
        },
      }),
  }),
  deleteGroup: t.field({
    type: GroupDeletionPayload,
    fallible: true,
    onFailure: failsAs(failedChange),
    description:
      'Deletes a group, and answers with it as it was; its members stay in the organization. If the group is deleted already, the outcome is NOTHING_CHANGED.',
    args: { input: t.arg({ type: DeleteGroupInput, required: true, description: 'Which one.' }) },
    resolve: (_root, { input }, context, info) =>
      changeGroup(context, info, input, {
        subject: () => existing(context, 'Group', input.connector, input.id, 'input.id'),
        make: async (organization, request, at) => {
          const { webexId } = readObjectId(input.id, 'Group', 'input.id');
          const ifUnmodifiedSince = readMoment(`${at}.ifUnmodifiedSince`, input.ifUnmodifiedSince);
          return context.provisioning.groups.delete(organization, request, {
            id: webexId,
            ifUnmodifiedSince,
          });
        },
      }),
  }),
}));
