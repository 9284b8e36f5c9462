import type { ConnectorRecord } from '../../connectors/connectors.ts';
import type { WebexDatasource } from '../../datasources/webex/datasource.ts';
import type { Context } from '../base/context.ts';
import { neededCatalogues, type Selected } from './selection.ts';

/** A connector's organization; what the selection below this field is bound to want of it is begun. */
export async function openSelected(
  connector: ConnectorRecord,
  context: Context,
  selected: Selected,
): Promise<WebexDatasource> {
  const webex = await context.webex(connector);
  webex.start(neededCatalogues(selected));
  return webex;
}
