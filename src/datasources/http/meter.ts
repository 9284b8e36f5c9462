/** The priority of a request: interactive, or background work that lets interactive requests go first. */
export type Lane = 'interactive' | 'background';

/** One request to the upstream, for the report of what an answer took. */
export interface CallRecord {
  readonly method: string;
  readonly url: URL;
  /** Undefined if no answer came, or none so far. */
  status: number | undefined;
  /** When it was sent, by `performance.now()`: waiting not included. */
  readonly sentAt: number;
  /** Milliseconds from then to its end; undefined while it is under way. */
  durationMs: number | undefined;
  /** The upstream's id of the request. */
  trackingId: string | undefined;
  /** Whether another GraphQL request had sent it, and this one only waited for the same answer. */
  readonly shared: boolean;
}

/** What a piece of work costs upstream. One is made for each GraphQL request. */
export interface Meter {
  /** Requests sent, repeated ones included. */
  requests: number;
  retries: number;
  /** Requests of others whose answer served here too. */
  shared: number;
  /** Objects asked for by id that went into a request together with others. */
  batchedKeys: number;
  /** Reads of a catalogue that was kept from before. */
  cacheHits: number;
  /** Reads of a catalogue from the upstream, as none was kept. */
  catalogueLoads: number;
  /** Whole milliseconds that requests waited for a connection, added up; they wait side by side. */
  queuedMs: number;
  /** Whole milliseconds that requests waited because of a pause the upstream had asked for, or paced after one, added up. */
  throttledMs: number;
  /** Records that were left out of lists because the upstream sent them without an id. */
  recordsLeftOut: number;
  /** Every request, including those under way; undefined if no list was requested. */
  readonly calls: CallRecord[] | undefined;
}

/**
 * Records a request that is sent at this moment, if `meter` keeps a list.
 * @param shared whether another GraphQL request sends it
 * @returns to be called when it has ended, with what came back
 */
export function beginCall(
  meter: Meter | undefined,
  { method, url }: Pick<CallRecord, 'method' | 'url'>,
  shared = false,
): (status?: number, trackingId?: string) => void {
  const sentAt = performance.now();
  const call: CallRecord = {
    method,
    url,
    status: undefined,
    sentAt,
    durationMs: undefined,
    trackingId: undefined,
    shared,
  };
  meter?.calls?.push(call);
  return (status, trackingId) => {
    call.status = status;
    call.durationMs = performance.now() - sentAt;
    call.trackingId = trackingId;
  };
}

/**
 * A meter at zero.
 * @param keepsCalls whether each request is recorded, not only their number
 */
export function createMeter(keepsCalls = false): Meter {
  return {
    requests: 0,
    retries: 0,
    shared: 0,
    batchedKeys: 0,
    cacheHits: 0,
    catalogueLoads: 0,
    queuedMs: 0,
    throttledMs: 0,
    recordsLeftOut: 0,
    calls: keepsCalls ? [] : undefined,
  };
}
