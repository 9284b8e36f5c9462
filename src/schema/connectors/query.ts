import { builder } from '../base/builder.ts';
import { readConnectorId } from '../base/global-ids.ts';
import { ConnectorRef } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';

builder.queryType({ description: 'Everything that can be read.' });
builder.mutationType({ description: 'Everything that can be changed.' });

builder.queryFields((t) => ({
  connector: t.field({
    type: ConnectorRef,
    description:
      'One connector, by id or by name. With neither, the only one there is; an error where there are several.',
    args: {
      id: t.arg.id({ required: false, description: 'The connector’s id.' }),
      name: t.arg.string({ required: false, description: 'The connector’s name.' }),
    },
    resolve: (_root, { id, name }, context) =>
      context.connectors.find(id == null ? undefined : readConnectorId(id, 'id'), name ?? undefined),
  }),
  connectors: t.field({
    complexity: costs.connectors,
    type: [ConnectorRef],
    description: 'All connectors, by name.',
    resolve: (_root, _arguments, context) => context.connectors.list(),
  }),
}));
