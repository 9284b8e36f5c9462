import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { statementOf } from './facts.ts';

const SECOND = 1_000;
/** Seconds. */
const QUERY_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** What is measured of the database. */
export class StoreMetrics {
  readonly #audits: Counter<'stage' | 'outcome'>;
  readonly #recordable: Gauge;
  readonly #waiting: Gauge;
  readonly #locks: Counter;
  readonly #lost: Gauge;
  readonly #queries: Histogram<'statement' | 'outcome'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#audits = new Counter({
      name: 'webex_gateway_audit_writes_total',
      help: 'Writes to the audit trail.',
      labelNames: ['stage', 'outcome'],
      registers,
    });
    this.#recordable = new Gauge({
      name: 'webex_gateway_changes_recordable',
      help: '1 while changes can be recorded, 0 while the database refuses to be written to.',
      registers,
    });
    this.#waiting = new Gauge({
      name: 'webex_gateway_audit_writes_waiting',
      help: 'Writes to the audit trail that failed and are kept in memory until the database takes them.',
      registers,
    });
    this.#locks = new Counter({
      name: 'webex_gateway_lock_sessions_lost_total',
      help: 'Times that the connection to the database was lost that holds the locks of this process.',
      registers,
    });
    this.#lost = new Gauge({
      name: 'webex_gateway_recovery_lost_bytes',
      help: 'Bytes of acknowledged writes that were missing when the embedded database was recovered at the start.',
      registers,
    });
    this.#queries = new Histogram({
      name: 'webex_gateway_store_query_duration_seconds',
      help: 'Time that a query to the database took, in seconds.',
      labelNames: ['statement', 'outcome'],
      buckets: QUERY_BUCKETS,
      registers,
    });
    // A series that begins with its first event hides that one from what looks at the growth.
    for (const stage of ['begin', 'complete']) {
      for (const outcome of ['written', 'failed']) this.#audits.inc({ stage, outcome }, 0);
    }
    this.recordable(true);
  }

  /** A query goes to the database; to be called again when it has ended. */
  queried(sql: string): (failed: boolean) => void {
    const began = performance.now();
    return (failed) => {
      const labels = { statement: statementOf(sql), outcome: failed ? 'failed' : 'done' };
      this.#queries.observe(labels, (performance.now() - began) / SECOND);
    };
  }

  /** Something was to be written to the audit trail: that a change begins, or what became of it. */
  audited(stage: 'begin' | 'complete', outcome: 'written' | 'failed'): void {
    this.#audits.inc({ stage, outcome });
  }

  /** Whether changes can be recorded. */
  recordable(isRecordable: boolean): void {
    this.#recordable.set(isRecordable ? 1 : 0);
  }

  /** How many writes to the audit trail are kept until the database takes them. */
  waiting(writes: number): void {
    this.#waiting.set(writes);
  }

  /** How many bytes of acknowledged writes were missing after a recovery. */
  recovered(bytesLost: number): void {
    this.#lost.set(bytesLost);
  }

  /** The locks of this process are gone, as their session has ended. */
  locksLost(): void {
    this.#locks.inc();
  }
}
