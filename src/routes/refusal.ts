import type { Context } from 'hono';
import { costHeaders, reportCost } from './cost-report.ts';
import type { AppEnvironment } from './request-log.ts';

/**
 * Answers where there is no operation, in the shape of a GraphQL answer with what it took; the log gets the code.
 * @param facts what clients may go by, beside the code
 */
export function refuse(
  c: Context<AppEnvironment>,
  status: 400 | 401 | 403 | 413 | 415 | 421 | 429 | 500 | 503,
  code: string,
  message: string,
  facts: object = {},
): Response {
  const { notes } = c.var;
  notes.errorCodes = [code];
  for (const [name, value] of costHeaders(notes.meter)) c.header(name, value);
  const errors = [{ message, extensions: { code, ...facts } }];
  return c.json({ errors, extensions: { webex: reportCost(notes.meter) } }, status);
}
