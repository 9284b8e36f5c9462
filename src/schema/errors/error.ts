import { AuthorizationFailed, UpstreamAddressRefused } from '../../errors/connection.ts';
import type { GatewayError } from '../../errors/gateway-error.ts';
import {
  DeclaredConnector,
  type FieldProblem,
  InvalidInput,
  NameTaken,
  NotFound,
  SettingsConflict,
} from '../../errors/request.ts';
import {
  OtherOrganization,
  RateLimited,
  type UpstreamCall,
  UpstreamForbidden,
  UpstreamInvalid,
  UpstreamNotFound,
  UpstreamRedirected,
  UpstreamRejected,
  UpstreamTimeout,
  UpstreamUnavailable,
} from '../../errors/upstream.ts';
import { builder } from '../base/builder.ts';
import { ConnectorRef } from '../base/refs.ts';

/** Why a mutation could not be done; every error type implements it. */
export const ErrorRef = builder.interfaceRef<GatewayError>('Error').implement({
  description:
    'Why something could not be done. Every error a mutation answers with implements this, so "... on Error { message code }" is always enough.',
  fields: (t) => ({
    message: t.exposeString('message', {
      description: 'What is wrong and what to do about it, for a person.',
    }),
    code: t.exposeString('code', { description: 'What is wrong, for a program. Codes never change.' }),
  }),
});

const FieldProblemRef = builder.objectRef<FieldProblem>('FieldProblem').implement({
  description: 'One field that is wrong.',
  fields: (t) => ({
    field: t.exposeString('field', { description: 'Its path, as in input.users[3].emails.' }),
    message: t.exposeString('message', { description: 'What is wrong with it.' }),
  }),
});

builder.objectType(InvalidInput, {
  name: 'InvalidInput',
  description: 'Something in the input is not acceptable. Nothing was done.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    field: t.exposeString('field', {
      description: 'The path of the first field that is wrong, as in input.serviceUri.',
    }),
    problems: t.field({
      type: [FieldProblemRef],
      description: 'Every field that was found wrong, so that all can be mended at once.',
      resolve: ({ problems }) => [...problems],
    }),
  }),
});

/** What the fields of an error's type are made with. */
export type ErrorFields<T> = PothosSchemaTypes.ObjectFieldBuilder<(typeof builder)['$inferSchemaTypes'], T>;

/** What Webex said to the call that went wrong; null where none was sent. */
export const callFields = (t: ErrorFields<{ readonly call: UpstreamCall | undefined }>) => ({
  trackingId: t.string({
    nullable: true,
    description: 'Webex’s id of the request. Cisco’s support asks for it.',
    resolve: ({ call }) => call?.trackingId,
  }),
  webexMessage: t.string({
    nullable: true,
    description: 'What Webex itself said, in its own words. Null where it said nothing.',
    resolve: ({ call }) => call?.said,
  }),
});

builder.objectType(NotFound, {
  name: 'NotFound',
  description: 'What was named does not exist, or the caller may not see it.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    kind: t.exposeString('kind', { description: 'What kind of thing was looked for, as in connector.' }),
    id: t.exposeString('id', { description: 'The id or name it was looked for by.' }),
  }),
});

builder.objectType(NameTaken, {
  name: 'NameTaken',
  description: 'The name belongs to another object already.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    takenName: t.exposeString('takenName', { description: 'The name in question.' }),
    ...callFields(t),
  }),
});

builder.objectType(SettingsConflict, {
  name: 'SettingsConflict',
  description: 'Somebody else has changed the connector since it was read. Nothing was changed.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    current: t.field({
      type: ConnectorRef,
      description: 'The connector as it is now.',
      resolve: ({ connectorId }, _arguments, context) => context.connectors.get(connectorId),
    }),
  }),
});

builder.objectType(DeclaredConnector, {
  name: 'DeclaredConnector',
  description: 'The connector is declared in the configuration file and changes only there.',
  interfaces: [ErrorRef],
  fields: (t) => ({ connector: t.exposeString('connector', { description: 'The name of the connector.' }) }),
});

const AuthorizationFailureReason = builder.enumType('AuthorizationFailureReason', {
  description: 'Why a connection was not made.',
  values: {
    DENIED: { description: 'It was denied on the Webex page, or Webex does not grant the scopes.' },
    STATE_UNKNOWN: { description: 'The state was not made here.' },
    STATE_EXPIRED: { description: 'The state is more than ten minutes old.' },
    STATE_USED: { description: 'The state was used before; nothing was done again.' },
    CODE_REFUSED: { description: 'Webex did not accept the authorization code.' },
    GRANT_REFUSED: { description: 'Webex did not accept the refresh token.' },
    CLIENT_REFUSED: { description: 'Webex did not accept the client id and client secret.' },
    OTHER_ORGANIZATION: {
      description:
        'The account belongs to another organization than the connector is connected to, or than was expected. Nothing was changed. To connect the other one, confirm it with expectOrganizationId.',
    },
    RESPONSE_INVALID: { description: 'Webex answered with something that cannot be used.' },
  },
});

builder.objectType(AuthorizationFailed, {
  name: 'AuthorizationFailed',
  description: 'The OAuth flow did not lead to a connection. Start it again with connect.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    reason: t.expose('reason', { type: AuthorizationFailureReason, description: 'Where it went wrong.' }),
  }),
});

builder.objectType(UpstreamAddressRefused, {
  name: 'UpstreamAddressRefused',
  description:
    'The configuration of the gateway does not let it send anything to an address of the connector. Nothing was sent.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    origin: t.exposeString('origin', { description: 'The address, as in https://webexapis.com.' }),
    variable: t.exposeString('variable', {
      description: 'The variable of the configuration that would allow it, as in UPSTREAM_ORIGINS.',
    }),
  }),
});

/** Webex's own failures share a shape: what happened, whether to try again, and what to tell Cisco. */
const upstreamErrors = [
  [UpstreamUnavailable, 'UpstreamUnavailable', 'Webex could not be reached, or failed.'],
  [UpstreamTimeout, 'UpstreamTimeout', 'Webex did not answer in time.'],
  [UpstreamInvalid, 'UpstreamInvalid', 'Webex answered with something that makes no sense.'],
  [UpstreamRejected, 'UpstreamRejected', 'Webex refused the request.'],
  [
    UpstreamRedirected,
    'UpstreamRedirected',
    'The address of Webex answered with a redirect, which is not followed.',
  ],
  [UpstreamNotFound, 'UpstreamNotFound', 'Webex does not know what was asked for.'],
  [OtherOrganization, 'OtherOrganization', 'Webex answered for another organization than the connector’s.'],
  [RateLimited, 'RateLimited', 'Webex limits how often it may be asked, and wants a longer pause.'],
  [UpstreamForbidden, 'UpstreamForbidden', 'The connected account, or its scopes, do not allow it.'],
] as const;

for (const [ErrorClass, name, description] of upstreamErrors) {
  builder.objectType(ErrorClass, {
    name,
    description,
    interfaces: [ErrorRef],
    fields: (t) => ({
      retryable: t.boolean({
        description: 'Whether the same call may succeed later.',
        resolve: (error) => error.retryable,
      }),
      ...callFields(t),
    }),
  });
}

builder.objectField(UpstreamForbidden, 'scopes', (t) =>
  t.stringList({
    description: 'OAuth scopes of which one would allow it. Empty where the gateway does not know.',
    resolve: ({ scopes }) => [...scopes],
  }),
);

builder.objectField(UpstreamRedirected, 'leadsTo', (t) =>
  t.exposeString('leadsTo', {
    nullable: true,
    description:
      'The origin that the redirect leads to, as in https://login.example.com. Null if it names none.',
  }),
);

builder.objectField(RateLimited, 'retryAfter', (t) =>
  t.exposeInt('retryAfter', { description: 'Seconds to wait before trying again.' }),
);

builder.objectFields(OtherOrganization, (t) => ({
  expectedOrganizationWebexId: t.string({
    description: 'Webex’s id of the organization that the connector is for.',
    resolve: ({ expectedOrganizationId }) => expectedOrganizationId,
  }),
  organizationWebexId: t.string({
    description: 'Webex’s id of the organization that the answer is about. A change was made there.',
    resolve: ({ organizationId }) => organizationId,
  }),
  recordWebexId: t.string({
    nullable: true,
    description: 'Webex’s id of the user or group in the answer. Null if the answer has none.',
    resolve: ({ recordId }) => recordId,
  }),
}));

/** What can go wrong on the way to Webex and there. */
export const UPSTREAM_ERRORS = [UpstreamAddressRefused, ...upstreamErrors.map(([ErrorClass]) => ErrorClass)];

/** What can go wrong while connecting, Webex's part included. */
export const CONNECT_ERRORS = [InvalidInput, NotFound, AuthorizationFailed, ...UPSTREAM_ERRORS];
