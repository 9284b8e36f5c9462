import { builder } from '../base/builder.ts';
import { localId } from '../base/global-ids.ts';
import { OrganizationRef } from '../base/refs.ts';

builder.node(OrganizationRef, {
  description: 'A company, or another body, that uses Webex: what Control Hub manages.',
  id: { resolve: ({ webex, organization }) => localId(webex.connectorId, organization.id) },
  fields: (t) => ({
    webexId: t.string({
      description: 'The id Webex itself uses, as in its REST API.',
      resolve: ({ organization }) => organization.id,
    }),
    displayName: t.string({
      description:
        'The organization’s name. Reading it takes the scope spark-admin:organizations_read, which is not among the minimum scopes; without it this is the organization’s UUID, as Control Hub shows it.',
      resolve: ({ organization }) => organization.displayName,
    }),
    created: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the organization was made. Null without that same scope.',
      resolve: ({ organization }) => organization.created,
    }),
  }),
});
