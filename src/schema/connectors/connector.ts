import { statusOf } from '../../connectors/connectors.ts';
import { builder } from '../base/builder.ts';
import { ConnectorRef, DetailsRef } from '../base/refs.ts';
import { ConnectionConfigRef, PoolStatusRef } from './settings.ts';

const ConnectorStatus = builder.enumType('ConnectorStatus', {
  description: 'Whether a connector can reach its Webex organization.',
  values: {
    DISCONNECTED: { description: 'Nobody has connected it yet. Call connect.' },
    CONNECTED: { description: 'It holds a grant that Webex accepted when it was last used.' },
    RECONNECT_REQUIRED: {
      description: 'Webex no longer accepts the grant. An administrator has to connect again.',
    },
  },
});

builder.node(ConnectorRef, {
  description:
    'One Webex organization and how we reach it: the settings of its Webex integration, the connection, and everything that is in the organization.',
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What you call it. Unique among connectors.' }),
    version: t.exposeInt('version', {
      description:
        'Grows with each change of the settings. Hand it to updateConnector to overwrite nobody’s change.',
    }),
    declared: t.exposeBoolean('declared', {
      description: 'Whether it is declared in the configuration file, and changes only there.',
    }),
    status: t.field({
      type: ConnectorStatus,
      description: 'Whether it is connected.',
      resolve: async (connector, _arguments, context) => statusOf(await context.grant(connector)),
    }),
    redirectUri: t.field({
      type: 'URL',
      description: 'Copy this into the Redirect URI(s) of the Webex integration at developer.webex.com.',
      resolve: (_connector, _arguments, context) => context.connect.redirectUri,
    }),
    connection: t.field({
      type: ConnectionConfigRef,
      description: 'The settings it connects with.',
      resolve: (connector) => connector,
    }),
    details: t.field({
      type: DetailsRef,
      nullable: true,
      description:
        'What Webex told us when it was connected. Null until then, and when it has to be connected again.',
      resolve: async (connector, _arguments, context) => {
        const grant = await context.grant(connector);
        if (grant?.status !== 'ACTIVE') return null;
        return { webex: await context.webex(connector), connector, grant };
      },
    }),
    pool: t.field({
      type: PoolStatusRef,
      description: 'What the connections to Webex are doing at this moment, in the process that answers.',
      resolve: (connector, _arguments, context) => context.live.poolStatus(connector),
    }),
  }),
});
