import { LONGEST_PEM } from '../../connectors/setting-values.ts';
import { type ConnectorInput, DEFAULT_SETTINGS } from '../../connectors/settings.ts';
import { builder } from '../base/builder.ts';
import type { InputFields } from '../base/chosen-connector.ts';
import { ClientAuthenticationEnum } from './settings.ts';

const FIELDS = {
  name: 'Name of the connector, 1 to 100 characters. Unique.',
  clientId: 'Client ID of the Webex integration.',
  clientSecret:
    'Client secret of the Webex integration. Stored encrypted and never returned. You can set it later, before you connect.',
  serviceUri: 'Base URL of the Webex REST API. UPSTREAM_ORIGINS must allow its origin.',
  tokenEndpoint: 'URL that issues access tokens. UPSTREAM_ORIGINS must allow its origin.',
  authorizationEndpoint:
    'URL where an administrator approves the connection. UPSTREAM_ORIGINS must allow its origin.',
  scopes: 'OAuth scopes to request. The default is what provisioning needs.',
  maximumConnections: 'Maximum number of connections to Webex at the same time, 1 to 100.',
  connectionTimeout: 'Timeout of a connection in seconds, 1 to 300.',
  proxyUrl:
    'URL of an http or https proxy for all requests to Webex: http://user:password@proxy.example.com:3128. UPSTREAM_PROXIES must allow it. Default: no proxy.',
  caCertificates:
    'Certificates in PEM format to trust in addition to the usual authorities, such as those of a proxy that inspects TLS. At most 500,000 characters. Default: none.',
  clientAuthentication: 'How the client secret is sent to the token endpoint.',
  organizationWebexId:
    'For partners: Webex id of the customer organization to work in. Default: the organization of the administrator who connects.',
  readOnly: 'Whether every change in Webex through this connector is refused. Dry runs are not.',
} as const;

/** Settings without a default value. */
const plainSettings = (t: InputFields) => ({
  clientSecret: t.string({ required: false, description: FIELDS.clientSecret }),
  proxyUrl: t.field({ type: 'URL', required: false, description: FIELDS.proxyUrl }),
  caCertificates: t.string({
    required: false,
    description: FIELDS.caCertificates,
    extensions: { longestText: LONGEST_PEM },
  }),
  organizationWebexId: t.string({ required: false, description: FIELDS.organizationWebexId }),
});

export const CreateConnectorInput = builder.inputType('CreateConnectorInput', {
  description:
    'The settings of a new connector. Create the integration at developer.webex.com first. An explicit null means the default.',
  fields: (t) => ({
    name: t.string({ required: true, description: FIELDS.name }),
    clientId: t.string({ required: true, description: FIELDS.clientId }),
    ...plainSettings(t),
    serviceUri: t.field({
      type: 'URL',
      required: false,
      defaultValue: DEFAULT_SETTINGS.serviceUri,
      description: FIELDS.serviceUri,
    }),
    tokenEndpoint: t.field({
      type: 'URL',
      required: false,
      defaultValue: DEFAULT_SETTINGS.tokenEndpoint,
      description: FIELDS.tokenEndpoint,
    }),
    authorizationEndpoint: t.field({
      type: 'URL',
      required: false,
      defaultValue: DEFAULT_SETTINGS.authorizationEndpoint,
      description: FIELDS.authorizationEndpoint,
    }),
    scopes: t.stringList({
      required: false,
      defaultValue: [...DEFAULT_SETTINGS.scopes],
      description: FIELDS.scopes,
    }),
    maximumConnections: t.int({
      required: false,
      defaultValue: DEFAULT_SETTINGS.maximumConnections,
      description: FIELDS.maximumConnections,
    }),
    connectionTimeout: t.int({
      required: false,
      defaultValue: DEFAULT_SETTINGS.connectionTimeout,
      description: FIELDS.connectionTimeout,
    }),
    clientAuthentication: t.field({
      type: ClientAuthenticationEnum,
      required: false,
      defaultValue: DEFAULT_SETTINGS.clientAuthentication,
      description: FIELDS.clientAuthentication,
    }),
    readOnly: t.boolean({
      required: false,
      defaultValue: DEFAULT_SETTINGS.readOnly,
      description: FIELDS.readOnly,
    }),
  }),
});

/** What identifies the connector that a mutation is about. */
export const connectorIdField = (t: InputFields) =>
  t.id({ required: true, description: 'The connector, by id or name.' });

export const UpdateConnectorInput = builder.inputType('UpdateConnectorInput', {
  description:
    'What to change of a connector. An absent field is left alone. Null clears a value, or restores its default. Another client, client secret, URL or organization ends the connection. Another token endpoint also clears the client secret. To change proxy or certificates, send the current client secret as well, because it passes through them.',
  fields: (t) => ({
    id: connectorIdField(t),
    expectedVersion: t.int({
      required: false,
      description:
        'The `version` that you have read. If the connector has been changed since, nothing is done: MODIFIED_MEANWHILE. Default: no check.',
    }),
    name: t.string({ required: false, description: `${FIELDS.name} Cannot be cleared.` }),
    clientId: t.string({ required: false, description: `${FIELDS.clientId} Cannot be cleared.` }),
    ...plainSettings(t),
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
    clientAuthentication: t.field({
      type: ClientAuthenticationEnum,
      required: false,
      description: FIELDS.clientAuthentication,
    }),
    readOnly: t.boolean({ required: false, description: FIELDS.readOnly }),
  }),
});

export const DeleteConnectorInput = builder.inputType('DeleteConnectorInput', {
  description: 'The connector to delete.',
  fields: (t) => ({ id: connectorIdField(t) }),
});

/** The settings that an input has, by the names of the connectors. */
export function settingsOf({
  organizationWebexId,
  ...rest
}: Omit<ConnectorInput, 'organizationId'> & {
  readonly organizationWebexId?: string | null | undefined;
}): ConnectorInput {
  return { ...rest, organizationId: organizationWebexId };
}
