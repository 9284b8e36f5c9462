import { connectionChanges, settingChanges } from '../../connectors/shown-changes.ts';
import { ConnectorInUse } from '../../errors/sync.ts';
import { aboutConnector, recorded } from '../audit/recorded.ts';
import { builder } from '../base/builder.ts';
import { chooseConnector } from '../base/chosen-connector.ts';
import { failsAs } from '../errors/payloads.ts';
import { ConnectorPayload, failed } from './payloads.ts';
import {
  CreateConnectorInput,
  DeleteConnectorInput,
  settingsOf,
  UpdateConnectorInput,
} from './setting-inputs.ts';

builder.mutationFields((t) => ({
  createConnector: t.field({
    type: ConnectorPayload,
    fallible: true,
    onFailure: failsAs(failed),
    description: 'Creates a connector. Connect it next, with `connect`.',
    args: { input: t.arg({ type: CreateConnectorInput, required: true, description: 'Its settings.' }) },
    resolve: (_root, { input }, context, info) => {
      const target = { type: 'Connector', id: null, name: input.name } as const;
      return recorded(context, info, { connector: null, target }, async () => {
        const connector = await context.connectors.create(settingsOf(input));
        const result = { connector };
        return { result, changes: settingChanges(null, connector), subject: aboutConnector(connector) };
      });
    },
  }),
  updateConnector: t.field({
    type: ConnectorPayload,
    fallible: true,
    onFailure: failsAs(failed),
    description: 'Changes the settings of a connector. The next request to Webex uses the new ones.',
    args: { input: t.arg({ type: UpdateConnectorInput, required: true, description: 'What to change.' }) },
    resolve: async (_root, { input }, context, info) => {
      const { id, expectedVersion, ...wanted } = input;
      const connector = await chooseConnector(context, id, 'input.id');
      return recorded(context, info, aboutConnector(connector), async () => {
        const grant = await context.grant(connector);
        const { before, after } = await context.connectors.update(
          connector.id,
          settingsOf(wanted),
          expectedVersion ?? undefined,
        );
        context.forget(connector.id);
        // Another client or other servers end the connection.
        const ended = connectionChanges(grant, await context.grant(after).catch(() => grant));
        return { result: { connector: after }, changes: [...settingChanges(before, after), ...ended] };
      });
    },
  }),
  deleteConnector: t.field({
    type: ConnectorPayload,
    fallible: true,
    onFailure: failsAs(failed),
    description:
      'Deletes a connector with its secret, tokens, plans, runs and links, and answers with it as it was. Fails with CONNECTOR_IN_USE while a run has not ended. Nothing changes in Webex.',
    args: { input: t.arg({ type: DeleteConnectorInput, required: true, description: 'Which one.' }) },
    resolve: async (_root, { input }, context, info) => {
      const connector = await chooseConnector(context, input.id, 'input.id');
      return recorded(context, info, aboutConnector(connector), async () => {
        context.connectors.allowed(connector);
        if (await context.sync.runs.hasOpen(connector.id)) throw new ConnectorInUse();
        const deleted = await context.connectors.delete(connector.id);
        context.forgetDeleted(connector.id);
        return { result: { connector: deleted }, changes: settingChanges(deleted, null) };
      });
    },
  }),
}));
