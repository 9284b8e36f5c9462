import { setTimeout as pause } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context, Hono } from 'hono';
import type { Fault, Faults } from '../faults.ts';
import type { Recorder } from '../recorder.ts';
import { cut, deliver } from './deliver.ts';
import { Refusal } from './errors.ts';
import type { Answer, Call } from './exchange.ts';
import type { ServedRoute, Service } from './service.ts';

interface Bindings {
  Bindings: HttpBindings;
}

export type SandboxApp = Hono<Bindings>;

/** What every request passes, whatever its route. */
export interface Passage {
  readonly service: Service;
  readonly faults: Faults;
  readonly recorder: Recorder;
}

/** Puts a route into the app. */
export function mount(app: SandboxApp, route: ServedRoute, passage: Passage): void {
  for (const path of route.paths) app.on(route.method, path, (context) => serve(context, route, passage));
}

/** Answers every address that is not a route of the service. */
export function mountNotFound(app: SandboxApp, { recorder, service }: Passage): void {
  app.notFound((context) => {
    const { incoming, outgoing } = context.env;
    const record = recorder.begin({ ...requestLine(incoming), route: 'none', socket: incoming.socket });
    const query = new URLSearchParams(record.query);
    const call = callOf(context, {
      route: 'none',
      method: record.method,
      path: record.path,
      query,
      fault: undefined,
    });
    recorder.end(record, deliver(outgoing, service.unknown(call), undefined));
    return RESPONSE_ALREADY_SENT;
  });
}

async function serve(context: Context<Bindings>, served: ServedRoute, passage: Passage): Promise<Response> {
  const { incoming, outgoing } = context.env;
  const { service, recorder } = passage;
  const { route } = served;
  const record = recorder.begin({ ...requestLine(incoming), route, socket: incoming.socket });
  const { method, path } = record;
  const query = new URLSearchParams(record.query);
  const struck = passage.faults.strike(served, { method, path, query });
  const fault = struck.find((each) => each.kind !== 'latency');
  if (fault?.kind === 'filter-ignored') for (const name of service.filters) query.delete(name);
  // What the answer costs us to make is part of the latency, or that would grow with the machine's load.
  const due = performance.now() + (served.isForPeople ? 0 : service.latencyMs());
  await wait(latencyOf(struck, 'before'));
  if (fault?.kind === 'late') {
    // The body is kept, and read again by the route.
    await context.req.text();
    cut(outgoing);
    await (typeof fault.after === 'number' ? wait(fault.after) : fault.after);
  }
  let answer: Answer | undefined;
  if (!isUnhandled(fault)) {
    answer = await served.answer(callOf(context, { route, method, path, query, fault }));
    await wait(
      Math.max(latencyOf(struck, 'before') + due - performance.now(), 0) + latencyOf(struck, 'after'),
    );
  }
  if (fault?.kind === 'raw') {
    outgoing.socket?.end(fault.answer);
    recorder.end(record, undefined);
    return RESPONSE_ALREADY_SENT;
  }
  if (answer === undefined || fault?.kind === 'reset' || fault?.kind === 'late') {
    cut(outgoing);
    recorder.end(record, undefined);
    return RESPONSE_ALREADY_SENT;
  }
  // Clients reckon by the system's clock, which is the sandbox's own.
  outgoing.setHeader('date', new Date(service.now()).toUTCString());
  if (fault?.kind === 'stalled-body') outgoing.once('close', () => recorder.end(record, outgoing.statusCode));
  const status = deliver(outgoing, answer, fault);
  if (fault?.kind !== 'stalled-body') recorder.end(record, status);
  return RESPONSE_ALREADY_SENT;
}

function callOf(
  context: Context<Bindings>,
  about: Pick<Call, 'route' | 'method' | 'path' | 'query' | 'fault'>,
): Call {
  const { headers } = context.env.incoming;
  return {
    ...about,
    headers,
    origin: `http://${headers.host ?? 'localhost'}`,
    params: context.req.param(),
    json: () => readJson(context),
    form: async () => new URLSearchParams(await context.req.text()),
  };
}

/** Whether a fault keeps the request from being handled at all. */
function isUnhandled(fault: Fault | undefined): boolean {
  return (
    (fault?.kind === 'reset' && fault.when === 'before') || (fault?.kind === 'raw' && fault.applied !== true)
  );
}

/** Milliseconds that faults add before a request is handled, or once it is. */
function latencyOf(faults: readonly Fault[], when: 'before' | 'after'): number {
  return faults.reduce(
    (sum, fault) => (fault.kind === 'latency' && (fault.when ?? 'before') === when ? sum + fault.ms : sum),
    0,
  );
}

async function wait(ms: number): Promise<void> {
  // Nobody waits for an answer once the server is closed, so the timer holds nothing up.
  if (ms > 0) await pause(ms, undefined, { ref: false });
}

function requestLine(incoming: HttpBindings['incoming']): { method: string; url: string } {
  return { method: incoming.method ?? 'GET', url: incoming.url ?? '/' };
}

async function readJson(context: Context<Bindings>): Promise<unknown> {
  const text = await context.req.text();
  if (!(context.env.incoming.headers['content-type'] ?? '').includes('application/json')) {
    throw new Refusal(415, 'The body must be application/json.');
  }
  try {
    const body: unknown = JSON.parse(text);
    return body;
  } catch {
    throw new Refusal(400, 'The body is not JSON.');
  }
}
