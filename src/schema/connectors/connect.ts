import { refusedState } from '../../connectors/authorization-failures.ts';
import type { ConnectStarted } from '../../connectors/connect.ts';
import { isPublicId } from '../../datasources/webex/ids.ts';
import { UpstreamAddressRefused } from '../../errors/connection.ts';
import { InvalidInput, NotFound } from '../../errors/request.ts';
import { aboutConnector, note, recorded, recordedConnection } from '../audit/recorded.ts';
import { builder } from '../base/builder.ts';
import { parseGlobalId, readConnectorId } from '../base/global-ids.ts';
import { ConnectorRef } from '../base/refs.ts';
import { CONNECT_ERRORS } from '../errors/error.ts';

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

const EXPECTED_ORGANIZATION =
  'Id of the organization that has to be connected: field id or webexId of Organization. Another one is refused with the reason OTHER_ORGANIZATION. Default: the organization that the connector is connected to, if any. Name another one here to confirm that the connector moves to it.';

/** Webex's id of an organization, whichever of its two ids is given. Throws InvalidInput. */
function readOrganizationId(text: string | null | undefined): string | undefined {
  if (text == null) return undefined;
  const id = parseGlobalId(text);
  const webexId = id?.type === 'Organization' ? id.webexId : text;
  if (isPublicId(webexId, 'ORGANIZATION')) return webexId;
  throw new InvalidInput(
    'input.expectOrganizationId',
    'must be the id of an organization: its field id or webexId. A UUID alone is not enough.',
  );
}

const ConnectInput = builder.inputType('ConnectInput', {
  description: 'Which connector to connect.',
  fields: (t) => ({
    connectorId: t.id({ required: true, description: 'Which connector.' }),
    returnTo: t.field({
      type: 'URL',
      required: false,
      description:
        'Where the browser goes in the end, with the outcome in its query: status=connected&connector=NAME, or status=failed&error=REASON, with the error that Webex returned in webexError. Its origin has to be allowed by RETURN_ORIGINS. A page of the gateway unless told.',
    }),
    expectOrganizationId: t.id({ required: false, description: EXPECTED_ORGANIZATION }),
  }),
});

const ConnectWithRefreshTokenInput = builder.inputType('ConnectWithRefreshTokenInput', {
  description: 'A refresh token that you hold already.',
  fields: (t) => ({
    connectorId: t.id({ required: true, description: 'Which connector.' }),
    refreshToken: t.string({
      required: true,
      description:
        'The refresh token, made for the connector’s client. The gateway takes it over: do not use it elsewhere.',
    }),
    expectOrganizationId: t.id({ required: false, description: EXPECTED_ORGANIZATION }),
  }),
});

const DisconnectInput = builder.inputType('DisconnectInput', {
  description: 'Which connector to disconnect.',
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
    iss: t.string({
      required: false,
      description:
        'The parameter iss of the redirect URI (RFC 9207), if it has one. The code is not used if it names another authorization server than the connector’s.',
    }),
    expectOrganizationId: t.id({
      required: false,
      description: `${EXPECTED_ORGANIZATION} Takes the place of the one given to connect.`,
    }),
  }),
});

builder.mutationFields((t) => ({
  connect: t.field({
    type: ConnectStartedRef,
    description:
      'Starts the OAuth 2.0 authorization code flow (PKCE, one-time state). Send a browser to authorizationUrl; it ends at the redirect URI, which completes the connection.',
    errors: { types: [InvalidInput, NotFound, UpstreamAddressRefused] },
    args: { input: t.arg({ type: ConnectInput, required: true, description: 'Which connector.' }) },
    resolve: async (_root, { input }, context, info) => {
      const id = readConnectorId(input.connectorId, 'input.connectorId');
      const connector = await context.seen(id);
      return recorded(context, info, aboutConnector(connector), async () => {
        context.connectors.allowed(connector);
        const expected = readOrganizationId(input.expectOrganizationId);
        const returnTo = input.returnTo ?? undefined;
        return { result: await context.connect.begin(connector, returnTo, expected), changes: [] };
      });
    },
  }),
  completeConnect: t.field({
    type: ConnectorRef,
    description:
      'Ends the flow without a browser on our side: hand over the code and state that Webex sent to the redirect URI.',
    errors: { types: CONNECT_ERRORS },
    args: { input: t.arg({ type: CompleteConnectInput, required: true, description: 'Code and state.' }) },
    resolve: async (_root, { input }, context, info) => {
      const { meter, principal } = context.caller;
      const expectedOrganizationId = readOrganizationId(input.expectOrganizationId);
      const returned = { code: input.code, state: input.state, iss: input.iss, expectedOrganizationId };
      const { connector, result, changes } = await context.connect.settle(returned, meter, (found) => {
        // A state of a connector that the caller may not see is as good as none.
        if (!principal.sees(found)) throw refusedState({ kind: 'unknown' });
        context.connectors.allowed(found);
      });
      const error = result instanceof Error ? result : undefined;
      if (connector !== null && principal.sees(connector)) {
        context.forget(connector.id);
        await note(context, info, aboutConnector(connector), changes, error);
      }
      if (result instanceof Error) throw result;
      return result.connector;
    },
  }),
  connectWithRefreshToken: t.field({
    type: ConnectorRef,
    description: 'Connects without a browser, for scripts that hold a refresh token already.',
    errors: { types: CONNECT_ERRORS },
    args: {
      input: t.arg({
        type: ConnectWithRefreshTokenInput,
        required: true,
        description: 'Connector and token.',
      }),
    },
    resolve: async (_root, { input }, context, info) => {
      const connector = await context.seen(readConnectorId(input.connectorId, 'input.connectorId'));
      return recordedConnection(context, info, connector, async () => {
        context.connectors.allowed(connector);
        const expected = readOrganizationId(input.expectOrganizationId);
        await context.connect.withRefreshToken(connector, input.refreshToken, context.caller.meter, expected);
        return connector;
      });
    },
  }),
  disconnect: t.field({
    type: ConnectorRef,
    description:
      'Forgets the connector’s tokens. Where they have the scope identity:tokens_write they are revoked in Webex, too; otherwise an administrator can revoke the integration there. Safe to repeat.',
    errors: { types: [InvalidInput, NotFound] },
    args: { input: t.arg({ type: DisconnectInput, required: true, description: 'Which connector.' }) },
    resolve: async (_root, { input }, context, info) => {
      const connector = await context.seen(readConnectorId(input.connectorId, 'input.connectorId'));
      return recordedConnection(context, info, connector, () =>
        context.connectors.disconnect(connector.id, context.caller.meter),
      );
    },
  }),
}));
