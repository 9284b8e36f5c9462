import { builder } from '../base/builder.ts';
import { OrganizationRef } from '../base/refs.ts';
import { idOptions, webexIdOptions } from './common-fields.ts';

builder.objectType(OrganizationRef, {
  description: 'A Webex organization, as in Control Hub.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id(idOptions('Organization', ({ organization }) => organization.id)),
    webexId: t.string(webexIdOptions(({ organization }) => organization.id)),
    displayName: t.string({
      nullable: true,
      plain: true,
      description:
        'The name of the organization. It needs the OAuth scope spark-admin:organizations_read, which the gateway does not require. Without it, this is the UUID of the organization as in Control Hub. Null if Webex sends neither.',
      resolve: ({ organization }) => organization.displayName,
    }),
    createdAt: t.field({
      type: 'DateTime',
      nullable: true,
      plain: true,
      description:
        'When the organization was created. Null without the OAuth scope spark-admin:organizations_read.',
      resolve: ({ organization }) => organization.created,
    }),
  }),
});
