import { EmailTaken, OutcomeUnknown, PartiallyApplied } from '../../errors/changes.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { NameTaken, NotFound } from '../../errors/request.ts';
import { OtherOrganization } from '../../errors/upstream.ts';

/** Whether an error tells that nothing sent before can be made either: the address, the name, or the record stands against it. */
export function isDecisive(error: unknown): boolean {
  return error instanceof EmailTaken || error instanceof NameTaken || error instanceof NotFound;
}

/** What an error says became of the change that it ended. */
export function outcomeOf(error: unknown): 'PARTIALLY_APPLIED' | 'UNKNOWN' | 'NOT_APPLIED' {
  if (error instanceof PartiallyApplied) return 'PARTIALLY_APPLIED';
  // It was done, but not where it was meant.
  if (error instanceof OtherOrganization && error.call.method !== 'GET') return 'PARTIALLY_APPLIED';
  // A bug may have struck before or after Webex did it.
  if (error instanceof OutcomeUnknown || !(error instanceof GatewayError)) return 'UNKNOWN';
  return 'NOT_APPLIED';
}
