import type { WebexDatasource } from '../../datasources/webex/datasource.ts';
import { REFERENCE_PARTS } from '../../datasources/webex/records.ts';
import type { Context } from '../base/context.ts';
import { type WebexType, webexGlobalId } from '../base/global-ids.ts';
import { ConnectorRef } from '../base/refs.ts';

/** What a field takes of Webex that is answered by the id of its object alone. */
const OF_REFERENCE = { reads: { personParts: REFERENCE_PARTS }, plain: true } as const;

/** An object of a connector's organization. */
interface OfWebex {
  readonly webex: WebexDatasource;
}

/** The field `id` of a type of Webex. */
export function idOptions<Shape extends OfWebex>(
  type: WebexType | 'Organization',
  webexId: (shape: Shape) => string,
) {
  return {
    ...OF_REFERENCE,
    description: 'The global ID of this object. Opaque. `node` reads the object by it.',
    resolve: (shape: Shape) => webexGlobalId(type, shape.webex.connectorId, webexId(shape)),
  } as const;
}

/** The field `webexId` of a type of Webex. */
export function webexIdOptions<Shape>(webexId: (shape: Shape) => string) {
  return { ...OF_REFERENCE, description: 'The ID in Webex’s REST API.', resolve: webexId } as const;
}

/** The field `connector`, of which no more is asked for than what opened its organization. */
export const CONNECTOR_OPTIONS = {
  ...OF_REFERENCE,
  type: ConnectorRef,
  description: 'The connector that manages the organization.',
  resolve: ({ webex }: OfWebex, _arguments: object, context: Context) => context.connectorOf(webex),
} as const;
