import type { GraphQLResolveInfo } from 'graphql';
import type { ConnectorRecord } from '../connectors/connectors.ts';
import type { WebexDatasource } from '../datasources/webex/datasource.ts';
import type { Context } from './context.ts';
import { neededCatalogues } from './selection.ts';

/** A connector's organization; what the selection below this field is bound to want of it is begun. */
export async function openSelected(
  connector: ConnectorRecord,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<WebexDatasource> {
  const webex = await context.webex(connector);
  webex.start(neededCatalogues(info));
  return webex;
}
