import { refusedState } from '../../connectors/authorization-failures.ts';
import { aboutConnector, note, recorded, recordedConnection } from '../audit/recorded.ts';
import { builder } from '../base/builder.ts';
import { chooseConnector } from '../base/chosen-connector.ts';
import { failsAs } from '../errors/payloads.ts';
import {
  CompleteConnectInput,
  ConnectInput,
  ConnectWithRefreshTokenInput,
  DisconnectInput,
  readOrganizationId,
} from './connect-inputs.ts';
import { ConnectorPayload, ConnectPayload, failed } from './payloads.ts';

builder.mutationFields((t) => ({
  connect: t.field({
    type: ConnectPayload,
    fallible: true,
    onFailure: failsAs(failed),
    description:
      'Starts the OAuth 2.0 authorization code flow (PKCE, one-time state). Send a browser to authorizationUrl; it ends at the redirect URI, which completes the connection.',
    args: { input: t.arg({ type: ConnectInput, required: true, description: 'Which connector.' }) },
    resolve: async (_root, { input }, context, info) => {
      const connector = await chooseConnector(context, input.id, 'input.id');
      return recorded(context, info, aboutConnector(connector), async () => {
        context.connectors.allowed(connector);
        const expected = readOrganizationId(input.expectOrganization);
        const returnTo = input.returnTo ?? undefined;
        const started = await context.connect.begin(connector, returnTo, expected);
        return { result: { started }, changes: [] };
      });
    },
  }),
  completeConnect: t.field({
    type: ConnectorPayload,
    fallible: true,
    onFailure: failsAs(failed),
    description:
      'Completes a connection for clients that receive the redirect themselves. Give the code and the state that Webex sent to the redirect URI.',
    args: { input: t.arg({ type: CompleteConnectInput, required: true, description: 'Code and state.' }) },
    resolve: async (_root, { input }, context, info) => {
      const { meter, principal } = context.caller;
      const expectedOrganizationId = readOrganizationId(input.expectOrganization);
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
      return { connector: result.connector };
    },
  }),
  connectWithRefreshToken: t.field({
    type: ConnectorPayload,
    fallible: true,
    onFailure: failsAs(failed),
    description: 'Connects without a browser, for scripts that hold a refresh token already.',
    args: {
      input: t.arg({
        type: ConnectWithRefreshTokenInput,
        required: true,
        description: 'Connector and token.',
      }),
    },
    resolve: async (_root, { input }, context, info) => {
      const connector = await chooseConnector(context, input.id, 'input.id');
      return recordedConnection(context, info, connector, async () => {
        context.connectors.allowed(connector);
        const expected = readOrganizationId(input.expectOrganization);
        await context.connect.withRefreshToken(connector, input.refreshToken, context.caller.meter, expected);
        return { connector };
      });
    },
  }),
  disconnect: t.field({
    type: ConnectorPayload,
    fallible: true,
    onFailure: failsAs(failed),
    description:
      'Deletes the tokens of a connector. If they have the scope identity:tokens_write, they are revoked in Webex as well. If not, an administrator can revoke the integration there. Safe to repeat.',
    args: { input: t.arg({ type: DisconnectInput, required: true, description: 'Which connector.' }) },
    resolve: async (_root, { input }, context, info) => {
      const connector = await chooseConnector(context, input.id, 'input.id');
      return recordedConnection(context, info, connector, async () => ({
        connector: await context.connectors.disconnect(connector.id, context.caller.meter),
      }));
    },
  }),
}));
