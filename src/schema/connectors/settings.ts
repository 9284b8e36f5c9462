import type { ConnectorRecord } from '../../connectors/connectors.ts';
import { daysLeft, endsSoon } from '../../connectors/expiry.ts';
import type { PoolStatus } from '../../datasources/http/pool.ts';
import { builder } from '../base/builder.ts';
import { DetailsRef, OrganizationRef, UserRef } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';
import { neededPersonParts } from '../execution/selection.ts';

export const ClientAuthenticationEnum = builder.enumType('ClientAuthentication', {
  description: 'How the gateway authenticates at the token endpoint.',
  values: {
    CLIENT_SECRET_POST: {
      description: 'Sends client id and client secret in the request body, as Webex documents it.',
    },
    CLIENT_SECRET_BASIC: {
      description: 'Sends client id and client secret in an Authorization header (HTTP Basic).',
    },
  },
});

export const ConnectorSettingsRef = builder.objectRef<ConnectorRecord>('ConnectorSettings').implement({
  description:
    'How a connector reaches Webex. The same settings as those of a Webex application in Identity Cloud.',
  fields: (t) => ({
    clientId: t.exposeString('clientId', { description: 'The Client ID of the Webex integration.' }),
    clientSecretSet: t.boolean({
      description: 'Whether a client secret is stored. The secret itself cannot be read.',
      resolve: ({ clientSecret }) => clientSecret !== null,
    }),
    serviceUri: t.expose('serviceUri', {
      type: 'URL',
      description: 'The address of Webex’s REST API. Default: https://webexapis.com/v1.',
    }),
    tokenEndpoint: t.expose('tokenEndpoint', {
      type: 'URL',
      description: 'The address that issues access tokens. Default: https://webexapis.com/v1/access_token.',
    }),
    authorizationEndpoint: t.expose('authorizationEndpoint', {
      type: 'URL',
      description:
        'The page where an administrator approves the connection. Default: https://webexapis.com/v1/authorize.',
    }),
    scopes: t.stringList({
      description: 'The OAuth scopes to request from Webex. Default: the six that provisioning needs.',
      resolve: ({ scopes }) => [...scopes],
    }),
    maximumConnections: t.exposeInt('maximumConnections', {
      description: 'Maximum number of open connections to Webex, 1 to 100. Default: 10.',
    }),
    connectionTimeout: t.exposeInt('connectionTimeout', {
      description: 'Seconds after which an unanswered request fails, 1 to 300. Default: 30.',
    }),
    proxyUrl: t.field({
      type: 'URL',
      nullable: true,
      description:
        'The proxy for all requests of this connector, without user name and password. Null if there is no proxy.',
      resolve: ({ proxyUrl }) => (proxyUrl === null ? null : new URL(proxyUrl).origin),
    }),
    caCertificates: t.exposeString('caCertificates', {
      nullable: true,
      description:
        'Certificates to trust in addition to the usual authorities, in PEM. Null if there are none.',
    }),
    clientAuthentication: t.expose('clientAuthentication', {
      type: ClientAuthenticationEnum,
      description: 'How the client secret is sent to the token endpoint. Default: CLIENT_SECRET_POST.',
    }),
    organizationWebexId: t.exposeString('organizationId', {
      nullable: true,
      description:
        'For partners: Webex’s id of the customer organization to work in. Null for the organization of the account that connects.',
    }),
    readOnly: t.exposeBoolean('readOnly', {
      description:
        'Whether the connector refuses every change in Webex. It does not refuse dry runs. Default: false.',
    }),
  }),
});

export const PoolStatusRef = builder.objectRef<PoolStatus>('PoolStatus').implement({
  description: 'The current state of a connector’s connection pool.',
  fields: (t) => ({
    maximumConnections: t.exposeInt('maximumConnections', {
      description: 'Maximum number of open connections, as in the settings.',
    }),
    connected: t.exposeInt('connected', { description: 'Number of open connections.' }),
    running: t.exposeInt('running', { description: 'Number of requests that Webex has not answered yet.' }),
    queued: t.exposeInt('queued', { description: 'Number of requests that wait for a connection.' }),
    throttledUntil: t.expose('throttledUntil', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the gateway may send again, because Webex asked it to wait (status 429). Null if Webex did not.',
    }),
  }),
});

DetailsRef.implement({
  description: 'A connection to Webex: the organization, who approved it, its scopes and when it expires.',
  fields: (t) => ({
    organization: t.field({
      complexity: costs.organization,
      fallible: true,
      type: OrganizationRef,
      description: 'The organization that the connector is connected to.',
      resolve: async ({ webex }) => ({ webex, organization: await webex.organization() }),
    }),
    connectedBy: t.field({
      complexity: 1,
      type: UserRef,
      nullable: true,
      description: 'The administrator who approved the connection. Null if the account is deleted.',
      resolve: async ({ webex, grant }, _arguments, _context, info) => {
        if (grant.personId === null) return null;
        // Read by itself: a partner's own account is not among the people of the customer's organization.
        const person = await webex.people.load(grant.personId, { ...neededPersonParts(info), admin: true });
        return person === null ? null : { webex, person };
      },
    }),
    connectedAt: t.field({
      type: 'DateTime',
      description: 'When the connection was made.',
      resolve: ({ grant }) => grant.connectedAt,
    }),
    grantedScopes: t.stringList({
      description: 'The scopes that Webex granted. If Webex does not say, the requested ones.',
      resolve: ({ grant }) => [...grant.scopes],
    }),
    missingScopes: t.stringList({
      description: 'Requested scopes that Webex did not grant. Fields and mutations that need them fail.',
      resolve: ({ connector, grant }) => connector.scopes.filter((scope) => !grant.scopes.includes(scope)),
    }),
    accessTokenExpiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the current access token expires. The gateway refreshes it before that. Null if Webex does not say; the gateway then refreshes it when Webex refuses it.',
      resolve: ({ grant }) => grant.accessTokenExpiresAt,
    }),
    refreshTokenExpiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the refresh token expires, and the connection with it. Each refresh of the access token extends it. Null if Webex does not say.',
      resolve: ({ grant }) => grant.refreshTokenExpiresAt,
    }),
    refreshTokenDaysLeft: t.int({
      nullable: true,
      description: 'Whole days until the refresh token expires. Null if Webex does not say.',
      resolve: ({ grant }) => daysLeft(grant.refreshTokenExpiresAt),
    }),
    endsSoon: t.boolean({
      description: 'Whether the refresh token expires in less than 14 days. Connect again before it does.',
      resolve: ({ grant }) => endsSoon(grant.refreshTokenExpiresAt),
    }),
  }),
});
