import type { GraphQLResolveInfo } from 'graphql';
import type { Person } from '../../datasources/webex/people/person.ts';
import { OutcomeUnknown } from '../../errors/changes.ts';
import { InvalidInput } from '../../errors/request.ts';
import { builder } from '../base/builder.ts';
import type { Context } from '../base/context.ts';
import { readConnectorId, readTarget } from '../base/global-ids.ts';
import { readMoment } from '../base/moments.ts';
import { changesIn, MOST_CHANGES } from '../cost/changes.ts';
import { USERS_ERRORS, type UsersError } from '../errors/changes.ts';
import { showUser } from './outcomes.ts';
import { usersResult } from './payloads.ts';
import { type Change, existing, makeChanges, newcomer } from './run.ts';
import { dryRunField, NewUserInput, readUserInput, UserChangesInput } from './user-inputs.ts';

const CreateUsersInput = builder.inputType('CreateUsersInput', {
  description: 'Users to create.',
  fields: (t) => ({
    connectorId: t.id({ required: true, description: 'The connector to the organization.' }),
    users: t.field({
      type: [NewUserInput],
      required: true,
      description: 'The users: 500 at most, in all fields of a request together.',
    }),
    dryRun: dryRunField(t),
  }),
});

const UpdateUsersInput = builder.inputType('UpdateUsersInput', {
  description: 'Changes of users.',
  fields: (t) => ({
    users: t.field({
      type: [UserChangesInput],
      required: true,
      description: 'The changes: 500 at most, in all fields of a request together.',
    }),
    dryRun: dryRunField(t),
  }),
});

const DeleteUsersInput = builder.inputType('DeleteUsersInput', {
  description: 'Users to delete.',
  fields: (t) => ({
    ids: t.idList({
      required: true,
      description: 'Which users: 500 at most, in all fields of a request together.',
    }),
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
    resolve: (_root, { input }, context, info) => {
      const connectorId = readConnectorId(input.connectorId, 'input.connectorId');
      const list = { field: 'input.users', items: input.users, dryRun: input.dryRun };
      return changeUsers(context, info, list, (user, at) => ({
        subject: () => newcomer('User', input.connectorId, user.emails[0]),
        make: async (place, attempt) =>
          context.provisioning.users.create(place, attempt, readUserInput(user, connectorId, at), at),
      }));
    },
  }),
  updateUsers: t.field({
    extensions: changesIn('users'),
    type: UpdatedUsers,
    description: 'Changes up to 500 users, side by side within the connector’s connections.',
    errors: { types: [InvalidInput] },
    args: { input: t.arg({ type: UpdateUsersInput, required: true, description: 'The changes.' }) },
    resolve: (_root, { input }, context, info) => {
      const list = { field: 'input.users', items: input.users, dryRun: input.dryRun };
      return changeUsers(context, info, list, (user, at) => ({
        subject: () => existing('User', user.id, `${at}.id`),
        make: async (place, attempt) => {
          const { webexId, connectorId } = readTarget(user.id, 'User', `${at}.id`);
          const ifUnmodifiedSince = readMoment(`${at}.ifUnmodifiedSince`, user.ifUnmodifiedSince);
          const changes = { ...readUserInput(user, connectorId, at), id: webexId, ifUnmodifiedSince };
          return context.provisioning.users.update(place, attempt, changes, at);
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
    resolve: (_root, { input }, context, info) => {
      const items = input.ids.map((id) => ({ id }));
      const list = { field: 'input.ids', items, dryRun: input.dryRun };
      return changeUsers(context, info, list, ({ id }, at) => ({
        subject: () => existing('User', id, at),
        make: (place, attempt) => {
          const { webexId } = readTarget(id, 'User', at);
          return context.provisioning.users.delete(place, attempt, { id: webexId });
        },
      }));
    },
  }),
}));
