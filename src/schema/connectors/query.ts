import { builder } from '../base/builder.ts';
import { readConnectorId } from '../base/global-ids.ts';
import { ConnectorRef } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';

builder.queryType({ description: 'The entry points for reading.' });
builder.mutationType({ description: 'The entry points for changing.' });

builder.queryFields((t) => ({
  connector: t.field({
    fallible: true,
    type: ConnectorRef,
    description:
      'A connector, by id or by name. If you give neither, the only connector that you may access. If there are several, it fails with AMBIGUOUS.',
    args: {
      id: t.arg.id({ required: false, description: 'The id of the connector. Give id or name, not both.' }),
      name: t.arg.string({ required: false, description: 'The name of the connector.' }),
    },
    resolve: (_root, { id, name }, context) =>
      context.connectors.find(id == null ? undefined : readConnectorId(id, 'id'), name ?? undefined),
  }),
  connectors: t.field({
    complexity: costs.connectors,
    fallible: true,
    type: [ConnectorRef],
    description: 'All connectors that you may access, by name.',
    resolve: (_root, _arguments, context) => context.connectors.list(),
  }),
}));
