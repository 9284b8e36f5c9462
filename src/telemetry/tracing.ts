import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { RequestEnding, SentRequest } from '../datasources/http/observer.ts';
import { type OperationNotes, statementOf } from './facts.ts';
import type { Logger } from './logger.ts';

export interface TracingOptions {
  /** Where the collector takes OTLP over HTTP, without `/v1/traces`. */
  readonly endpoint: string;
  readonly serviceName: string;
  readonly logger: Logger;
}

/** Of a statement; that of a large batch is thousands of placeholders. */
const LONGEST_ATTRIBUTE = 1_000;
const LONGEST_NAME = 64;
/** How long spans may take to reach the collector, repetitions included, in milliseconds: stopping waits for the last. */
const DELIVERY_MS = 5_000;

/**
 * Spans of operations, of their requests to Webex and of their queries to the database, sent to a collector. A span
 * holds what is listed here: no query string, no body, no id of a record, no value of a query. Nothing is registered
 * globally, and no trace header is sent to Webex.
 */
export class Tracing {
  readonly #provider: TracerProvider;
  readonly #contexts = new AsyncLocalStorageContextManager();
  readonly #tracer: ReturnType<TracerProvider['getTracer']>;

  constructor({ endpoint, serviceName, logger }: TracingOptions) {
    const { href: url } = new URL('v1/traces', endpoint.endsWith('/') ? endpoint : `${endpoint}/`);
    const exporter = new OTLPTraceExporter({ url, timeoutMillis: DELIVERY_MS });
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': serviceName }),
      spanLimits: { attributeValueLengthLimit: LONGEST_ATTRIBUTE },
      spanProcessors: [new BatchSpanProcessor({ exporter: complaining(exporter, logger) })],
    });
    this.#tracer = this.#provider.getTracer('webex-gateway');
  }

  /**
   * Does the work of one operation; what it sends and asks in the meantime becomes children of its span.
   * @param traceparent the header of that name (W3C Trace Context); if it is not valid, a trace begins here
   * @param notes are read when the work is done
   */
  async operation<Answer extends { readonly status: number }>(
    traceparent: string | undefined,
    notes: OperationNotes,
    work: () => Promise<Answer>,
  ): Promise<Answer> {
    const parent = readTraceparent(traceparent);
    const span = this.#tracer.startSpan('graphql', { kind: SpanKind.SERVER }, parent);
    try {
      const answer = await this.#contexts.with(trace.setSpan(parent, span), work);
      span.setAttribute('http.response.status_code', answer.status);
      return answer;
    } finally {
      describeOperation(span, notes);
      span.end();
    }
  }

  /** A request to Webex is sent; to be called again when it has ended. */
  sent(connector: string, request: SentRequest): (ending: RequestEnding) => void {
    const { method, host, route, attempt, waitedMs } = request;
    const attributes = {
      'http.request.method': method,
      'http.request.resend_count': attempt - 1,
      'server.address': host,
      'url.template': route,
      'webex_gateway.connector': connector,
      'webex_gateway.queued_ms': Math.round(waitedMs),
    };
    const kind = SpanKind.CLIENT;
    const span = this.#tracer.startSpan(`${method} ${route}`, { kind, attributes }, this.#contexts.active());
    return ({ status, trackingId, failure }) => {
      if (status !== undefined) span.setAttribute('http.response.status_code', status);
      if (trackingId !== undefined) span.setAttribute('webex.tracking_id', trackingId);
      const error = failure ?? (status !== undefined && status >= 400 ? String(status) : undefined);
      if (error !== undefined) fail(span, error);
      span.end();
    };
  }

  /** A query goes to the database; to be called again when it has ended. Queries outside of operations are no traces. */
  queried(sql: string): (failed: boolean) => void {
    const active = this.#contexts.active();
    if (trace.getSpan(active) === undefined) return () => undefined;
    const operation = statementOf(sql);
    const attributes = {
      'db.system.name': 'postgresql',
      'db.operation.name': operation,
      'db.query.text': sql,
    };
    const span = this.#tracer.startSpan(
      `database ${operation}`,
      { kind: SpanKind.CLIENT, attributes },
      active,
    );
    return (failed) => {
      if (failed) fail(span, 'failed');
      span.end();
    };
  }

  /** Resolves when all spans that have ended are with the collector, or lost. */
  async flush(): Promise<void> {
    await this.#provider.forceFlush().catch(() => undefined);
  }

  /** Sends what was not sent yet, for five seconds at most. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, DELIVERY_MS);
    await Promise.race([this.#provider.shutdown().catch(() => undefined), promise]);
    clearTimeout(timer);
  }
}

function describeOperation(span: Span, notes: OperationNotes): void {
  const { requestId, operation, operationType, errorCodes = [] } = notes;
  span.setAttribute('webex_gateway.request_id', requestId);
  if (operationType !== undefined) {
    const name = operation !== undefined && operation.length <= LONGEST_NAME ? operation : undefined;
    span.updateName(name === undefined ? operationType : `${operationType} ${name}`);
    span.setAttribute('graphql.operation.type', operationType);
    if (name !== undefined) span.setAttribute('graphql.operation.name', name);
  }
  const [first] = errorCodes;
  if (first === undefined) return;
  span.setAttribute('webex_gateway.error_codes', [...new Set(errorCodes)]);
  fail(span, first);
}

function fail(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** As https://www.w3.org/TR/trace-context/ has it; later versions may go on behind what is known. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

function readTraceparent(header: string | undefined): Context {
  const [, version, traceId, spanId, flags, rest] = TRACEPARENT.exec(header?.trim() ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  if (version === '00' && rest !== undefined) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags, 16) & 1;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

/** The same exporter, which says in the log when spans begin to get lost. */
function complaining(exporter: SpanExporter, logger: Logger): SpanExporter {
  let isFailing = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const fails = result.code !== 0;
        if (fails && !isFailing) logger.warn({}, 'the collector does not accept traces; they are lost');
        isFailing = fails;
        done(result);
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
