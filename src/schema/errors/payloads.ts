import type { Context } from '../base/context.ts';
import { type Failure, failureOf } from './failure.ts';

/**
 * For the definition of a mutation: what it answers with if it fails as a whole, so that it costs no other mutation of
 * the request its answer. Limits, deadlines and bugs end the field all the same.
 */
export function failsAs<Payload extends object>(toPayload: (failure: Failure) => Payload) {
  return (error: unknown, context: Context): Payload => {
    const failure = failureOf(error, context);
    if (failure === undefined) throw error;
    return toPayload(failure);
  };
}
