import type { WebexDatasource } from '../../datasources/webex/datasource.ts';
import { Person } from '../../datasources/webex/people/person.ts';
import type { Group } from '../../datasources/webex/records.ts';
import type { Context } from '../base/context.ts';
import type { GroupShape, UserShape } from '../base/refs.ts';

/** A record that a change has left, as a user; null if it is no person. */
export async function userOf(
  connectorId: string,
  record: unknown,
  context: Context,
): Promise<UserShape | null> {
  if (!(record instanceof Person)) return null;
  return shownUser(await open(connectorId, context), record);
}

/** A record that a change has left, as a group; null if it is no group. */
export async function groupOf(
  connectorId: string,
  record: unknown,
  context: Context,
): Promise<GroupShape | null> {
  if (!isGroup(record)) return null;
  return { webex: await open(connectorId, context), group: record };
}

/** A person or a group as a node; null for anything else. */
export function nodeOf(
  webex: WebexDatasource,
  record: unknown,
): ((UserShape | GroupShape) & { readonly __typename: string }) | null {
  if (record instanceof Person) return { ...shownUser(webex, record), __typename: 'User' };
  return isGroup(record) ? { webex, group: record, __typename: 'Group' } : null;
}

function shownUser(webex: WebexDatasource, person: Person): UserShape {
  webex.people.remember(person);
  return { webex, person };
}

function isGroup(record: unknown): record is Group {
  return typeof record === 'object' && record !== null && 'memberCount' in record;
}

async function open(connectorId: string, context: Context): Promise<WebexDatasource> {
  return context.webex(await context.connector(connectorId));
}
