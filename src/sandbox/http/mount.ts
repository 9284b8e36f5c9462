import { setTimeout as pause } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context, Hono } from 'hono';
import type { Fault, Faults } from '../faults.ts';
import type { Recorder } from '../recorder.ts';
import type { World } from '../webex/world.ts';
import { answerOf, refusalAnswer } from '../webex/http/answer.ts';
import { cut, deliver } from './deliver.ts';
import type { Endpoint } from '../webex/http/endpoint.ts';
import { Refusal } from './errors.ts';
import type { Answer, Call } from './exchange.ts';
import type { RateLimit } from './rate-limit.ts';
import { Tracking } from '../webex/http/tracking.ts';

interface Bindings {
  Bindings: HttpBindings;
}

export type SandboxApp = Hono<Bindings>;

/** What every request passes, whatever its route. */
export interface Passage {
  readonly world: World;
  readonly faults: Faults;
  readonly recorder: Recorder;
  readonly rateLimit: RateLimit;
}

/** Puts an endpoint into the app: under /v1, except SCIM, which Webex serves outside of it. */
export function mount(app: SandboxApp, endpoint: Endpoint, passage: Passage): void {
  const [method = 'GET', path = '/'] = endpoint.route.split(' ');
  const address = path.startsWith('/identity/scim') ? path : `/v1${path}`;
  const addresses = [address];
  // The path of a group's members is documented in lower case; the live router takes a capital too.
  if (address.endsWith('/members')) addresses.push(address.replace('/members', '/Members'));
  for (const each of addresses) app.on(method, each, (context) => serve(context, endpoint, passage));
}

/** Answers every address that is none of the API's with a 404 in Webex's shape. */
export function mountNotFound(app: SandboxApp, passage: Passage): void {
  app.notFound((context) => {
    const { incoming, outgoing } = context.env;
    const { recorder, world } = passage;
    const record = recorder.begin({ ...requestLine(incoming), route: 'none', socket: incoming.socket });
    const tracking = new Tracking(incoming);
    const refusal = new Refusal(404, 'The requested address does not exist.');
    const answer = refusalAnswer(refusal, '', world, tracking);
    recorder.end(record, deliver(outgoing, answer, tracking.header(404, false), undefined));
    return RESPONSE_ALREADY_SENT;
  });
}

/** Parameters that narrow a list down. */
const FILTERS = ['email', 'displayName', 'id', 'roles', 'locationId', 'filter'];

async function serve(context: Context<Bindings>, endpoint: Endpoint, passage: Passage): Promise<Response> {
  const { incoming, outgoing } = context.env;
  const { world, recorder } = passage;
  const { route } = endpoint;
  const record = recorder.begin({ ...requestLine(incoming), route, socket: incoming.socket });
  const { method, path } = record;
  const query = new URLSearchParams(record.query);
  const struck = passage.faults.strike(route, { method, path, query });
  const fault = struck.find((each) => each.kind !== 'latency');
  if (fault?.kind === 'filter-ignored') for (const name of FILTERS) query.delete(name);
  const tracking = new Tracking(incoming);
  // What the answer costs us to make is part of the latency, or that would grow with the machine's load.
  const due = performance.now() + (route.endsWith(' /authorize') ? 0 : world.settings.latencyMs);
  await wait(latencyOf(struck, 'before'));
  if (fault?.kind === 'late') {
    // The body is kept, and read again by the route.
    await context.req.text();
    cut(outgoing);
    await (typeof fault.after === 'number' ? wait(fault.after) : fault.after);
  }
  let answer: Answer | undefined;
  if (!isUnhandled(fault)) {
    const call: Call = {
      ...{ route, method, path, query, fault },
      origin: `http://${incoming.headers.host ?? 'localhost'}`,
      params: context.req.param(),
      json: () => readJson(context),
      form: async () => new URLSearchParams(await context.req.text()),
      authorization: incoming.headers.authorization,
    };
    answer = await answerOf(call, endpoint, world, passage.rateLimit, tracking);
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
  // Clients reckon by Webex's clock, which is the sandbox's own.
  outgoing.setHeader('date', new Date(world.clock.now()).toUTCString());
  if (fault?.kind === 'stalled-body') outgoing.once('close', () => recorder.end(record, outgoing.statusCode));
  const trackingId = tracking.header(answer.status, world.settings.doubledTrackingId);
  const status = deliver(outgoing, answer, trackingId, fault);
  if (fault?.kind !== 'stalled-body') recorder.end(record, status);
  return RESPONSE_ALREADY_SENT;
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
