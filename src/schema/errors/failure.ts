import { randomUUID } from 'node:crypto';
import type { GatewayError } from '../../errors/gateway-error.ts';
import { SecretKeyMismatch, StoreUnavailable } from '../../errors/start.ts';
import { describeError } from '../../telemetry/error-facts.ts';
import type { Context } from '../base/context.ts';
import { type ErrorCode, type ErrorType, entryOf } from './table.ts';

/**
 * An error that a mutation answers with. It holds the error instead of being one, because graphql-js throws errors
 * that a resolver returns.
 */
export interface Failure {
  readonly error: GatewayError;
  readonly type: ErrorType;
  readonly code: ErrorCode;
  /** What a person reads. */
  readonly message: string;
  readonly retryable: boolean;
  /** Seconds. */
  readonly retryAfter: number | null;
  /** The connector that it is about; undefined if that is not known. */
  readonly connectorId: string | undefined;
}

/** What is known of an error beside itself. */
interface Circumstances {
  readonly connectorId?: string | undefined;
  /** Whether the same request may succeed later; by default what the error itself says. */
  readonly retryable?: boolean | undefined;
}

/**
 * The failure that a mutation answers with for an error; undefined for what ends the operation. Logs those of which
 * clients are told only that they happened.
 */
export function failureOf(
  error: unknown,
  { logger, caller }: Context,
  { connectorId, retryable }: Circumstances = {},
): Failure | undefined {
  const entry = entryOf(error);
  if (entry === undefined || !isGatewayError(error)) return undefined;
  const { type, code } = entry;
  return {
    error,
    ...{ type, code, connectorId },
    message: messageFor(error) ?? error.message,
    retryable: retryable ?? error.retryable,
    retryAfter: error.retryAfter ?? null,
  };

  function messageFor(cause: GatewayError): string | undefined {
    const isStore = cause instanceof StoreUnavailable;
    if (!isStore && !(cause instanceof SecretKeyMismatch)) return undefined;
    const errorId = randomUUID();
    const { requestId } = caller;
    const what = isStore ? 'the database does not answer' : 'a stored secret does not open';
    logger.error({ errorId, requestId, error: describeError(cause) }, what);
    return isStore
      ? 'The gateway cannot reach its database. Try again later.'
      : `The gateway cannot decrypt a secret that it has stored: a key is missing or wrong. Ask the operator. The log of the gateway has details under the id ${errorId}.`;
  }
}

function isGatewayError(error: unknown): error is GatewayError {
  return entryOf(error) !== undefined;
}
