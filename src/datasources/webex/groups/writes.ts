import { type UpstreamCall, UpstreamInvalid } from '../../../errors/upstream.ts';
import type { CallContext } from '../../rest/call-context.ts';
import { withId } from '../asked-for.ts';
import type { WebexClient } from '../client.ts';
import type { Group } from '../records.ts';
import { isCalled, readGroup } from './groups.ts';

/** More members than these one request does not take. Source: Webex's reference of `POST /groups`; for `PATCH` none is stated. */
export const MEMBERS_PER_WRITE = 500;

export interface NewGroup {
  readonly displayName: string;
  readonly description?: string | undefined;
  /** 500 at most. */
  readonly memberIds: readonly string[];
}

export interface GroupChanges {
  readonly displayName?: string;
  readonly description?: string;
  /** 500 at most, additions and removals together. */
  readonly members?: readonly { readonly id: string; readonly operation: 'add' | 'delete' }[];
}

export interface WrittenGroup {
  readonly group: Group;
  readonly call: UpstreamCall;
}

/** Creates a group. Whether a second one of the same name is refused with 400 or 409 is not documented. */
export async function createGroup(
  client: WebexClient,
  context: CallContext,
  group: NewGroup,
): Promise<WrittenGroup> {
  const { displayName, description, memberIds } = group;
  const members = memberIds.map((id) => ({ id }));
  const { body, call } = await client.write(
    'POST',
    '/groups',
    {},
    { displayName, description, members },
    context,
    ['groups'],
  );
  const created = readGroup(body ?? {}, call);
  if (isCalled(created, displayName)) return { group: created, call };
  throw new UpstreamInvalid('Webex answered with another group than was to be created.', call);
}

/** Changes a group; members who are not named stay. Source: Webex's clients, as its specification is wrong here. */
export async function changeGroup(
  client: WebexClient,
  context: CallContext,
  id: string,
  changes: GroupChanges,
): Promise<WrittenGroup> {
  const { body, call } = await client.write(
    'PATCH',
    `/groups/${encodeURIComponent(id)}`,
    {},
    { ...changes },
    context,
    // The index holds names, too.
    ['groups'],
  );
  return { group: withId(readGroup(body ?? {}, call), id, call), call };
}

/** Deletes a group; its members stay in the organization. Throws UpstreamNotFound if it does not exist. */
export async function deleteGroup(
  client: WebexClient,
  context: CallContext,
  id: string,
): Promise<UpstreamCall> {
  return (
    await client.write('DELETE', `/groups/${encodeURIComponent(id)}`, {}, undefined, context, ['groups'])
  ).call;
}
