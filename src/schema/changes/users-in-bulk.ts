import type { GraphQLResolveInfo } from 'graphql';
import { InvalidInput } from '../../errors/request.ts';
import { builder } from '../base/builder.ts';
import { chooseConnector, connectorField, connectorOfIdField } from '../base/chosen-connector.ts';
import type { Context } from '../base/context.ts';
import { isWebexId, readObjectId } from '../base/global-ids.ts';
import { changesIn, MOST_CHANGES } from '../cost/changes.ts';
import { ErrorRef } from '../errors/error.ts';
import type { Failure } from '../errors/failure.ts';
import { failsAs } from '../errors/payloads.ts';
import { countOutcomes, OutcomeCountRef } from './outcomes.ts';
import { UserChangePayload, UserDeletionPayload } from './payloads.ts';
import { type Change, type ChangeResult, existing, makeChanges, newUser } from './run.ts';
import {
  dryRunField,
  readUserInput,
  readUserUpdate,
  UserInput,
  unmodifiedField,
  userIdField,
} from './user-inputs.ts';

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

interface ChangesShape {
  readonly items: readonly ChangeResult[];
  /** Undefined unless the request failed as a whole. */
  readonly failure?: Failure;
}

type ItemRef = typeof UserChangePayload | typeof UserDeletionPayload;

const changesPayload = (name: string, item: ItemRef, description: string) =>
  builder.objectRef<ChangesShape>(name).implement({
    description,
    fields: (t) => ({
      items: t.field({
        type: [item],
        description: 'One answer for each item of the input, in its order. Empty if `error` is set.',
        resolve: ({ items }) => [...items],
      }),
      counts: t.field({
        type: [OutcomeCountRef],
        description: 'How many items ended in which way.',
        resolve: ({ items }) => countOutcomes(items),
      }),
      error: t.field({
        type: ErrorRef,
        nullable: true,
        description: 'What is wrong with the request as a whole. Nothing was changed then. Null otherwise.',
        resolve: ({ failure }) => failure,
      }),
    }),
  });

const UsersChangePayload = changesPayload(
  'UsersChangePayload',
  UserChangePayload,
  'The answer to a list of changes of users. An item that fails does not affect the others.',
);
const UsersDeletionPayload = changesPayload(
  'UsersDeletionPayload',
  UserDeletionPayload,
  'The answer to the deletion of a list of users. An item that fails does not affect the others.',
);

const failedChanges = (failure: Failure): ChangesShape => ({ items: [], failure });

/** Makes the changes of a list, each with its position in it. Throws InvalidInput for an empty list. */
async function changeUsers<Item>(
  context: Context,
  info: GraphQLResolveInfo,
  list: {
    readonly field: string;
    readonly items: readonly Item[];
    readonly dryRun: boolean | null | undefined;
  },
  toChange: (item: Item, at: string) => Pick<Change, 'subject' | 'make'>,
): Promise<ChangesShape> {
  const { field, items, dryRun } = list;
  if (items.length === 0) throw new InvalidInput(field, 'must not be empty.');
  const changes = items.map((item, index) => {
    const at = `${field}[${index}]`;
    return { index, at, ...toChange(item, at) };
  });
  return { items: await makeChanges({ context, info, dryRun }, changes) };
}

builder.mutationFields((t) => ({
  createUsers: t.field({
    changes: changesIn('users'),
    type: UsersChangePayload,
    fallible: true,
    onFailure: failsAs(failedChanges),
    description: 'Creates up to 500 users, side by side within the connector’s connections.',
    args: { input: t.arg({ type: CreateUsersInput, required: true, description: 'The users.' }) },
    resolve: async (_root, { input }, context, info) => {
      const { id: connectorId } = await chooseConnector(context, input.connector, 'input.connector');
      const list = { field: 'input.users', items: input.users, dryRun: input.dryRun };
      return changeUsers(context, info, list, (user, at) => ({
        subject: async () => ({ connectorId, target: newUser(user) }),
        make: async (organization, request) => {
          const read = readUserInput(user, connectorId, at, true);
          return context.provisioning.users.create(organization, request, read, at);
        },
      }));
    },
  }),
  updateUsers: t.field({
    changes: changesIn('users'),
    type: UsersChangePayload,
    fallible: true,
    onFailure: failsAs(failedChanges),
    description: 'Changes up to 500 users, side by side within the connector’s connections.',
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
            ...readUserUpdate({ user, ifUnmodifiedSince }, organization.connector.id, at),
            id: readObjectId(id, 'User', `${at}.id`).webexId,
          };
          return context.provisioning.users.update(organization, request, changes, `${at}.user`);
        },
      }));
    },
  }),
  deleteUsers: t.field({
    changes: changesIn('ids'),
    type: UsersDeletionPayload,
    fallible: true,
    onFailure: failsAs(failedChanges),
    description: 'Deletes up to 500 users, side by side within the connector’s connections.',
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
 * Checks that the connector of a list is known: the one that is given, or the only one if ids of Webex need it.
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
