import type { ConnectorRecord } from '../connectors/connectors.ts';
import type { GroupFilter } from '../datasources/webex/groups.ts';
import type { PeopleFilter } from '../datasources/webex/people.ts';
import { Ambiguous, InvalidInput } from '../errors.ts';
import { builder } from './builder.ts';
import { ConnectorGroups, ConnectorUsers, pageArguments, toConnection } from './connections.ts';
import { readWebexId } from './global-ids.ts';
import { ConnectorRef, GroupRef, LicenseRef, RoleRef, UserRef } from './refs.ts';
import { neededOfGroups, neededPersonParts } from './selection.ts';

const UserFilter = builder.inputType('UserFilter', {
  description: 'Narrows a list of users. Give one field: Webex cannot combine them.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      required: false,
      description: 'Users with exactly this address.',
    }),
    displayNameStartsWith: t.string({ required: false, description: 'Users whose display name begins so.' }),
    roleId: t.id({ required: false, description: 'Users who have this role.' }),
    locationId: t.string({
      required: false,
      description: 'Users of this calling location, by Webex’s id of it. Slow: Webex sends fifty at a time.',
    }),
  }),
});

const GroupFilterInput = builder.inputType('GroupFilter', {
  description: 'Narrows a list of groups. Give one field: Webex cannot combine them.',
  fields: (t) => ({
    displayName: t.string({ required: false, description: 'The group with exactly this name.' }),
    displayNameStartsWith: t.string({ required: false, description: 'Groups whose name begins so.' }),
  }),
});

builder.objectFields(ConnectorRef, (t) => ({
  user: t.field({
    type: UserRef,
    nullable: true,
    description: 'One user, by id or by e-mail address. Null when there is none.',
    args: {
      id: t.arg.id({ required: false, description: 'The user’s id, or the id Webex itself uses.' }),
      email: t.arg({ type: 'EmailAddress', required: false, description: 'An address of the user.' }),
    },
    resolve: async (connector, { id, email }, context, info) => {
      exactlyOne({ id, email });
      const webexId = id == null ? null : readWebexId(id, 'User', connector.id, 'id');
      if (id != null && webexId === null) return null;
      const webex = await context.webex(connector);
      const needs = neededPersonParts(info);
      const person =
        webexId === null
          ? await webex.personByEmail(email ?? '', needs)
          : await webex.people.load(webexId, needs);
      return person === null ? null : { webex, person };
    },
  }),
  users: t.field({
    type: ConnectorUsers,
    description: 'The organization’s users, in Webex’s own order.',
    args: {
      ...pageArguments,
      filter: t.arg({ type: UserFilter, required: false, description: 'Which users; all unless told.' }),
    },
    resolve: async (connector, { filter, ...page }, context, info) => {
      const wanted = readUserFilter(connector, filter ?? {});
      const webex = await context.webex(connector);
      const people = await webex.listPeople(wanted, neededPersonParts(info), page);
      return toConnection(people, (person) => ({ webex, person }));
    },
  }),
  group: t.field({
    type: GroupRef,
    nullable: true,
    description: 'One group, by id or by name. Null when there is none.',
    args: {
      id: t.arg.id({ required: false, description: 'The group’s id, or the id Webex itself uses.' }),
      displayName: t.arg.string({ required: false, description: 'The group’s whole name.' }),
    },
    resolve: async (connector, { id, displayName }, context, info) => {
      exactlyOne({ id, displayName });
      const { members } = neededOfGroups(info);
      const webexId = id == null ? null : readWebexId(id, 'Group', connector.id, 'id');
      if (id != null && webexId === null) return null;
      const webex = await context.webex(connector);
      if (webexId !== null) {
        const group = await webex.groups.load(webexId, members);
        return group === null ? null : { webex, group };
      }
      const found = await webex.listGroups({ displayName: displayName ?? '' }, members, { first: 2 });
      const group = onlyOne(
        'group',
        found.items.map(({ record }) => record),
      );
      return group === null ? null : { webex, group };
    },
  }),
  groups: t.field({
    type: ConnectorGroups,
    description: 'The organization’s groups, by name.',
    args: {
      ...pageArguments,
      filter: t.arg({
        type: GroupFilterInput,
        required: false,
        description: 'Which groups; all unless told.',
      }),
    },
    resolve: async (connector, { filter, ...page }, context, info) => {
      const wanted = readGroupFilter(filter ?? {});
      const webex = await context.webex(connector);
      const groups = await webex.listGroups(wanted, neededOfGroups(info).members, page);
      return toConnection(groups, (group) => ({ webex, group }));
    },
  }),
  license: t.field({
    type: LicenseRef,
    nullable: true,
    description:
      'One license, by id or by name. Null when there is none; an error when the name is not unique.',
    args: {
      id: t.arg.id({ required: false, description: 'The license’s id, or the id Webex itself uses.' }),
      name: t.arg.string({ required: false, description: 'The product’s whole name, as in Control Hub.' }),
    },
    resolve: async (connector, { id, name }, context) => {
      exactlyOne({ id, name });
      const webexId = id == null ? null : readWebexId(id, 'License', connector.id, 'id');
      if (id != null && webexId === null) return null;
      const webex = await context.webex(connector);
      const found =
        webexId === null
          ? (await webex.licenses.all()).filter((each) => each.name === name)
          : await webex.licenses.some([webexId]);
      const license = onlyOne('license', found);
      return license === null ? null : { webex, license };
    },
  }),
  licenses: t.field({
    type: [LicenseRef],
    description: 'All licenses of the organization.',
    resolve: async (connector, _arguments, context) => {
      const webex = await context.webex(connector);
      return (await webex.licenses.all()).map((license) => ({ webex, license }));
    },
  }),
  role: t.field({
    type: RoleRef,
    nullable: true,
    description: 'One administrator role, by id or by name. Null when there is none.',
    args: {
      id: t.arg.id({ required: false, description: 'The role’s id, or the id Webex itself uses.' }),
      name: t.arg.string({
        required: false,
        description: 'The role’s whole name, as in Full Administrator.',
      }),
    },
    resolve: async (connector, { id, name }, context) => {
      exactlyOne({ id, name });
      const webexId = id == null ? null : readWebexId(id, 'Role', connector.id, 'id');
      if (id != null && webexId === null) return null;
      const webex = await context.webex(connector);
      const found =
        webexId === null
          ? (await webex.roles.all()).filter((each) => each.name === name)
          : await webex.roles.some([webexId]);
      const role = onlyOne('role', found);
      return role === null ? null : { webex, role };
    },
  }),
  roles: t.field({
    type: [RoleRef],
    description: 'All administrator roles there are.',
    resolve: async (connector, _arguments, context) => {
      const webex = await context.webex(connector);
      return (await webex.roles.all()).map((role) => ({ webex, role }));
    },
  }),
}));

type Maybe<T> = T | null | undefined;

function readUserFilter(
  connector: ConnectorRecord,
  filter: {
    email?: Maybe<string>;
    displayNameStartsWith?: Maybe<string>;
    roleId?: Maybe<string>;
    locationId?: Maybe<string>;
  },
): PeopleFilter {
  oneAtMost('filter', filter);
  const roleId =
    filter.roleId == null ? undefined : readWebexId(filter.roleId, 'Role', connector.id, 'filter.roleId');
  if (roleId === null) throw new InvalidInput('filter.roleId', 'must be the id of a role of this connector.');
  return {
    email: filter.email ?? undefined,
    displayName: filter.displayNameStartsWith ?? undefined,
    roleId,
    locationId: filter.locationId ?? undefined,
  };
}

function readGroupFilter(filter: {
  displayName?: Maybe<string>;
  displayNameStartsWith?: Maybe<string>;
}): GroupFilter {
  oneAtMost('filter', filter);
  return {
    displayName: filter.displayName ?? undefined,
    displayNameStartsWith: filter.displayNameStartsWith ?? undefined,
  };
}

/** @param field what the values are fields of; none where they are arguments */
function given(values: Readonly<Record<string, unknown>>, field?: string): string[] {
  for (const [name, value] of Object.entries(values)) {
    if (value === '')
      throw new InvalidInput(field === undefined ? name : `${field}.${name}`, 'must not be empty.');
  }
  return Object.keys(values).filter((name) => values[name] != null);
}

function exactlyOne(values: Readonly<Record<string, unknown>>): void {
  if (given(values).length !== 1) {
    const names = Object.keys(values);
    throw new InvalidInput(names.join(' or '), 'give exactly one of them.');
  }
}

function oneAtMost(field: string, values: Readonly<Record<string, unknown>>): void {
  const names = given(values, field);
  if (names.length > 1) {
    throw new InvalidInput(field, `give one field only; Webex cannot combine ${names.join(' and ')}.`);
  }
}

function onlyOne<T extends { readonly id: string }>(kind: string, found: readonly T[]): T | null {
  if (found.length < 2) return found[0] ?? null;
  const ids = found.map(({ id }) => id);
  throw new Ambiguous(`There are several ${kind}s of that name. Give the id of the one you mean.`, ids);
}
