import type { LimitFunction } from 'p-limit';
import { givenUp, type UpstreamCall } from '../../errors/upstream.ts';
import type { HttpResponse, RetryPolicy } from '../http/exchange.ts';
import type { Urgency } from '../http/lanes.ts';
import type { Lane, Meter } from '../http/meter.ts';
import type { WireObject } from './json.ts';

/** The caller of a call: its signal ends the call, and its meter counts the cost. */
export interface CallContext {
  readonly signal?: AbortSignal | undefined;
  readonly meter?: Meter | undefined;
  /** Default: interactive. */
  readonly lane?: Lane | Urgency | undefined;
  /** Bounds how many calls are under way at once. A call that waits here is not in the queue of the pool yet. */
  readonly limit?: LimitFunction | undefined;
  /** Asked when a write has its connection: false ends it with NotRecorded. Default: it may be sent. */
  readonly mayStart?: (() => boolean) | undefined;
  /** Default: retried if that is safe. */
  readonly retry?: RetryPolicy | undefined;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** What a read answers with. */
export interface RestAnswer {
  readonly body: WireObject;
  /**
   * The query string of the next page's address, without `?`; undefined on the last page. Throws UpstreamInvalid for a
   * link that cannot be read, or leads to another resource.
   */
  readonly next: string | undefined;
  readonly call: UpstreamCall;
  /** When the service answered, by its own clock, to the second; undefined if it did not say. */
  readonly at: Date | undefined;
}

export type WriteMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface WriteAnswer {
  /** Undefined if the answer had none. */
  readonly body: WireObject | undefined;
  readonly call: UpstreamCall;
}

/**
 * Makes a call once the context's limit leaves room for it. The wait goes to the meter, as a wait for a connection.
 * Throws what `call` throws, and what the context's signal was aborted with in the meantime.
 */
export async function inTurn<T>({ limit, signal, meter }: CallContext, call: () => Promise<T>): Promise<T> {
  if (limit === undefined) return call();
  const asked = performance.now();
  return limit(async () => {
    if (meter !== undefined) meter.queuedMs += Math.round(performance.now() - asked);
    if (signal?.aborted === true) throw givenUp(signal);
    return call();
  });
}

/**
 * The call that an answer belongs to.
 * @param service the service's name in sentences
 */
export function callOf(method: string, url: URL, response: HttpResponse, service: string): UpstreamCall {
  const { status, isRepeated, trackingId } = response;
  const repeated = isRepeated === true ? { isRepeated } : {};
  return { service, method, path: url.pathname, status, trackingId, ...repeated };
}

/** When the service answered, by its own clock; undefined if it does not say. */
export function dateOf(response: HttpResponse): Date | undefined {
  const ms = Date.parse(response.header('date') ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms);
}
