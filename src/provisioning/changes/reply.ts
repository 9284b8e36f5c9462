import { wasNotCarriedOut, wasNotSent } from '../../datasources/webex/failures.ts';
import { OutcomeUnknown } from '../../errors/changes.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { UpstreamCall } from '../../errors/upstream.ts';
import type { Notes } from './notes.ts';
import { callBehind } from './verdict.ts';

/** What Webex said to a change that it may have carried out, as far as it said anything. */
export interface Reply<Answer = unknown> {
  /** Undefined if it failed. */
  readonly answer?: Answer;
  readonly failure?: GatewayError;
  readonly call: UpstreamCall | undefined;
}

/** Sends a change, once. Throws the failure if the change is known not to have been sent. */
export async function replyTo<Answer extends { readonly call: UpstreamCall }>(
  send: () => Promise<Answer>,
  notes: Notes,
): Promise<Reply<Answer>> {
  try {
    const answer = await send();
    notes.called(answer.call);
    return { answer, call: answer.call };
  } catch (error) {
    const call = callBehind(error);
    notes.failed(error);
    if (!(error instanceof GatewayError) || wasNotSent(error)) throw error;
    return { failure: error, call };
  }
}

/**
 * The error for a change whose record could not be read afterwards: Webex's refusal, if it says that nothing was
 * carried out; otherwise OutcomeUnknown.
 */
export function unseen(connectorId: string, { failure, call }: Reply): GatewayError {
  return failure !== undefined && wasNotCarriedOut(failure)
    ? failure
    : new OutcomeUnknown(connectorId, null, call);
}
