import { canonicalText } from '../../datasources/webex/canonical.ts';
import type { Group } from '../../datasources/webex/records.ts';
import { Ambiguous, type FoundKind } from '../../errors/request.ts';
import { readValue } from '../../provisioning/changes/problems.ts';
import { emailOf, nameOf } from '../../provisioning/users/input-values.ts';
import { builder } from '../base/builder.ts';
import { readWebexId } from '../base/global-ids.ts';
import { ConnectorGroups, ConnectorUsers, pageArguments, toConnection } from '../base/pages.ts';
import { ConnectorRef, GroupRef, LicenseRef, RoleRef, UserRef } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';
import { openSelected } from '../execution/open-selected.ts';
import { neededMemberNames, neededOfGroups, neededPersonParts } from '../execution/selection.ts';
import { exactlyOne, GroupFilterInput, readGroupFilter, readUserFilter, UserFilter } from './filters.ts';

builder.objectFields(ConnectorRef, (t) => ({
  user: t.field({
    complexity: costs.user,
    type: UserRef,
    nullable: true,
    description:
      'A user, by id or by email address. Give exactly one of them. Null if there is no such user.',
    args: {
      id: t.arg.id({ required: false, description: 'Id or Webex id. Give id or email, not both.' }),
      email: t.arg({ type: 'EmailAddress', required: false, description: 'Any email address of the user.' }),
    },
    resolve: async (connector, { id, email }, context, info) => {
      exactlyOne({ id, email });
      const webexId = id == null ? null : readWebexId(id, 'User', connector.id, 'id');
      if (id != null && webexId === null) return null;
      const webex = await openSelected(connector, context, info);
      const needs = neededPersonParts(info);
      const person =
        webexId === null
          ? await webex.personByEmail(readValue('email', email ?? '', emailOf), needs)
          : await webex.people.load(webexId, needs);
      return person === null ? null : { webex, person };
    },
  }),
  users: t.field({
    complexity: costs.users,
    fallible: true,
    type: ConnectorUsers,
    description: 'The users of the organization, in Webex’s order.',
    args: {
      ...pageArguments,
      filter: t.arg({ type: UserFilter, required: false, description: 'Which users. Default: all.' }),
    },
    resolve: async (connector, { filter, ...page }, context, info) => {
      const wanted = readUserFilter(connector, filter ?? {});
      const webex = await openSelected(connector, context, info);
      const people = await webex.listPeople(wanted, neededPersonParts(info), page);
      return toConnection(people, (person) => ({ webex, person }));
    },
  }),
  group: t.field({
    complexity: costs.group,
    type: GroupRef,
    nullable: true,
    description: 'A group, by id or by name. Give exactly one of them. Null if there is no such group.',
    args: {
      id: t.arg.id({ required: false, description: 'Id or Webex id. Give id or displayName, not both.' }),
      displayName: t.arg.string({ required: false, description: 'The whole name of the group.' }),
    },
    resolve: async (connector, { id, displayName }, context, info) => {
      exactlyOne({ id, displayName });
      const { members } = neededOfGroups(info);
      const webexId = id == null ? null : readWebexId(id, 'Group', connector.id, 'id');
      if (id != null && webexId === null) return null;
      const webex = await openSelected(connector, context, info);
      if (webexId !== null) {
        const group = await webex.groups.load(webexId, members);
        return group === null ? null : { webex, group };
      }
      const found = await webex.listGroups(
        { displayName: readValue('displayName', displayName ?? '', nameOf) },
        members,
        { first: 2 },
      );
      const group = onlyOne(
        'group',
        found.items.map(({ record }) => record),
      );
      return group === null ? null : { webex, group };
    },
  }),
  groups: t.field({
    complexity: costs.groups,
    fallible: true,
    type: ConnectorGroups,
    description: 'The groups of the organization, by name.',
    args: {
      ...pageArguments,
      filter: t.arg({
        type: GroupFilterInput,
        required: false,
        description: 'Which groups. Default: all.',
      }),
    },
    resolve: async (connector, { filter, ...page }, context, info) => {
      const wanted = readGroupFilter(filter ?? {});
      const webex = await openSelected(connector, context, info);
      const names = neededMemberNames(info);
      const groups = await webex.listGroups(wanted, neededOfGroups(info).members, page, (came) => {
        if (names > 0) webex.people.ahead(came.flatMap((group) => idsOfMembers(group, names)));
      });
      return toConnection(groups, (group) => ({ webex, group }));
    },
  }),
  license: t.field({
    complexity: costs.license,
    type: LicenseRef,
    nullable: true,
    description:
      'A license, by id or by name. Give exactly one of them. Null if there is no such license. If several licenses have the name, it fails with AMBIGUOUS.',
    args: {
      id: t.arg.id({ required: false, description: 'Id or Webex id. Give id or name, not both.' }),
      name: t.arg.string({
        required: false,
        description: 'The whole name of the product, as in Control Hub.',
      }),
    },
    resolve: async (connector, { id, name }, context, info) => {
      exactlyOne({ id, name });
      const webexId = id == null ? null : readWebexId(id, 'License', connector.id, 'id');
      if (id != null && webexId === null) return null;
      const webex = await openSelected(connector, context, info);
      const found =
        webexId === null
          ? (await webex.licenses.all()).filter(isCalled(name ?? ''))
          : await webex.licenses.some([webexId]);
      const license = onlyOne('license', found);
      return license === null ? null : { webex, license };
    },
  }),
  licenses: t.field({
    complexity: costs.licenses,
    fallible: true,
    type: [LicenseRef],
    description: 'All licenses of the organization.',
    resolve: async (connector, _arguments, context, info) => {
      const webex = await openSelected(connector, context, info);
      return (await webex.licenses.all()).map((license) => ({ webex, license }));
    },
  }),
  role: t.field({
    complexity: costs.role,
    type: RoleRef,
    nullable: true,
    description:
      'An administrator role, by id or by name. Give exactly one of them. Null if there is no such role.',
    args: {
      id: t.arg.id({ required: false, description: 'Id or Webex id. Give id or name, not both.' }),
      name: t.arg.string({
        required: false,
        description: 'The whole name of the role: Full Administrator.',
      }),
    },
    resolve: async (connector, { id, name }, context, info) => {
      exactlyOne({ id, name });
      const webexId = id == null ? null : readWebexId(id, 'Role', connector.id, 'id');
      if (id != null && webexId === null) return null;
      const webex = await openSelected(connector, context, info);
      const found =
        webexId === null
          ? (await webex.roles.all()).filter(isCalled(name ?? ''))
          : await webex.roles.some([webexId]);
      const role = onlyOne('role', found);
      return role === null ? null : { webex, role };
    },
  }),
  roles: t.field({
    complexity: costs.roles,
    fallible: true,
    type: [RoleRef],
    description: 'All administrator roles.',
    resolve: async (connector, _arguments, context, info) => {
      const webex = await openSelected(connector, context, info);
      return (await webex.roles.all()).map((role) => ({ webex, role }));
    },
  }),
}));

function idsOfMembers({ members }: Group, most: number): string[] {
  return members?.slice(0, most).map(({ id }) => id) ?? [];
}

function isCalled(name: string): (each: { readonly name: string }) => boolean {
  const wanted = canonicalText(readValue('name', name, nameOf));
  return (each) => canonicalText(each.name) === wanted;
}

function onlyOne<T extends { readonly id: string }>(kind: FoundKind, found: readonly T[]): T | null {
  if (found.length < 2) return found[0] ?? null;
  const ids = found.map(({ id }) => id);
  throw new Ambiguous(kind, `There are several ${kind}s of that name. Give the id of the one you mean.`, ids);
}
