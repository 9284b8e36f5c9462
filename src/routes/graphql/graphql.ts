import type { GraphQLSchema } from 'graphql';
import { createYoga } from 'graphql-yoga';
import type { Hono, Context as HonoContext, MiddlewareHandler } from 'hono';
import type { CallerRates } from '../../access/caller-rates.ts';
import type { Gatekeeper } from '../../access/gatekeeper.ts';
import { createMeter } from '../../datasources/http/meter.ts';
import { InvalidInput } from '../../errors/request.ts';
import { isForClients } from '../../errors/start.ts';
import { Abandoned } from '../../errors/upstream.ts';
import { type Caller, type Context, createContext, type Services } from '../../schema/base/context.ts';
import { createErrorTranslator } from '../../schema/errors/for-clients.ts';
import { Deadline } from '../../schema/execution/deadline.ts';
import { Workload } from '../../schema/execution/workload.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { authenticate, principalOf } from '../guards/authentication.ts';
import { limitBody } from '../guards/limited-body.ts';
import { refuse } from '../guards/refusal.ts';
import type { AppEnvironment, RequestNotes } from '../request-log.ts';
import { limitCallers, limitChanges } from './caller-limits.ts';
import { costHeaders } from './cost-report.ts';
import { documentCaches, limitDocuments, limitValidation } from './document-limits.ts';
import { EventStream } from './event-streams.ts';
import { divideMemory, holdUntilSent } from './memory-budget.ts';
import { type OperationHeaders, type OperationLimits, readOperationHeaders } from './operation-headers.ts';
import { runOperations, showCost } from './operations.ts';
import { type Persisted, persistOperations } from './persisted-operations.ts';
import { EXTRA_PARAMS, type Params, readParams, useReadParams } from './request-params.ts';
import { runSubscriptions, type Subscribing, type WithSubscribing } from './subscriptions.ts';

const LARGEST_BODY = 1024 * 1024;
const EVENTS = 'text/event-stream';
const JSON_TYPES = /^application\/(graphql-response\+)?json\s*(;|$)/i;

interface ServerContext extends WithSubscribing {
  readonly context: Context;
  readonly params: Params;
}

/** What the GraphQL endpoint is made of. */
export interface GraphqlParts {
  readonly schema: GraphQLSchema;
  readonly gatekeeper: Gatekeeper;
  /** What callers ask for in a minute. */
  readonly rates: CallerRates;
  readonly services: Services;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly limits: OperationLimits;
  /** Whether clients may ask for the schema. */
  readonly introspection: boolean;
  readonly persisted: Persisted;
  /** Is aborted when the process is about to stop: event streams end then. */
  readonly draining: AbortSignal;
}

/** Serves GraphQL over HTTP at /graphql. */
export function serveGraphql(app: Hono<AppEnvironment>, parts: GraphqlParts): void {
  const { schema, gatekeeper, rates, services, logger, telemetry, limits, introspection, persisted } = parts;
  const memory = divideMemory(limits.memory);
  const most = {
    requests: limits.cost,
    values: limits.values,
    bytes: memory.mostOfResult,
    changes: limits.changeRate,
  };
  const yoga = createYoga<ServerContext, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    batching: false,
    // What is read here already, and no larger than it may be.
    maxRequestBodySize: false,
    logging: false,
    maskedErrors: { maskError: createErrorTranslator(logger) },
    context: ({ context }) => context,
    parserAndValidationCache: documentCaches(),
    extraParamNames: EXTRA_PARAMS,
    plugins: [
      useReadParams(),
      ...persistOperations(persisted),
      limitDocuments(),
      limitValidation(introspection),
      runOperations(most, memory.results, limitChanges(limits, rates)),
      runSubscriptions(most, memory.results),
      showCost(),
    ],
  });
  const callerId = (c: HonoContext<AppEnvironment>) => principalOf(c).actor;
  const body = limitBody({ largest: LARGEST_BODY, budget: memory.bodies, callerId, broken: gone });
  const callers = limitCallers(limits, rates, callerId);
  app.all('/graphql', sendCost, authenticate(gatekeeper), callers, body, async (c) => {
    // A page can post a form to us without asking first; JSON it cannot.
    if (c.req.method === 'POST' && !JSON_TYPES.test(c.req.header('content-type') ?? '')) {
      return refuse(c, 415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the query as application/json.');
    }
    const asked = readHeaders(c, limits);
    if (asked instanceof InvalidInput) return refuse(c, 400, asked.code, asked.message, asked.facts());
    const params = await readParams(c).catch((error: unknown) => {
      if (error instanceof Abandoned) return gone();
      if (!isForClients(error)) throw error;
      return refuse(c, 400, error.code, error.message, error.facts());
    });
    if (params instanceof Response) return params;
    const { notes } = c.var;
    const { signal: client } = c.req.raw;
    // Yoga would take it for a failure of ours.
    if (client.aborted) return gone();
    notes.meter = createMeter(asked.explain);
    using deadline = new Deadline(asked.deadline, client);
    const caller = {
      principal: principalOf(c),
      requestId: notes.requestId,
      idempotencyKey: asked.idempotencyKey,
      signal: deadline.signal,
      meter: notes.meter,
      lane: asked.lane,
      deadline,
      workload: new Workload(),
    };
    const context = createContext(services, caller);
    const subscribing = subscribe(c, { ...parts, caller, seconds: asked.deadline });
    const answer = { bytes: 0 };
    try {
      return await telemetry.operation(c.req.header('traceparent'), notes, () => {
        const made = Promise.resolve(yoga.fetch(c.req.raw, { context, notes, params, subscribing }));
        return unlessClientGoes(
          client,
          made.then((response) => (isStream(response, notes) ? streamed(response) : whole(response, answer))),
        );
      });
    } finally {
      notes.settled ??= deadline.settled;
      if (notes.result !== undefined) holdUntilSent(notes.result, answer.bytes, c.env.outgoing);
    }
  });
}

/** How a subscription of this request is answered. */
function subscribe(
  c: HonoContext<AppEnvironment>,
  { services, caller, seconds, gatekeeper, draining }: SubscribingParts,
): Subscribing {
  const client = c.req.raw.signal;
  const ends = { client, draining, gatekeeper, authorization: c.req.header('authorization') };
  return {
    open: () => new EventStream(caller.principal, ends),
    begin: ({ ending }) => createContext(services, { ...caller, ending }),
    event: ({ principal }) => {
      const deadline = new Deadline(seconds, client);
      const own = { principal, deadline, signal: deadline.signal, workload: new Workload() };
      const context = createContext(services, { ...caller, ...own });
      return { context, [Symbol.dispose]: () => deadline[Symbol.dispose]() };
    },
  };
}

interface SubscribingParts extends Pick<GraphqlParts, 'services' | 'gatekeeper' | 'draining'> {
  readonly caller: Caller;
  /** Seconds that one event may take. */
  readonly seconds: number;
}

/** Whether an answer goes on for as long as its client listens. */
function isStream({ headers }: Response, { operationType }: RequestNotes): boolean {
  return operationType === 'subscription' && headers.get('content-type')?.startsWith(EVENTS) === true;
}

/** An event stream as it is made. A proxy is asked to pass each event on at once. */
function streamed({ body, status, headers }: Response): Response {
  return new Response(body, {
    status,
    headers: { 'content-type': String(headers.get('content-type')), 'x-accel-buffering': 'no' },
  });
}

/**
 * The answer with a body of one piece: as a stream it would be a timer's tick later at the client.
 * @param size is told how large the body is
 */
async function whole(answer: Response, size: { bytes: number }): Promise<Response> {
  const { status, headers } = answer;
  const text = await answer.text();
  size.bytes = text.length;
  return new Response(text, { status, headers: Object.fromEntries(headers) });
}

/** What an answer took, as headers for scripts. */
const sendCost: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  await next();
  // What a stream takes is not known when it begins.
  if (c.var.notes.operationType === 'subscription') return;
  for (const [name, value] of costHeaders(c.var.notes.meter)) c.res.headers.set(name, value);
};

function readHeaders(
  c: HonoContext<AppEnvironment>,
  limits: OperationLimits,
): OperationHeaders | InvalidInput {
  try {
    return readOperationHeaders((name) => c.req.header(name), limits);
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
}

/** What nobody reads, but the log shows: the client went away. */
const gone = () => new Response(null, { status: 499 });

/** Yoga may never answer for a client that went away, and its line in the log would be missing. */
async function unlessClientGoes(signal: AbortSignal, answer: Promise<Response>): Promise<Response> {
  const { promise: went, resolve } = Promise.withResolvers<Response>();
  const leave = () => resolve(gone());
  signal.addEventListener('abort', leave);
  try {
    return await Promise.race([answer.catch(unlessGone(signal)), went]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** Takes a failure for what it is, unless it comes of the client having gone. */
function unlessGone(signal: AbortSignal): (error: unknown) => Response {
  return (error) => {
    if (signal.aborted) return gone();
    throw error;
  };
}
