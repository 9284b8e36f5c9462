import { GatewayError } from '../../errors/gateway-error.ts';
import type { HttpRequest } from './exchange.ts';
import { laneOf } from './lanes.ts';
import { beginCall, type Lane, type Meter } from './meter.ts';

/** A request at the moment when it is sent. Nothing here names a record or holds a value of the query. */
export interface SentRequest {
  readonly method: string;
  readonly host: string;
  /** Which kind of request it is, as `/people/:id`; `other` if it is unknown. */
  readonly route: string;
  /** 1 for the first time, more for a repetition. */
  readonly attempt: number;
  /** Milliseconds that it waited for its turn, pauses included. */
  readonly waitedMs: number;
  readonly lane: Lane;
}

/** What a request has been through when it is sent. */
export type Sending = Pick<SentRequest, 'attempt' | 'waitedMs'>;

/** What became of it. */
export interface RequestEnding {
  /** Undefined if no answer came. */
  readonly status: number | undefined;
  /** The upstream's id of the request. */
  readonly trackingId: string | undefined;
  /** The code of the error that ended it instead. */
  readonly failure: string | undefined;
}

/**
 * Called for each request when it is sent. The function that it returns is called when the request has ended. If it throws
 * at the beginning, the request is not sent; if it throws at the end, the answer is used all the same.
 */
export type HttpObserver = (sent: SentRequest) => (ending: RequestEnding) => void;

/** What observes a client. */
export interface HttpListeners {
  /**
   * Called for each pause that a 429 to this client begins or makes longer, with its milliseconds, so that others who
   * share the limit can be told (`HttpClient.pauseFor`).
   */
  readonly onThrottled?: ((milliseconds: number) => void) | undefined;
  readonly observe?: HttpObserver | undefined;
}

/**
 * Counts a request for its meter and calls the observer, at the moment when it is sent.
 * @returns to be called when it has ended, with what came back: an answer or an error
 */
export function beginObserved(
  request: HttpRequest,
  facts: Sending,
  meter: Meter | undefined,
  observe: HttpObserver | undefined,
): (status: number | undefined, trackingId?: string, error?: unknown) => void {
  const metered = beginCall(meter, request);
  const { method, url, route = 'other', lane } = request;
  const observed = observe?.({ ...facts, method, host: url.hostname, route, lane: laneOf(lane) });
  return (status, trackingId, error) => {
    metered(status, trackingId);
    const failure = error instanceof GatewayError ? error.code : undefined;
    try {
      observed?.({ status, trackingId, failure: failure ?? (error === undefined ? undefined : 'INTERNAL') });
    } catch {
      // The upstream has answered, perhaps to a write, and nothing that watches may take that away.
    }
  };
}
