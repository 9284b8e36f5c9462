import { builder } from '../base/builder.ts';
import { pageArguments, RoleUsers, toConnection } from '../base/pages.ts';
import { RoleRef } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';
import { neededPersonParts } from '../execution/selection.ts';
import { CONNECTOR_OPTIONS, idOptions, webexIdOptions } from './common-fields.ts';

builder.objectType(RoleRef, {
  description: 'An administrator role of Control Hub.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id(idOptions('Role', ({ role }) => role.id)),
    webexId: t.string(webexIdOptions(({ role }) => role.id)),
    connector: t.field(CONNECTOR_OPTIONS),
    name: t.string({
      plain: true,
      description: 'The name of the role, for example Full Administrator.',
      resolve: ({ role }) => role.name,
    }),
    users: t.field({
      complexity: costs.users,
      fallible: true,
      type: RoleUsers,
      description: 'The users who have this role.',
      args: pageArguments,
      resolve: async ({ webex, role }, page, _context, info) => {
        const people = await webex.listPeople({ roleId: role.id }, neededPersonParts(info), page);
        return toConnection(people, (person) => ({ webex, person }));
      },
    }),
  }),
});
