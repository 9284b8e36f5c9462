import type { RequestEnding, SentRequest } from '../datasources/http/observer.ts';
import type { OperationNotes } from './facts.ts';
import { Metrics } from './metrics.ts';
import type { Tracing } from './tracing.ts';

/** What a gateway tells of itself beside its log: metrics always, traces if they are wanted. */
export class Telemetry {
  readonly metrics = new Metrics();
  readonly #tracing: Tracing | undefined;

  /** @param tracing absent: no spans are made, and none cost anything */
  constructor(tracing?: Tracing) {
    this.#tracing = tracing;
  }

  /**
   * Does the work of one operation, in a span of its own.
   * @param traceparent the caller's header of that name
   * @param notes are read when the work is done
   */
  operation<Answer extends { readonly status: number }>(
    traceparent: string | undefined,
    notes: OperationNotes,
    work: () => Promise<Answer>,
  ): Promise<Answer> {
    return this.#tracing === undefined ? work() : this.#tracing.operation(traceparent, notes, work);
  }

  /** A connector's request to Webex is sent; to be called again when it has ended. */
  sent(connector: string, request: SentRequest): (ending: RequestEnding) => void {
    return both(this.metrics.sent(connector, request), this.#tracing?.sent(connector, request));
  }

  /**
   * A query goes to the database; to be called again with whether it failed.
   * @param sql with placeholders, never with values
   */
  queried(sql: string): (failed: boolean) => void {
    return both(this.metrics.store.queried(sql), this.#tracing?.queried(sql));
  }

  /** Sends the spans that were not sent yet. */
  async close(): Promise<void> {
    await this.#tracing?.close();
  }
}

function both<T>(first: (what: T) => void, second: ((what: T) => void) | undefined): (what: T) => void {
  if (second === undefined) return first;
  return (what) => {
    first(what);
    second(what);
  };
}
