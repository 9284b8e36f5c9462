import { builder } from '../base/builder.ts';
import { localId } from '../base/global-ids.ts';
import { pageArguments, RoleUsers, toConnection } from '../base/pages.ts';
import { RoleRef } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';
import { neededPersonParts } from '../execution/selection.ts';

builder.node(RoleRef, {
  description: 'A set of rights an administrator can be given in Control Hub.',
  id: { resolve: ({ webex, role }) => localId(webex.connectorId, role.id) },
  fields: (t) => ({
    webexId: t.string({
      description: 'The id Webex itself uses, as in its REST API.',
      resolve: ({ role }) => role.id,
    }),
    name: t.string({
      description: 'The role’s name, as in Full Administrator.',
      resolve: ({ role }) => role.name,
    }),
    users: t.field({
      complexity: costs.users,
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
