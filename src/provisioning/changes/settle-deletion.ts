import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenOrganization } from '../../connectors/organizations.ts';
import { isUndecided, isUnreadableSuccess } from '../../datasources/webex/failures.ts';
import { OutcomeUnknown } from '../../errors/changes.ts';
import { type UpstreamCall, UpstreamInvalid, UpstreamNotFound } from '../../errors/upstream.ts';
import type { Notes } from './notes.ts';
import { type Reply, replyTo, unseen } from './reply.ts';

/** How long to wait before each further look, in milliseconds: a deleted record may still be shown for a moment. */
const FURTHER_LOOKS_MS = [250, 750];

/**
 * Deletes a record and finds out whether it is gone. What can be seen counts, not what was answered.
 * @param send asks Webex to delete it
 * @param read what is there now; null if it is gone
 * Throws OutcomeUnknown, or Webex's failure if the record is still there.
 */
export async function settleDeletion(
  { connector }: OpenOrganization,
  notes: Notes,
  send: () => Promise<UpstreamCall>,
  read: () => Promise<object | null>,
): Promise<void> {
  const reply = await replyTo(async () => ({ call: await send() }), notes);
  const look = () => read().catch(() => undefined);
  let left = await look();
  for (const wait of mayBeGone(reply) ? FURTHER_LOOKS_MS : []) {
    if (left === null) return;
    await sleep(wait);
    left = await look();
  }
  if (left === null) return;
  if (left === undefined) throw unseen(connector.id, reply);
  const { failure, call } = reply;
  // A record that is shown although Webex accepted to delete it may disappear later.
  if (failure === undefined || isUnreadableSuccess(failure) || isUndecided(failure))
    throw new OutcomeUnknown(connector.id, left, call);
  throw failure;
}

/** Whether the answer is compatible with a deletion that was made. */
function mayBeGone({ failure }: Reply): boolean {
  return failure === undefined || failure instanceof UpstreamNotFound || failure instanceof UpstreamInvalid;
}
