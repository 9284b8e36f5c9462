import type { ConnectorRecord } from '../../connectors/connectors.ts';
import { InvalidInput, NotFound } from '../../errors/request.ts';
import { readValue } from '../../provisioning/changes/problems.ts';
import { textOf } from '../../provisioning/users/input-values.ts';
import type { builder } from './builder.ts';
import type { Context } from './context.ts';
import { NOUNS, type ObjectId, readGlobalId, type WebexType } from './global-ids.ts';

/** What the fields of an input type are made with. */
export type InputFields = PothosSchemaTypes.InputFieldBuilder<
  (typeof builder)['$inferSchemaTypes'],
  'InputObject'
>;

/** The connector of a creation. */
export const connectorField = (t: InputFields) =>
  t.id({
    required: false,
    description:
      'Connector to the organization, by id or name. Default: the only connector that you can see; AMBIGUOUS if there are several.',
  });

/** The connector of a change of something that has an id. */
export const connectorOfIdField = (t: InputFields) =>
  t.id({
    required: false,
    description:
      'Connector to the organization, by id or name. Default: the connector that the id of the object names. Required with an id of Webex if you can see several connectors.',
  });

/** UTF-16 code units of a connector's name, blanks around it included. */
const LONGEST_NAME = 512;

/**
 * The connector that a caller names by its global id or its name; if they name none, the only one that they can see.
 * @param field where it stands in the caller's request
 * Rejects with InvalidInput for an id of something else, NotFound, and Ambiguous with all that they can see.
 */
export async function chooseConnector(
  context: Context,
  given: string | null | undefined,
  field: string,
): Promise<ConnectorRecord> {
  if (given == null) return context.connectors.chosen(undefined);
  const id = readGlobalId(given);
  if (id === undefined) return context.connectors.chosen(readValue(field, given, textOf(LONGEST_NAME)));
  if (id.type !== 'Connector')
    throw new InvalidInput(field, `must be the id or the name of a Connector, not the id of a ${id.type}.`);
  return context.seen(id.connectorId);
}

/**
 * The connector through which an object is reached: the one that its global id names, with which a connector that is
 * given beside has to agree; for an id of Webex, the one that is given, or the only one.
 * Rejects as `chooseConnector`, and with NotFound for an object of another connector.
 */
export async function connectorOf(
  context: Context,
  given: string | null | undefined,
  type: WebexType,
  id: ObjectId,
): Promise<string> {
  if (id.connectorId === undefined) return (await chooseConnector(context, given, 'input.connector')).id;
  if (given == null) return id.connectorId;
  const named = await chooseConnector(context, given, 'input.connector');
  if (named.id !== id.connectorId) throw new NotFound(NOUNS[type], id.webexId);
  return named.id;
}
