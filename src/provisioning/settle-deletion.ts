import { isUndecided, wasNotCarriedOut } from '../datasources/webex/failures.ts';
import { GatewayError, OutcomeUnknown, type UpstreamCall, UpstreamNotFound } from '../errors.ts';
import type { Workplace } from './attempt.ts';
import type { Notes } from './step.ts';
import { callBehind } from './verdict.ts';

/**
 * Deletes something and finds out whether it is gone.
 * @param send asks Webex to delete it
 * @param read what is there now; null where it is gone
 * Throws OutcomeUnknown, or Webex's failure where it is still there.
 */
export async function settleDeletion(
  { connector }: Workplace,
  notes: Notes,
  send: () => Promise<UpstreamCall>,
  read: () => Promise<object | null>,
): Promise<void> {
  try {
    notes.called(await send());
  } catch (error) {
    notes.called(callBehind(error));
    if (error instanceof UpstreamNotFound) return;
    if (!(error instanceof GatewayError) || wasNotCarriedOut(error)) throw error;
    const left = await read().catch(() => undefined);
    if (left === null) return;
    const isUnknown = left === undefined || isUndecided(error);
    throw isUnknown ? new OutcomeUnknown(connector.id, left ?? null, callBehind(error)) : error;
  }
}
