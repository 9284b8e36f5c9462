import { seatsLeft } from '../../datasources/webex/catalogues/licenses.ts';
import { Person } from '../../datasources/webex/people/person.ts';
import type { Group, License } from '../../datasources/webex/records.ts';
import type { GatewayError } from '../../errors/gateway-error.ts';
import {
  DryRun,
  type FieldChange,
  NothingChanged,
  type SeatNeed,
} from '../../provisioning/changes/outcome.ts';
import { builder } from '../base/builder.ts';
import type { Context } from '../base/context.ts';
import {
  GroupRef,
  type GroupShape,
  LicenseRef,
  type LicenseShape,
  UserRef,
  type UserShape,
} from '../base/refs.ts';
import type { Settled } from './run.ts';

/** What a change answers with beside the changed object itself. */

export const FieldChangeRef = builder.objectRef<FieldChange>('FieldChange').implement({
  description: 'One field of a user or a group, before and after a change.',
  fields: (t) => ({
    field: t.exposeString('field', { description: 'Its name, as in the input of the mutation.' }),
    before: t.expose('before', {
      type: 'JSON',
      nullable: true,
      description: 'How it was. Licenses, roles and members are given by the ids that Webex uses.',
    }),
    after: t.expose('after', {
      type: 'JSON',
      nullable: true,
      description: 'How it was asked to be. Null: cleared, or gone with what it belonged to.',
    }),
  }),
});

interface SeatShape {
  readonly need: SeatNeed;
  readonly license: LicenseShape;
}

const LicenseSeatsRef = builder.objectRef<SeatShape>('LicenseSeats').implement({
  description: 'The seats of a license that a change takes or frees.',
  fields: (t) => ({
    license: t.field({ type: LicenseRef, description: 'Which license.', resolve: ({ license }) => license }),
    needed: t.int({
      description: 'How many seats the change takes. Below zero: how many become free.',
      resolve: ({ need }) => need.needed,
    }),
    available: t.int({
      nullable: true,
      description: 'Number of seats that were free before. Null if there is no limit, or Webex does not say.',
      resolve: ({ need }) => seatsLeft(need.license),
    }),
  }),
});

export const NothingChangedRef = builder.objectType(NothingChanged, {
  name: 'NothingChanged',
  description:
    'A success: everything was as asked for already, and nothing was sent. A script that repeats itself sees this.',
  fields: (t) => ({
    message: t.string({ description: 'What was so already.', resolve: ({ message }) => message }),
    user: t.field({
      type: UserRef,
      nullable: true,
      description:
        'The user as they are. Null where this is about a group, or the user is gone as asked for.',
      resolve: ({ connectorId, record }, _arguments, context) => userOf(connectorId, record, context),
    }),
    group: t.field({
      type: GroupRef,
      nullable: true,
      description: 'The group as it is. Null where this is about a user, or the group is gone as asked for.',
      resolve: ({ connectorId, record }, _arguments, context) => groupOf(connectorId, record, context),
    }),
  }),
});

export const DryRunRef = builder.objectType(DryRun, {
  name: 'DryRun',
  description: 'What the mutation would do, worked out and checked against Webex. Nothing was sent.',
  fields: (t) => ({
    changes: t.field({
      type: [FieldChangeRef],
      description: 'Field by field, what would change. What is not listed stays.',
      resolve: ({ changes }) => [...changes],
    }),
    seats: t.field({
      type: [LicenseSeatsRef],
      description: 'The seats that would be taken and freed.',
      resolve: async ({ connectorId, seats }, _arguments, context) => {
        if (seats.length === 0) return [];
        const webex = await open(connectorId, context);
        return seats.map((need) => ({ need, license: { webex, license: need.license satisfies License } }));
      },
    }),
    user: t.field({
      type: UserRef,
      nullable: true,
      description: 'The user as they are. Null where they do not exist yet, or this is about a group.',
      resolve: ({ connectorId, record }, _arguments, context) => userOf(connectorId, record, context),
    }),
    group: t.field({
      type: GroupRef,
      nullable: true,
      description: 'The group as it is. Null where it does not exist yet, or this is about a user.',
      resolve: ({ connectorId, record }, _arguments, context) => groupOf(connectorId, record, context),
    }),
  }),
});

/** A record that a change has left, as a user; null where it is none. */
export async function userOf(
  connectorId: string,
  record: unknown,
  context: Context,
): Promise<UserShape | null> {
  if (!(record instanceof Person)) return null;
  const webex = await open(connectorId, context);
  webex.people.remember(record);
  return { webex, person: record };
}

/** A record that a change has left, as a group; null where it is none. */
export async function groupOf(
  connectorId: string,
  record: unknown,
  context: Context,
): Promise<GroupShape | null> {
  if (!isGroup(record)) return null;
  return { webex: await open(connectorId, context), group: record };
}

function isGroup<T>(record: T | Group): record is Group {
  return typeof record === 'object' && record !== null && 'memberCount' in record;
}

async function open(connectorId: string, context: Context) {
  return context.webex(await context.connector(connectorId));
}

/** What came of a change of a user, in the shape of its type. */
export async function showUser<Shown extends GatewayError>(
  { connectorId, outcome }: Settled<Person, Shown>,
  context: Context,
): Promise<UserShape | NothingChanged<Person> | DryRun<Person> | Shown> {
  if (!(outcome instanceof Person)) return outcome;
  const webex = await open(connectorId, context);
  webex.people.remember(outcome);
  return { webex, person: outcome };
}

/** What came of a change of a group, in the shape of its type. */
export async function showGroup<Shown extends GatewayError>(
  { connectorId, outcome }: Settled<Group, Shown>,
  context: Context,
): Promise<GroupShape | NothingChanged<Group> | DryRun<Group> | Shown> {
  if (!isGroup(outcome)) return outcome;
  return { webex: await open(connectorId, context), group: outcome };
}
