import { randomUUID } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { Principal } from '../access/principal.ts';
import { createMeter, type Meter } from '../datasources/http/meter.ts';
import type { OperationType } from '../telemetry/facts.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Reservation, Sender } from './graphql/memory-budget.ts';

/** What an operation was expected to cost. */
export interface OperationCost {
  /** Requests to Webex. */
  readonly requests: number;
  /** Objects and scalars of its answer. */
  readonly values: number;
  /** Memory for its answer. */
  readonly bytes: number;
}

/** What is put down about one request while it is answered. */
export interface RequestNotes {
  readonly requestId: string;
  /** Who calls; undefined if nobody has asked, or was let in. */
  principal?: Principal;
  /** What the request costs upstream. */
  meter: Meter;
  /** What the operation was expected to cost; undefined if that is not known. */
  estimate?: OperationCost | undefined;
  /** The memory that is reserved for the answer; undefined if none was reserved yet. */
  result?: Reservation | undefined;
  /** What kind of GraphQL operation it is; undefined for other requests. */
  operationType?: OperationType | undefined;
  /** Name of the GraphQL operation; undefined if it has no name, or for other requests. */
  operation?: string | undefined;
  /** Resolves when nothing is done for the request any more; undefined if nothing outlives its answer. */
  settled?: Promise<unknown>;
  /** Codes of the errors that a GraphQL answer holds. */
  errorCodes?: readonly string[] | undefined;
}

export interface AppEnvironment {
  readonly Variables: { readonly notes: RequestNotes };
  /** What the server adds to a request; nothing if there is no server. */
  readonly Bindings: { readonly outgoing?: Sender };
}

/** Writes one line for each request, and measures it: what it was, how long it took, what it cost upstream. Never a query string. */
export function logRequests(logger: Logger, metrics: Metrics): MiddlewareHandler<AppEnvironment> {
  return async (c, next) => {
    const notes: RequestNotes = { requestId: randomUUID(), meter: createMeter() };
    c.set('notes', notes);
    const began = performance.now();
    const answered = metrics.asked();
    await next();
    // Not by c.header, which builds a new answer with a stream as its body.
    c.res.headers.set('X-Request-Id', notes.requestId);
    const probe = c.req.path === '/health' || c.req.path === '/ready';
    const durationMs = performance.now() - began;
    const { status } = c.res;
    answered({ route: routeOf(c), status, durationMs }, notes, notes.meter);
    const line = {
      requestId: notes.requestId,
      caller: notes.principal?.actor,
      method: c.req.method,
      path: c.req.path,
      status,
      durationMs: Math.round(durationMs),
      operation: notes.operation,
      errors: notes.errorCodes,
      ...costForLog(notes),
    };
    if (probe) logger.debug(line, 'request');
    else logger.info(line, 'request');
  };
}

/** The pattern that the request's path fits, as it is written where it is served. */
function routeOf(c: Context<AppEnvironment>): string {
  const path = matchedRoutes(c).at(-1)?.path;
  // All that is left is what every request goes through.
  return path === undefined || path === '*' || path === '/*' ? 'other' : path;
}

/** Times in milliseconds. */
function costForLog({ meter, estimate }: RequestNotes) {
  return {
    upstreamRequests: meter.requests,
    upstreamRetries: meter.retries,
    upstreamEstimate: estimate?.requests,
    upstreamShared: meter.shared,
    upstreamBatchedKeys: meter.batchedKeys,
    upstreamCacheHits: meter.cacheHits,
    upstreamQueuedMs: meter.queuedMs,
    upstreamThrottledMs: meter.throttledMs,
    upstreamRecordsLeftOut: meter.recordsLeftOut === 0 ? undefined : meter.recordsLeftOut,
  };
}
