import type { Context } from 'hono';
import type {
  TooManyChanges,
  TooManyOperations,
  TooManyRequests,
  TooMuchUnderWay,
} from '../../errors/limits.ts';
import { costHeaders, reportCost } from '../graphql/cost-report.ts';
import type { AppEnvironment } from '../request-log.ts';

/**
 * Answers requests without an operation, in the shape of a GraphQL answer with what it took; the log gets the code.
 * @param facts what clients may go by, beside the code
 */
export function refuse(
  c: Context<AppEnvironment>,
  status: 400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 421 | 422 | 429 | 500 | 503,
  code: string,
  message: string,
  facts: object = {},
): Response {
  const { notes } = c.var;
  notes.errorCodes = [code];
  for (const [name, value] of costHeaders(notes.meter)) c.header(name, value);
  const errors = [{ message, extensions: { code, retryable: false, ...facts } }];
  return c.json({ errors, extensions: { webex: reportCost(notes.meter) } }, status);
}

/** What may go through later, unchanged. */
type RefusedForNow = TooManyChanges | TooManyOperations | TooManyRequests | TooMuchUnderWay;

/** The status for a caller who asks for too much, or for a gateway that has too much to do. */
export function statusOf(error: RefusedForNow): 429 | 503 {
  return error.code === 'TOO_MUCH_UNDER_WAY' && error.share === 'gateway' ? 503 : 429;
}

/** Answers with the time after which the same request may go through. */
export function refuseForNow(c: Context<AppEnvironment>, error: RefusedForNow): Response {
  c.header('Retry-After', String(error.retryAfter));
  return refuse(c, statusOf(error), error.code, error.message, error.facts());
}
