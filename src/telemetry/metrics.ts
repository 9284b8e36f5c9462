import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RequestEnding, SentRequest } from '../datasources/http/observer.ts';
import type { AnswerCost, Answered, OperationNotes } from './facts.ts';
import { addGauges, type Sources } from './gauges.ts';
import { StoreMetrics } from './store-metrics.ts';
import { SyncMetrics } from './sync-metrics.ts';

const SECOND = 1_000;
/** Seconds. */
const ANSWER_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const WAIT_BUCKETS = [0.001, 0.01, 0.1, 0.5, 1, 5, 15, 60, 300];

/** The mutations that change something in Webex. */
const CHANGES = [
  ...['createUser', 'createUsers', 'updateUser', 'updateUsers', 'deleteUser', 'deleteUsers'],
  ...['updateUserLicenses', 'updateUserRoles'],
  ...['createGroup', 'updateGroup', 'updateGroupMembers', 'deleteGroup'],
];
/** Outcomes and codes that need attention: their counters begin at 0. */
const BAD_OUTCOMES = ['UNKNOWN', 'PARTIALLY_APPLIED', 'UNDONE'];
const BAD_CODES = ['INTERNAL', 'STORE_UNAVAILABLE', 'SECRET_UNREADABLE'];

/** How renewing an access token went: the grant may be refused for good, anything else is tried again. */
export type RefreshOutcome = 'renewed' | 'refused' | 'failed';

/**
 * What the gateway measures, in the form that Prometheus reads. Labels are taken from short lists of our own, or are
 * names of connectors, and go when the connector does; nothing else that a client chooses becomes one. docs/metrics.md
 * says what each is for.
 */
export class Metrics {
  readonly #registry = new Registry();
  /** Of the database. */
  readonly store = new StoreMetrics(this.#registry);
  /** Of synchronization. */
  readonly sync = new SyncMetrics(this.#registry);
  readonly #answers = this.#histogram(
    'http_request_duration_seconds',
    'Time until a client was answered, in seconds.',
    ['route', 'status', 'operation'],
    ANSWER_BUCKETS,
  );
  readonly #inProgress = new Gauge({
    name: 'webex_gateway_http_requests_in_progress',
    help: 'Requests of clients that are being answered.',
    registers: [this.#registry],
  });
  readonly #errors = this.#counter('errors_total', 'Errors in answers to clients.', ['code']);
  readonly #upstream = this.#counter('upstream_requests_total', 'Requests to Webex that have ended.', [
    'connector',
    'route',
    'status',
  ]);
  readonly #upstreamSeconds = this.#histogram(
    'upstream_request_duration_seconds',
    'Time from sending a request to Webex until its end, in seconds.',
    ['route', 'status'],
    ANSWER_BUCKETS,
  );
  readonly #waited = this.#histogram(
    'upstream_queue_seconds',
    'Time that a request to Webex waited for its turn, pauses included, in seconds.',
    ['connector', 'lane'],
    WAIT_BUCKETS,
  );
  readonly #retries = this.#counter(
    'upstream_retries_total',
    'Requests to Webex that repeated a failed one.',
    ['connector'],
  );
  readonly #shared = this.#counter(
    'upstream_shared_total',
    'Reads that were answered by a request of another client.',
  );
  readonly #batched = this.#counter(
    'upstream_batched_keys_total',
    'Objects that were read together with others.',
  );
  readonly #catalogues = this.#counter(
    'catalogue_reads_total',
    'Reads of licenses, roles, memberships and the organization, from memory or from Webex.',
    ['source'],
  );
  readonly #refreshes = this.#counter('token_refreshes_total', 'Renewals of access tokens.', [
    'connector',
    'outcome',
  ]);
  readonly #changes = this.#counter('changes_total', 'Changes that were asked for.', [
    'operation',
    'outcome',
  ]);
  readonly #looks = this.#counter(
    'second_looks_total',
    'Looks at records that a late write may have changed.',
    ['outcome'],
  );

  #look: ReturnType<typeof addGauges> = () => Promise.resolve(undefined);

  constructor() {
    // A series that begins with its first event hides that one from what looks at the growth.
    for (const operation of CHANGES) {
      for (const outcome of BAD_OUTCOMES) this.#changes.inc({ operation, outcome }, 0);
    }
    for (const code of BAD_CODES) this.#errors.inc({ code }, 0);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The current values, as Prometheus reads them. */
  async read(): Promise<string> {
    const standings = await this.#look();
    if (standings !== undefined) await this.#forgetOthers(new Set(standings.map((each) => each.connector)));
    return this.#registry.metrics();
  }

  /** Adds what is asked for at each reading. Call it once. */
  watch(sources: Sources): void {
    this.#look = addGauges(this.#registry, sources);
  }

  /** Adds memory, event loop and the like of this process, which from then on are measured until it ends. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** A request of a client has come; to be called again with what became of it. */
  asked(): (answered: Answered, notes: OperationNotes, cost: AnswerCost) => void {
    this.#inProgress.inc();
    return ({ route, status, durationMs }, { operationType = 'none', errorCodes = [] }, cost) => {
      this.#inProgress.dec();
      const labels = { route, status: classOf(status), operation: operationType };
      this.#answers.observe(labels, durationMs / SECOND);
      for (const code of errorCodes) this.#errors.inc({ code });
      if (cost.shared > 0) this.#shared.inc(cost.shared);
      if (cost.batchedKeys > 0) this.#batched.inc(cost.batchedKeys);
      if (cost.cacheHits > 0) this.#catalogues.inc({ source: 'memory' }, cost.cacheHits);
      if (cost.catalogueLoads > 0) this.#catalogues.inc({ source: 'webex' }, cost.catalogueLoads);
    };
  }

  /** A request to Webex is sent; to be called again when it has ended. */
  sent(
    connector: string,
    { method, route, attempt, waitedMs, lane }: SentRequest,
  ): (ending: RequestEnding) => void {
    const began = performance.now();
    if (attempt > 1) this.#retries.inc({ connector });
    this.#waited.observe({ connector, lane }, waitedMs / SECOND);
    return ({ status, failure }) => {
      const kind = `${method} ${route}`;
      const came = status === undefined ? withoutAnswer(failure) : String(status);
      this.#upstream.inc({ connector, route: kind, status: came });
      const seconds = (performance.now() - began) / SECOND;
      this.#upstreamSeconds.observe(
        { route: kind, status: status === undefined ? came : classOf(status) },
        seconds,
      );
    };
  }

  /** An access token was to be renewed. */
  refreshed(connector: string, outcome: RefreshOutcome): void {
    this.#refreshes.inc({ connector, outcome });
  }

  /**
   * A change has come to its end.
   * @param operation the mutation, as `updateUser`
   * @param outcome as in the audit trail
   */
  changed(operation: string, outcome: string): void {
    this.#changes.inc({ operation, outcome });
  }

  /** A record that a late write may have changed was checked: the acknowledged change is there, or was undone. */
  lookedAgain(outcome: 'kept' | 'undone' | 'failed'): void {
    this.#looks.inc({ outcome });
  }

  /** Connectors come and go, and so do the names that clients give them. */
  async #forgetOthers(names: ReadonlySet<string>): Promise<void> {
    for (const metric of [this.#upstream, this.#waited, this.#retries, this.#refreshes]) {
      for (const { labels } of (await metric.get()).values) {
        const isGone = labels.connector !== undefined && !names.has(String(labels.connector));
        // A histogram's own labels are those of its sum.
        if (isGone && !('le' in labels)) metric.remove({ ...labels });
      }
    }
  }

  #counter<Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) {
    return new Counter({ name: `webex_gateway_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: number[],
  ) {
    return new Histogram({
      name: `webex_gateway_${name}`,
      help,
      labelNames,
      buckets,
      registers: [this.#registry],
    });
  }
}

/** As `2xx`. */
function classOf(status: number): string {
  return `${Math.floor(status / 100)}xx`;
}

/** Why there is no status. */
function withoutAnswer(failure: string | undefined): string {
  if (failure === 'UPSTREAM_TIMEOUT') return 'timeout';
  if (failure === 'UPSTREAM_UNAVAILABLE') return 'unreachable';
  return failure === 'ABANDONED' || failure === 'DEADLINE_EXCEEDED' ? 'abandoned' : 'failed';
}
