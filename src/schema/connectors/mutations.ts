import { LONGEST_PEM } from '../../connectors/setting-values.ts';
import { connectionChanges, settingChanges } from '../../connectors/shown-changes.ts';
import {
  DeclaredConnector,
  InvalidInput,
  NameTaken,
  NotFound,
  SettingsConflict,
} from '../../errors/request.ts';
import { aboutConnector, recorded } from '../audit/recorded.ts';
import { builder } from '../base/builder.ts';
import { readConnectorId } from '../base/global-ids.ts';
import { ConnectorRef } from '../base/refs.ts';
import { ClientAuthenticationEnum } from './settings.ts';

const FIELDS = {
  name: 'What you call the connector. Unique, 100 characters at most.',
  clientId: 'The Client ID of the Webex integration.',
  clientSecret:
    'The Client Secret of the Webex integration. Kept sealed, never shown again. May be entered later.',
  serviceUri:
    'Where Webex’s REST API is. https://webexapis.com/v1 unless told. Its origin has to be allowed by UPSTREAM_ORIGINS.',
  tokenEndpoint:
    'Where tokens are issued. https://webexapis.com/v1/access_token unless told. Its origin has to be allowed by UPSTREAM_ORIGINS.',
  authorizationEndpoint:
    'Where an administrator approves. https://webexapis.com/v1/authorize unless told. Its origin has to be allowed by UPSTREAM_ORIGINS.',
  scopes: 'OAuth scopes to ask for. The six that provisioning needs unless told.',
  maximumConnections: 'The most connections to Webex at once: 1 to 100. 10 unless told.',
  connectionTimeout: 'Seconds before giving up on a connection: 1 to 300. 30 unless told.',
  proxyUrl:
    'An http or https proxy that everything to Webex goes through, like http://user:password@proxy.example.com:3128. It has to be allowed by UPSTREAM_PROXIES.',
  caCertificates:
    'Certificates to trust beside the usual authorities, in PEM: those of a proxy that looks into TLS. At most 500,000 characters.',
  clientAuthentication: 'How the client secret is sent to the token endpoint. In the body unless told.',
  organizationId:
    'For partners: Webex’s id of the customer organization to work in. The organization of whoever connects unless told.',
  readOnly: 'Refuses every change in Webex through this connector. Off unless told.',
} as const;

type InputFields = PothosSchemaTypes.InputFieldBuilder<(typeof builder)['$inferSchemaTypes'], 'InputObject'>;

/** The settings that a connector can do without, or has a default for. */
const optionalSettings = (t: InputFields) => ({
  clientSecret: t.string({ required: false, description: FIELDS.clientSecret }),
  serviceUri: t.field({ type: 'URL', required: false, description: FIELDS.serviceUri }),
  tokenEndpoint: t.field({ type: 'URL', required: false, description: FIELDS.tokenEndpoint }),
  authorizationEndpoint: t.field({ type: 'URL', required: false, description: FIELDS.authorizationEndpoint }),
  scopes: t.stringList({ required: false, description: FIELDS.scopes }),
  maximumConnections: t.int({ required: false, description: FIELDS.maximumConnections }),
  connectionTimeout: t.int({ required: false, description: FIELDS.connectionTimeout }),
  proxyUrl: t.field({ type: 'URL', required: false, description: FIELDS.proxyUrl }),
  caCertificates: t.string({
    required: false,
    description: FIELDS.caCertificates,
    extensions: { longestText: LONGEST_PEM },
  }),
  clientAuthentication: t.field({
    type: ClientAuthenticationEnum,
    required: false,
    description: FIELDS.clientAuthentication,
  }),
  organizationId: t.string({ required: false, description: FIELDS.organizationId }),
  readOnly: t.boolean({ required: false, description: FIELDS.readOnly }),
});

const CreateConnectorInput = builder.inputType('CreateConnectorInput', {
  description: 'The settings of a new connector. Make the integration at developer.webex.com first.',
  fields: (t) => ({
    name: t.string({ required: true, description: FIELDS.name }),
    clientId: t.string({ required: true, description: FIELDS.clientId }),
    ...optionalSettings(t),
  }),
});

const UpdateConnectorInput = builder.inputType('UpdateConnectorInput', {
  description:
    'What to change of a connector. What is left out stays; null clears a value or brings its default back. Another client, client secret, endpoint or organization ends the connection; another token endpoint also forgets the client secret; another proxy or other certificates take the client secret as it is, because it passes through them.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which connector.' }),
    expectedVersion: t.int({
      required: false,
      description:
        'The version of the connector that you looked at. Refuses the change where somebody else has made one since; without it yours is applied on top of theirs.',
    }),
    name: t.string({ required: false, description: FIELDS.name }),
    clientId: t.string({ required: false, description: FIELDS.clientId }),
    ...optionalSettings(t),
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
    resolve: (_root, { input }, context, info) => {
      const target = { type: 'Connector', id: null, name: input.name } as const;
      return recorded(context, info, { connector: null, target }, async () => {
        const result = await context.connectors.create(input);
        return { result, changes: settingChanges(null, result), subject: aboutConnector(result) };
      });
    },
  }),
  updateConnector: t.field({
    type: ConnectorRef,
    description: 'Changes a connector’s settings; takes effect with the next request to Webex.',
    errors: { types: [InvalidInput, NotFound, NameTaken, SettingsConflict, DeclaredConnector] },
    args: { input: t.arg({ type: UpdateConnectorInput, required: true, description: 'What to change.' }) },
    resolve: async (_root, { input }, context, info) => {
      const id = readConnectorId(input.id, 'input.id');
      const { expectedVersion, ...wanted } = input;
      const connector = await context.seen(id);
      return recorded(context, info, aboutConnector(connector), async () => {
        const grant = await context.grant(connector);
        const { before, after } = await context.connectors.update(
          connector.id,
          wanted,
          expectedVersion ?? undefined,
        );
        context.forget(connector.id);
        // Another client or other servers end the connection.
        const ended = connectionChanges(grant, await context.grant(after).catch(() => grant));
        return { result: after, changes: [...settingChanges(before, after), ...ended] };
      });
    },
  }),
  deleteConnector: t.field({
    type: ConnectorRef,
    description:
      'Deletes a connector with its secret and tokens, and answers with it as it was. Nothing changes in Webex.',
    errors: { types: [InvalidInput, NotFound, DeclaredConnector] },
    args: { input: t.arg({ type: DeleteConnectorInput, required: true, description: 'Which one.' }) },
    resolve: async (_root, { input }, context, info) => {
      const id = readConnectorId(input.id, 'input.id');
      const connector = await context.seen(id);
      return recorded(context, info, aboutConnector(connector), async () => {
        const result = await context.connectors.delete(connector.id);
        context.forget(connector.id);
        return { result, changes: settingChanges(result, null) };
      });
    },
  }),
}));
