import type { Meter } from '../../datasources/http/meter.ts';
import type { OperationCost } from '../request-log.ts';
import { type CallReport, reportCall } from './call-report.ts';

/** What an answer took of Webex, as clients see it under extensions.webex. */
export interface CostReport {
  readonly requests: number;
  readonly batchedKeys: number;
  readonly cacheHits: number;
  readonly shared: number;
  readonly retries: number;
  readonly queuedMs: number;
  readonly throttledMs: number;
  /** Records that Webex sent without an id, and that lists of this answer do not show; absent if there are none. */
  readonly recordsLeftOut?: number;
  /** Requests that it was expected to take at most; absent if it was refused before that was known. */
  readonly estimate?: number;
  /** Absent if nobody asked for them. */
  readonly calls?: readonly CallReport[];
}

/**
 * Sums up what was metered.
 * @param estimate requests expected, if that is known
 */
export function reportCost(meter: Meter, estimate?: number): CostReport {
  return {
    ...countsOf(meter),
    ...(meter.recordsLeftOut === 0 ? {} : { recordsLeftOut: meter.recordsLeftOut }),
    ...(estimate === undefined ? {} : { estimate }),
    ...(meter.calls === undefined ? {} : { calls: meter.calls.map(reportCall) }),
  };
}

/** What an answer was expected to hold, as clients see it under extensions.result. */
export function reportResult({ values, bytes }: OperationCost) {
  return { estimatedValues: values, estimatedBytes: bytes };
}

/** What an answer took of Webex as response headers, for scripts: name and value. */
export function costHeaders(meter: Meter): readonly (readonly [name: string, value: string])[] {
  const counts = countsOf(meter);
  return [
    ['Webex-Requests', String(counts.requests)],
    ['Webex-Batched-Keys', String(counts.batchedKeys)],
    ['Webex-Cache-Hits', String(counts.cacheHits)],
    ['Webex-Shared', String(counts.shared)],
    ['Webex-Retries', String(counts.retries)],
    ['Webex-Queued-Ms', String(counts.queuedMs)],
    ['Webex-Throttled-Ms', String(counts.throttledMs)],
  ];
}

function countsOf({ requests, batchedKeys, cacheHits, shared, retries, queuedMs, throttledMs }: Meter) {
  return { requests, batchedKeys, cacheHits, shared, retries, queuedMs, throttledMs };
}
