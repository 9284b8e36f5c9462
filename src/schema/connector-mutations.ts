import { InvalidInput, NameTaken, NotFound } from '../errors.ts';
import { builder } from './builder.ts';
import { readConnectorId } from './global-ids.ts';
import { ConnectorRef } from './refs.ts';

const FIELDS = {
  name: 'What you call the connector. Unique, 100 characters at most.',
  clientId: 'The Client ID of the Webex integration.',
  clientSecret: 'The Client Secret of the Webex integration. Kept sealed, never shown again.',
  serviceUri: 'Where Webex’s REST API is. https://webexapis.com/v1 unless told.',
  tokenEndpoint: 'Where tokens are issued. https://webexapis.com/v1/access_token unless told.',
  authorizationEndpoint: 'Where an administrator approves. https://webexapis.com/v1/authorize unless told.',
  scopes: 'OAuth scopes to ask for. The six that provisioning needs unless told.',
  maximumConnections: 'The most connections to Webex at once: 1 to 100. 10 unless told.',
  connectionTimeout: 'Seconds before giving up on a connection: 1 to 300. 30 unless told.',
} as const;

const CreateConnectorInput = builder.inputType('CreateConnectorInput', {
  description: 'The settings of a new connector. Make the integration at developer.webex.com first.',
  fields: (t) => ({
    name: t.string({ required: true, description: FIELDS.name }),
    clientId: t.string({ required: true, description: FIELDS.clientId }),
    clientSecret: t.string({ required: false, description: `${FIELDS.clientSecret} May be entered later.` }),
    serviceUri: t.field({ type: 'URL', required: false, description: FIELDS.serviceUri }),
    tokenEndpoint: t.field({ type: 'URL', required: false, description: FIELDS.tokenEndpoint }),
    authorizationEndpoint: t.field({
      type: 'URL',
      required: false,
      description: FIELDS.authorizationEndpoint,
    }),
    scopes: t.stringList({ required: false, description: FIELDS.scopes }),
    maximumConnections: t.int({ required: false, description: FIELDS.maximumConnections }),
    connectionTimeout: t.int({ required: false, description: FIELDS.connectionTimeout }),
  }),
});

const UpdateConnectorInput = builder.inputType('UpdateConnectorInput', {
  description:
    'What to change of a connector; what is left out stays. A new client, service URI or token endpoint ends the connection.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which connector.' }),
    name: t.string({ required: false, description: FIELDS.name }),
    clientId: t.string({ required: false, description: FIELDS.clientId }),
    clientSecret: t.string({ required: false, description: FIELDS.clientSecret }),
    serviceUri: t.field({ type: 'URL', required: false, description: FIELDS.serviceUri }),
    tokenEndpoint: t.field({ type: 'URL', required: false, description: FIELDS.tokenEndpoint }),
    authorizationEndpoint: t.field({
      type: 'URL',
      required: false,
      description: FIELDS.authorizationEndpoint,
    }),
    scopes: t.stringList({ required: false, description: FIELDS.scopes }),
    maximumConnections: t.int({ required: false, description: FIELDS.maximumConnections }),
    connectionTimeout: t.int({ required: false, description: FIELDS.connectionTimeout }),
  }),
});

const DeleteConnectorInput = builder.inputType('DeleteConnectorInput', {
  description: 'Which connector to delete.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Which connector.' }) }),
});

builder.mutationFields((t) => ({
  createConnector: t.field({
    type: ConnectorRef,
    description: 'Makes a connector. Connect it next.',
    errors: { types: [InvalidInput, NameTaken] },
    args: { input: t.arg({ type: CreateConnectorInput, required: true, description: 'Its settings.' }) },
    resolve: (_root, { input }, context) => context.connectors.create(input),
  }),
  updateConnector: t.field({
    type: ConnectorRef,
    description: 'Changes a connector’s settings; takes effect with the next request to Webex.',
    errors: { types: [InvalidInput, NotFound, NameTaken] },
    args: { input: t.arg({ type: UpdateConnectorInput, required: true, description: 'What to change.' }) },
    resolve: async (_root, { input }, context) => {
      const id = readConnectorId(input.id, 'input.id');
      const connector = await context.connectors.update(id, input);
      context.forget(id);
      return connector;
    },
  }),
  deleteConnector: t.field({
    type: ConnectorRef,
    description:
      'Deletes a connector with its secret and tokens, and answers with it as it was. Nothing changes in Webex.',
    errors: { types: [InvalidInput, NotFound] },
    args: { input: t.arg({ type: DeleteConnectorInput, required: true, description: 'Which one.' }) },
    resolve: async (_root, { input }, context) => {
      const id = readConnectorId(input.id, 'input.id');
      const connector = await context.connectors.delete(id);
      context.forget(id);
      return connector;
    },
  }),
}));
