import type { ConnectStarted } from '../connectors/connect.ts';
import { InvalidInput, NotFound } from '../errors.ts';
import { builder } from './builder.ts';
import { CONNECT_ERRORS } from './errors.ts';
import { readConnectorId } from './global-ids.ts';
import { ConnectorRef } from './refs.ts';

const ConnectStartedRef = builder.objectRef<ConnectStarted>('ConnectStarted').implement({
  description: 'The first half of connecting: an administrator has to approve next.',
  fields: (t) => ({
    authorizationUrl: t.expose('authorizationUrl', {
      type: 'URL',
      description: 'Open this in the browser of an administrator of the Webex organization.',
    }),
    state: t.exposeString('state', {
      description: 'Comes back with the code. Scripts hand both to completeConnect.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'Approve before then, or start again.',
    }),
  }),
});

const ConnectInput = builder.inputType('ConnectInput', {
  description: 'Which connector to connect.',
  fields: (t) => ({ connectorId: t.id({ required: true, description: 'Which connector.' }) }),
});

const CompleteConnectInput = builder.inputType('CompleteConnectInput', {
  description: 'What Webex sent to the redirect URI.',
  fields: (t) => ({
    code: t.string({
      required: true,
      description: 'The parameter code of the redirect URI. Good once, for minutes.',
    }),
    state: t.string({ required: true, description: 'The parameter state of the redirect URI.' }),
  }),
});

builder.mutationFields((t) => ({
  connect: t.field({
    type: ConnectStartedRef,
    description:
      'Starts the OAuth 2.0 authorization code flow (PKCE, one-time state). Send a browser to authorizationUrl; it ends at the redirect URI, which completes the connection.',
    errors: { types: [InvalidInput, NotFound] },
    args: { input: t.arg({ type: ConnectInput, required: true, description: 'Which connector.' }) },
    resolve: async (_root, { input }, context) => {
      const id = readConnectorId(input.connectorId, 'input.connectorId');
      return context.connect.begin(await context.connectors.get(id));
    },
  }),
  completeConnect: t.field({
    type: ConnectorRef,
    description:
      'Ends the flow without a browser on our side: hand over the code and state that Webex sent to the redirect URI.',
    errors: { types: CONNECT_ERRORS },
    args: { input: t.arg({ type: CompleteConnectInput, required: true, description: 'Code and state.' }) },
    resolve: async (_root, { input }, context) => {
      const connector = await context.connect.complete(input);
      context.forget(connector.id);
      return connector;
    },
  }),
}));
