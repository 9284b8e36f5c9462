import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { Meter } from '../datasources/http/client.ts';
import type { Logger } from '../telemetry/logger.ts';

/** What is put down about one request while it is answered. */
export interface RequestNotes {
  readonly requestId: string;
  readonly meter: Meter;
  /** Name of the GraphQL operation; undefined where it has none, or where there is none. */
  operation?: string | undefined;
  /** Codes of the errors that a GraphQL answer holds. */
  errorCodes?: readonly string[] | undefined;
}

export interface AppEnvironment {
  readonly Variables: { readonly notes: RequestNotes };
}

/** Writes one line for each request: what it was, how long it took, what it cost upstream. Never a query string. */
export function logRequests(logger: Logger): MiddlewareHandler<AppEnvironment> {
  return async (c, next) => {
    const notes: RequestNotes = { requestId: randomUUID(), meter: { requests: 0, retries: 0 } };
    c.set('notes', notes);
    const began = performance.now();
    await next();
    c.header('X-Request-Id', notes.requestId);
    const probe = c.req.path === '/health' || c.req.path === '/ready';
    const line = {
      requestId: notes.requestId,
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      durationMs: Math.round(performance.now() - began),
      operation: notes.operation,
      errors: notes.errorCodes,
      upstreamRequests: notes.meter.requests,
      upstreamRetries: notes.meter.retries,
    };
    if (probe) logger.debug(line, 'request');
    else logger.info(line, 'request');
  };
}
