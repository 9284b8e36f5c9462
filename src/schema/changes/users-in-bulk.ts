import type { GraphQLResolveInfo } from 'graphql';
import type { Person } from '../../datasources/webex/people/person.ts';
import { OutcomeUnknown } from '../../errors/changes.ts';
import { InvalidInput } from '../../errors/request.ts';
import { builder } from '../base/builder.ts';
import { chooseConnector, connectorField, connectorOfIdField } from '../base/chosen-connector.ts';
import type { Context } from '../base/context.ts';
import { isWebexId, readObjectId } from '../base/global-ids.ts';
import { readMoment } from '../base/moments.ts';
import { changesIn, MOST_CHANGES } from '../cost/changes.ts';
import { USERS_ERRORS, type UsersError } from '../errors/changes.ts';
import { showUser } from './outcomes.ts';
import { usersResult } from './payloads.ts';
import { type Change, existing, makeChanges, newUser } from './run.ts';
import { dryRunField, readUserInput, UserInput, unmodifiedField, userIdField } from './user-inputs.ts';

const MOST = `1 to ${MOST_CHANGES}, in all fields of a request together`;

const CreateUsersInput = builder.inputType('CreateUsersInput', {
  description: 'Users to create.',
  fields: (t) => ({
    connector: connectorField(t),
    users: t.field({ type: [UserInput], required: true, description: `The users, ${MOST}.` }),
    dryRun: dryRunField(t),
  }),
});

const UpdateUsersItemInput = builder.inputType('UpdateUsersItemInput', {
  description: 'What to change of one user of a list.',
  fields: (t) => ({
    id: userIdField(t),
    user: t.field({
      type: UserInput,
      required: true,
      description: 'What to change. The rest stays as it is.',
    }),
    ifUnmodifiedSince: unmodifiedField(t),
  }),
});

const UpdateUsersInput = builder.inputType('UpdateUsersInput', {
  description: 'Changes of users.',
  fields: (t) => ({
    connector: connectorOfIdField(t),
    users: t.field({ type: [UpdateUsersItemInput], required: true, description: `The changes, ${MOST}.` }),
    dryRun: dryRunField(t),
  }),
});

const DeleteUsersInput = builder.inputType('DeleteUsersInput', {
  description: 'Users to delete.',
  fields: (t) => ({
    connector: connectorOfIdField(t),
    ids: t.idList({ required: true, description: `The users, each by id or Webex id, ${MOST}.` }),
    dryRun: dryRunField(t),
  }),
});

interface ChangedUsers {
  readonly results: readonly Awaited<ReturnType<typeof showUser<UsersError>>>[];
}

const changedUsers = (name: string, result: ReturnType<typeof usersResult>, description: string) =>
  builder.objectRef<ChangedUsers>(name).implement({
    description,
    fields: (t) => ({
      results: t.field({
        type: [result],
        description: 'What came of each, in the order of the input.',
        resolve: ({ results }) => [...results],
      }),
    }),
  });

const CreatedUsers = changedUsers(
  'CreatedUsers',
  usersResult('CreateUsersItem'),
  'What came of each user to create: one that fails costs no other.',
);
const UpdatedUsers = changedUsers(
  'UpdatedUsers',
  usersResult('UpdateUsersItem'),
  'What came of each change: one that fails costs no other.',
);
const DeletedUsers = changedUsers(
  'DeletedUsers',
  usersResult('DeleteUsersItem'),
  'What came of each user to delete: one that fails costs no other.',
);

/** Makes the changes of a list, each with its place in it, and shows what came of each. */
async function changeUsers<Item>(
  context: Context,
  info: GraphQLResolveInfo,
  list: {
    readonly field: string;
    readonly items: readonly Item[];
    readonly dryRun: boolean | null | undefined;
  },
  toChange: (item: Item, at: string) => Pick<Change<Person>, 'subject' | 'make'>,
): Promise<ChangedUsers> {
  const { field, items, dryRun } = list;
  if (items.length === 0) throw new InvalidInput(field, 'must not be empty.');
  if (items.length > MOST_CHANGES)
    throw new InvalidInput(field, `must be ${MOST_CHANGES} at most, not ${items.length}.`);
  const changes = items.map((item, index) => {
    const at = `${field}[${index}]`;
    return { index, at, ...toChange(item, at) };
  });
  const settled = await makeChanges<Person, UsersError>(
    {
      ...{ context, info, dryRun, errors: USERS_ERRORS },
      onOther: (connectorId) => new OutcomeUnknown(connectorId, null, undefined),
    },
    changes,
  );
  return { results: await Promise.all(settled.map((each) => showUser(each, context))) };
}

builder.mutationFields((t) => ({
  createUsers: t.field({
    extensions: changesIn('users'),
    type: CreatedUsers,
    description: 'Creates up to 500 users, side by side within the connector’s connections.',
    errors: { types: [InvalidInput] },
    args: { input: t.arg({ type: CreateUsersInput, required: true, description: 'The users.' }) },
    resolve: async (_root, { input }, context, info) => {
      const { id: connectorId } = await chooseConnector(context, input.connector, 'input.connector');
      const list = { field: 'input.users', items: input.users, dryRun: input.dryRun };
      return changeUsers(context, info, list, (user, at) => ({
        subject: async () => ({ connectorId, target: newUser(user) }),
        make: async (organization, request) => {
          const read = readUserInput(user, connectorId, at);
          return context.provisioning.users.create(organization, request, read, at);
        },
      }));
    },
  }),
  updateUsers: t.field({
    extensions: changesIn('users'),
    type: UpdatedUsers,
    description: 'Changes up to 500 users, side by side within the connector’s connections.',
    errors: { types: [InvalidInput] },
    args: { input: t.arg({ type: UpdateUsersInput, required: true, description: 'The changes.' }) },
    resolve: async (_root, { input }, context, info) => {
      const list = { field: 'input.users', items: input.users, dryRun: input.dryRun };
      await assertConnector(
        context,
        input.connector,
        input.users.map(({ id }) => id),
      );
      return changeUsers(context, info, list, ({ id, user, ifUnmodifiedSince }, at) => ({
        subject: () => existing(context, 'User', input.connector, id, `${at}.id`),
        make: async (organization, request) => {
          const changes = {
            ...readUserInput(user, organization.connector.id, `${at}.user`),
            id: readObjectId(id, 'User', `${at}.id`).webexId,
            ifUnmodifiedSince: readMoment(`${at}.ifUnmodifiedSince`, ifUnmodifiedSince),
          };
          return context.provisioning.users.update(organization, request, changes, `${at}.user`);
        },
      }));
    },
  }),
  deleteUsers: t.field({
    extensions: changesIn('ids'),
    type: DeletedUsers,
    description: 'Deletes up to 500 users, side by side within the connector’s connections.',
    errors: { types: [InvalidInput] },
    args: { input: t.arg({ type: DeleteUsersInput, required: true, description: 'Which users to delete.' }) },
    resolve: async (_root, { input }, context, info) => {
      const items = input.ids.map((id) => ({ id }));
      const list = { field: 'input.ids', items, dryRun: input.dryRun };
      await assertConnector(context, input.connector, input.ids);
      return changeUsers(context, info, list, ({ id }, at) => ({
        subject: () => existing(context, 'User', input.connector, id, at),
        make: (organization, request) => {
          const { webexId } = readObjectId(id, 'User', at);
          return context.provisioning.users.delete(organization, request, { id: webexId });
        },
      }));
    },
  }),
}));

/**
 * Sees that the connector of a list is known: the one that is given, or the only one if ids of Webex need it.
 * Rejects with InvalidInput, NotFound, Ambiguous.
 */
async function assertConnector(
  context: Context,
  given: string | null | undefined,
  ids: readonly string[],
): Promise<void> {
  if (given == null && !ids.some((id) => isWebexId(id, 'User'))) return;
  await chooseConnector(context, given, 'input.connector');
}
