import type { ConnectorRecord } from '../../connectors/connectors.ts';
import { daysLeft, endsSoon } from '../../connectors/expiry.ts';
import type { PoolStatus } from '../../datasources/http/pool.ts';
import { builder } from '../base/builder.ts';
import { DetailsRef, OrganizationRef, UserRef } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';
import { neededPersonParts } from '../execution/selection.ts';

export const ClientAuthenticationEnum = builder.enumType('ClientAuthentication', {
  description: 'How the client proves itself at the token endpoint.',
  values: {
    CLIENT_SECRET_POST: { description: 'Client id and secret go in the body, as Webex documents it.' },
    CLIENT_SECRET_BASIC: { description: 'Client id and secret go in an Authorization header (HTTP Basic).' },
  },
});

export const ConnectionConfigRef = builder.objectRef<ConnectorRecord>('ConnectionConfig').implement({
  description:
    'How a connector reaches Webex: the same fields as those of a Webex application in Identity Cloud.',
  fields: (t) => ({
    clientId: t.exposeString('clientId', { description: 'The Client ID of the Webex integration.' }),
    clientSecretSet: t.boolean({
      description: 'Whether a Client Secret was entered. The secret itself can be written, never read.',
      resolve: ({ clientSecret }) => clientSecret !== null,
    }),
    serviceUri: t.expose('serviceUri', {
      type: 'URL',
      description: 'Where Webex’s REST API is; https://webexapis.com/v1 unless told.',
    }),
    tokenEndpoint: t.expose('tokenEndpoint', {
      type: 'URL',
      description: 'Where tokens are issued; https://webexapis.com/v1/access_token unless told.',
    }),
    authorizationEndpoint: t.expose('authorizationEndpoint', {
      type: 'URL',
      description:
        'Where an administrator approves the connection; https://webexapis.com/v1/authorize unless told.',
    }),
    scopes: t.stringList({
      description: 'The OAuth scopes asked for; the six that provisioning needs unless told.',
      resolve: ({ scopes }) => [...scopes],
    }),
    maximumConnections: t.exposeInt('maximumConnections', {
      description: 'The most connections that are open to Webex at once: 1 to 100, 10 unless told.',
    }),
    connectionTimeout: t.exposeInt('connectionTimeout', {
      description: 'Seconds before giving up on a connection that does not answer: 1 to 300, 30 unless told.',
    }),
    proxyUrl: t.field({
      type: 'URL',
      nullable: true,
      description:
        'The proxy that everything goes through, without its user name and password. Null without one.',
      resolve: ({ proxyUrl }) => (proxyUrl === null ? null : new URL(proxyUrl).origin),
    }),
    caCertificates: t.exposeString('caCertificates', {
      nullable: true,
      description: 'Certificates trusted beside the usual authorities, in PEM.',
    }),
    clientAuthentication: t.expose('clientAuthentication', {
      type: ClientAuthenticationEnum,
      description: 'How the client secret is sent to the token endpoint.',
    }),
    organizationId: t.exposeString('organizationId', {
      nullable: true,
      description: 'For partners: Webex’s id of the customer organization. Null for the own organization.',
    }),
    readOnly: t.exposeBoolean('readOnly', { description: 'Whether every change in Webex is refused.' }),
  }),
});

export const PoolStatusRef = builder.objectRef<PoolStatus>('PoolStatus').implement({
  description: 'What a connector’s connections to Webex are doing at this moment.',
  fields: (t) => ({
    maximumConnections: t.exposeInt('maximumConnections', {
      description: 'The most connections there may be.',
    }),
    connected: t.exposeInt('connected', { description: 'Connections that are open.' }),
    running: t.exposeInt('running', { description: 'Requests under way.' }),
    queued: t.exposeInt('queued', { description: 'Requests waiting for a connection.' }),
    throttledUntil: t.expose('throttledUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when Webex has asked us to wait. Null when it has not.',
    }),
  }),
});

DetailsRef.implement({
  description: 'What one verifies after connecting: to whom, by whom, for how long, and with which rights.',
  fields: (t) => ({
    organization: t.field({
      complexity: costs.organization,
      type: OrganizationRef,
      description: 'The organization the connector manages.',
      resolve: async ({ webex }) => ({ webex, organization: await webex.organization() }),
    }),
    connectedBy: t.field({
      complexity: 1,
      type: UserRef,
      nullable: true,
      description: 'The administrator who approved the connection. Null when their account is gone.',
      resolve: async ({ webex, grant }, _arguments, _context, info) => {
        if (grant.personId === null) return null;
        // Read by itself: a partner's own account is not among the people of the customer's organization.
        const person = await webex.people.load(grant.personId, { ...neededPersonParts(info), admin: true });
        return person === null ? null : { webex, person };
      },
    }),
    connectedAt: t.field({
      type: 'DateTime',
      description: 'When it was connected.',
      resolve: ({ grant }) => grant.connectedAt,
    }),
    grantedScopes: t.stringList({
      description: 'The scopes Webex has granted; those asked for, where its answer does not say.',
      resolve: ({ grant }) => [...grant.scopes],
    }),
    missingScopes: t.stringList({
      description: 'Scopes the connector asks for and was not granted. What needs them will fail.',
      resolve: ({ connector, grant }) => connector.scopes.filter((scope) => !grant.scopes.includes(scope)),
    }),
    accessTokenExpiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the access token in use expires. The gateway renews it before that by itself. Null if Webex did not say: the token is then used until Webex refuses it, and renewed.',
      resolve: ({ grant }) => grant.accessTokenExpiresAt,
    }),
    refreshTokenExpiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the connection ends unless it is used: each renewal of the access token moves this on. Null where Webex does not say.',
      resolve: ({ grant }) => grant.refreshTokenExpiresAt,
    }),
    refreshTokenDaysLeft: t.int({
      nullable: true,
      description: 'Whole days until then. Null where Webex does not say.',
      resolve: ({ grant }) => daysLeft(grant.refreshTokenExpiresAt),
    }),
    endsSoon: t.boolean({
      description: 'Whether fewer than fourteen days are left: somebody should connect again.',
      resolve: ({ grant }) => endsSoon(grant.refreshTokenExpiresAt),
    }),
  }),
});
