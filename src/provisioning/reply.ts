import { wasNotCarriedOut } from '../datasources/webex/failures.ts';
import { GatewayError, type UpstreamCall } from '../errors.ts';
import type { Notes } from './step.ts';
import { callBehind } from './verdict.ts';

/** What Webex said to a change that it may have carried out, as far as it said anything. */
export interface Reply<Answer = unknown> {
  /** Undefined where it failed. */
  readonly answer?: Answer;
  readonly failure?: GatewayError;
  readonly call: UpstreamCall | undefined;
}

/** Sends a change, once. Throws a failure of which it is known that nothing was done. */
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
    notes.called(call);
    if (!(error instanceof GatewayError) || wasNotCarriedOut(error)) throw error;
    return { failure: error, call };
  }
}
