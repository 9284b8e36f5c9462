import { statusOf } from '../../connectors/connectors.ts';
import { builder } from '../base/builder.ts';
import { ConnectorRef, DetailsRef } from '../base/refs.ts';
import { ConnectorSettingsRef, PoolStatusRef } from './settings.ts';

const ConnectorStatus = builder.enumType('ConnectorStatus', {
  description: 'Whether a connector is connected to a Webex organization.',
  values: {
    DISCONNECTED: { description: 'It is not connected. Call connect.' },
    CONNECTED: { description: 'It is connected, and Webex has not refused its tokens.' },
    RECONNECT_REQUIRED: {
      description:
        'Webex refuses its refresh token: it is expired or revoked. An administrator has to connect again.',
    },
  },
});

builder.node(ConnectorRef, {
  description:
    'A Webex organization with its settings and tokens. Start here to read its users, groups, licenses and roles.',
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name. Unique among all connectors.' }),
    version: t.exposeInt('version', {
      description:
        'Increases with each change of the settings. Give it to updateConnector as expectedVersion, so that you do not overwrite the change of another administrator.',
    }),
    declared: t.exposeBoolean('declared', {
      description:
        'Whether it is declared in the connectors file. A declared connector can only be changed there.',
    }),
    status: t.field({
      fallible: true,
      type: ConnectorStatus,
      description: 'Whether it is connected.',
      resolve: async (connector, _arguments, context) => statusOf(await context.grant(connector)),
    }),
    redirectUri: t.field({
      type: 'URL',
      description:
        'The redirect URI to enter at developer.webex.com, in Redirect URI(s) of the Webex integration.',
      resolve: (_connector, _arguments, context) => context.connect.redirectUri,
    }),
    settings: t.field({
      type: ConnectorSettingsRef,
      description: 'How it reaches Webex.',
      resolve: (connector) => connector,
    }),
    details: t.field({
      type: DetailsRef,
      nullable: true,
      description: 'Its connection to Webex. Null if its status is not CONNECTED.',
      resolve: async (connector, _arguments, context) => {
        const grant = await context.grant(connector);
        if (grant?.status !== 'ACTIVE') return null;
        return { webex: await context.webex(connector), connector, grant };
      },
    }),
    pool: t.field({
      type: PoolStatusRef,
      description: 'The current state of its connection pool, in the process that answers.',
      resolve: (connector, _arguments, context) => context.live.poolStatus(connector),
    }),
  }),
});
