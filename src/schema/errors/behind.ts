import type { OpenOrganization } from '../../connectors/organizations.ts';
import type { WebexDatasource } from '../../datasources/webex/datasource.ts';
import { ChangeError, EmailTaken } from '../../errors/changes.ts';
import { Ambiguous, NameTaken, NotFound, SettingsConflict } from '../../errors/request.ts';
import type { Context } from '../base/context.ts';
import { nodeOf } from '../directory/shown.ts';
import type { Failure } from './failure.ts';

/** The objects behind the errors of mutations, looked up when a client selects them. */

/** The organization that a failure is about. Rejects with NotFound, NotConnected or ReconnectRequired. */
export async function openOf({ connectorId }: Failure, context: Context): Promise<WebexDatasource> {
  return context.webex(await context.connector(connectorId ?? ''));
}

async function organizationOf({ connectorId }: Failure, context: Context): Promise<OpenOrganization> {
  return context.organization(await context.connector(connectorId ?? ''));
}

/** A connector of this name. Rejects with NotFound if the caller cannot see one. */
export async function connectorNamed(name: string, context: Context): Promise<object> {
  return { ...(await context.connectors.find(undefined, name)), __typename: 'Connector' };
}

/** The objects that an ambiguous name may mean; those that are gone by now are left out. */
export async function candidatesOf(
  failure: Failure,
  _arguments: object,
  context: Context,
): Promise<object[]> {
  const { error } = failure;
  if (!(error instanceof Ambiguous)) return [];
  const { kind, candidates } = error;
  if (kind === 'connector') {
    const connectors = await context.connectors.list();
    const meant = connectors.filter(({ name }) => candidates.includes(name));
    return meant.map((connector) => ({ ...connector, __typename: 'Connector' }));
  }
  const webex = await openOf(failure, context);
  if (kind === 'license') {
    const licenses = await webex.licenses.some(candidates);
    return licenses.map((license) => ({ webex, license, __typename: 'License' }));
  }
  if (kind !== 'role') return [];
  const roles = await webex.roles.some(candidates);
  return roles.map((role) => ({ webex, role, __typename: 'Role' }));
}

/** What is in the way of a change, or stands there now; null if it cannot be seen. */
export async function currentOf(
  failure: Failure,
  _arguments: object,
  context: Context,
): Promise<object | null> {
  const { error } = failure;
  if (error instanceof SettingsConflict)
    return { ...(await context.connectors.get(error.connectorId)), __typename: 'Connector' };
  if (error instanceof NameTaken && error.kind === 'connector')
    return connectorNamed(error.takenName, context).catch(nullIfHidden);
  if (error instanceof NameTaken && error.kind === 'group') {
    const { webex, admin } = await organizationOf(failure, context);
    const { groups } = await admin.findGroups(error.takenName);
    return nodeOf(webex, groups[0] ?? null);
  }
  if (error instanceof ChangeError) return nodeOf(await openOf(failure, context), error.record);
  if (!(error instanceof EmailTaken) || error.userId === undefined) return null;
  const { webex, admin } = await organizationOf(failure, context);
  return nodeOf(webex, await admin.readPerson(error.userId));
}

function nullIfHidden(error: unknown): null {
  if (error instanceof NotFound) return null;
  throw error;
}
