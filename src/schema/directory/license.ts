import { seatsLeft } from '../../datasources/webex/catalogues/licenses.ts';
import { builder } from '../base/builder.ts';
import { localId } from '../base/global-ids.ts';
import { LicenseUsers, pageArguments, toUserConnection } from '../base/pages.ts';
import { LicenseRef } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';
import { neededPersonParts } from '../execution/selection.ts';

builder.node(LicenseRef, {
  description:
    'An entitlement the organization has bought, counted in seats: messaging, meetings, calling and so on.',
  id: { resolve: ({ webex, license }) => localId(webex.connectorId, license.id) },
  fields: (t) => ({
    webexId: t.string({
      description: 'The id Webex itself uses, as in its REST API.',
      resolve: ({ license }) => license.id,
    }),
    name: t.string({
      description:
        'The product’s name, as in Control Hub. Not unique: two subscriptions may hold the same product.',
      resolve: ({ license }) => license.name,
    }),
    totalUnits: t.int({
      nullable: true,
      description: 'Number of seats bought. Below zero for no limit. Null if Webex does not say.',
      resolve: ({ license }) => license.totalUnits,
    }),
    consumedUnits: t.int({
      nullable: true,
      description:
        'Number of seats taken. May lag a few seconds behind a change. Null if Webex does not say.',
      resolve: ({ license }) => license.consumedUnits,
    }),
    availableUnits: t.int({
      nullable: true,
      description:
        'Number of free seats. Null if there is no limit, or Webex does not say how many there are.',
      resolve: ({ license }) => seatsLeft(license),
    }),
    subscriptionId: t.string({
      nullable: true,
      description: 'The subscription the license belongs to.',
      resolve: ({ license }) => license.subscriptionId,
    }),
    siteUrl: t.string({
      nullable: true,
      description: 'The meeting site the license is for.',
      resolve: ({ license }) => license.siteUrl,
    }),
    siteType: t.string({
      nullable: true,
      description:
        'How that site is managed, as Webex says it: Control Hub managed site, Linked site, Site Admin managed site.',
      resolve: ({ license }) => license.siteType,
    }),
    users: t.field({
      complexity: costs.holders,
      type: LicenseUsers,
      description: 'The users who hold this license.',
      args: pageArguments,
      resolve: async ({ webex, license }, page, _context, info) => {
        const holders = await webex.listHolders(license.id, page);
        return toUserConnection(webex, holders, neededPersonParts(info));
      },
    }),
  }),
});
