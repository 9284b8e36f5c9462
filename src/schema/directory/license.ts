import { seatsLeft } from '../../datasources/webex/catalogues/licenses.ts';
import { builder } from '../base/builder.ts';
import { LicenseUsers, pageArguments, toUserConnection } from '../base/pages.ts';
import { LicenseRef } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';
import { neededPersonParts } from '../execution/selection.ts';
import { CONNECTOR_OPTIONS, idOptions, webexIdOptions } from './common-fields.ts';

builder.objectType(LicenseRef, {
  description:
    'A license of the organization, for example for messaging, meetings or calling. It has a number of seats (units).',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id(idOptions('License', ({ license }) => license.id)),
    webexId: t.string(webexIdOptions(({ license }) => license.id)),
    connector: t.field(CONNECTOR_OPTIONS),
    name: t.string({
      plain: true,
      description:
        'The name of the product, as in Control Hub. Not unique: two subscriptions can have the same product.',
      resolve: ({ license }) => license.name,
    }),
    totalUnits: t.int({
      nullable: true,
      plain: true,
      description: 'Number of seats. Below zero: no limit. Null if Webex does not say.',
      resolve: ({ license }) => license.totalUnits,
    }),
    consumedUnits: t.int({
      nullable: true,
      plain: true,
      description:
        'Number of seats in use. Webex updates it a few seconds after a change. Null if Webex does not say.',
      resolve: ({ license }) => license.consumedUnits,
    }),
    availableUnits: t.int({
      nullable: true,
      plain: true,
      description: 'Number of free seats. Null if there is no limit, or if Webex does not say.',
      resolve: ({ license }) => seatsLeft(license),
    }),
    subscriptionWebexId: t.string({
      nullable: true,
      plain: true,
      description: 'Webex’s ID of the subscription that the license is part of. Null if Webex does not say.',
      resolve: ({ license }) => license.subscriptionId,
    }),
    siteUrl: t.string({
      nullable: true,
      plain: true,
      description: 'The meeting site that the license is for. Null if it is for none.',
      resolve: ({ license }) => license.siteUrl,
    }),
    siteType: t.string({
      nullable: true,
      plain: true,
      description:
        'How the meeting site is managed, in Webex’s words: Control Hub managed site, Linked site or Site Admin managed site. Null if the license is for no site.',
      resolve: ({ license }) => license.siteType,
    }),
    users: t.field({
      complexity: costs.holders,
      fallible: true,
      type: LicenseUsers,
      description: 'The users who have this license.',
      args: pageArguments,
      resolve: async ({ webex, license }, page, _context, info) => {
        const holders = await webex.listHolders(license.id, page);
        return toUserConnection(webex, holders, neededPersonParts(info));
      },
    }),
  }),
});
