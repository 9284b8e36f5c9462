import diagnostics from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Telemetry } from '../../src/telemetry/telemetry.ts';
import { Tracing } from '../../src/telemetry/tracing.ts';
import { type Collector, startCollector } from '../collector.ts';
import { startWorld, type World } from '../world.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

const ends = new AsyncDisposableStack();
const complaints: string[] = [];
let collector: Collector;
let tracing: Tracing;
let world: World;

beforeAll(async () => {
  collector = ends.use(await startCollector());
  const logger = createLogger('debug', (line) => complaints.push(line));
  tracing = new Tracing({ endpoint: `${collector.endpoint}/`, serviceName: 'gateway-test', logger });
  ends.defer(() => tracing.close());
  world = ends.use(await startWorld({ telemetry: new Telemetry(tracing) }));
});
afterAll(() => ends.disposeAsync());

/** Sends a query with these headers, and resolves with the spans that came of it. */
async function trace<Data = unknown>(
  query: string,
  headers: Record<string, string> = {},
  variables: object = {},
) {
  await tracing.flush();
  const before = collector.bodies.length;
  const answer = await world.query<Data>(
    query,
    {},
    {
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    },
  );
  await tracing.flush();
  const sent = collector.bodies.slice(before).join();
  const spans = collector.spansOf(before);
  return { answer, spans, sent, operation: spans.find(({ name }) => /^(query|mutation|graphql)/.test(name)) };
}

const PEOPLE = 'query People { connector { users(first: 2) { nodes { displayName licenses { name } } } } }';

describe('a trace', () => {
  it('goes on from the caller’s, with a span for the operation, each request to Webex and each query', async () => {
    // A new connection, so that the connector is read from the database.
    await world.connect();
    const { spans, operation } = await trace(PEOPLE, { traceparent: `00-${TRACE}-${SPAN}-01` });
    expect(operation).toMatchObject({
      name: 'query People',
      parentSpanId: SPAN,
      attributes: {
        'graphql.operation.type': 'query',
        'graphql.operation.name': 'People',
        'http.response.status_code': 200,
        'webex_gateway.request_id': expect.any(String),
      },
      status: 0,
    });
    const children = spans.filter((each) => each !== operation);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    expect(new Set(children.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([operation?.spanId]));
    expect(children.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['GET /people', 'GET /licenses', 'database select']),
    );
    expect(children.find(({ name }) => name === 'GET /people')?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.request.resend_count': 0,
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'url.template': '/people',
      'webex.tracking_id': expect.stringMatching(/^WPG_/),
      'webex_gateway.connector': 'acme',
      'webex_gateway.queued_ms': expect.any(Number),
    });
    expect(children.find(({ name }) => name === 'database select')?.attributes).toEqual({
      'db.system.name': 'postgresql',
      'db.operation.name': 'select',
      'db.query.text': expect.stringMatching(/\$1|order by/),
    });
  });

  it('holds no id, no address, no token and no value, whatever is read or changed', async () => {
    const [person] = world.webex.people;
    const email = person?.email ?? '';
    const read = await trace<{ connector: { user: { id: string } } }>(
      'query ($email: EmailAddress!) { connector { user(email: $email) { id displayName groups { displayName } } } }',
      {},
      { email },
    );
    expect(read.answer.errors).toBeUndefined();
    const id = read.answer.data?.connector.user.id ?? '';
    const changed = await trace(
      `mutation Rename($input: UpdateUserInput!) {
        updateUser(input: $input) { user { displayName } error { message } }
      }`,
      { 'Idempotency-Key': 'key-canary-31f0' },
      { input: { id, user: { displayName: 'Canary Newname' } } },
    );
    expect(changed.answer).toMatchObject({
      data: { updateUser: { user: { displayName: 'Canary Newname' } } },
    });
    expect(changed.spans.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['mutation Rename', 'PUT /people/:id', 'database insert']),
    );
    const told = read.sent + changed.sent;
    const values = [
      person?.id ?? '',
      email,
      world.connectorId,
      'Canary',
      'canary',
      '_PF84_',
      world.clientSecret,
    ];
    expect(values.filter((value) => value === '' || told.includes(value))).toEqual([]);
    expect(told).not.toContain('?');
  });

  it('shows what failed by the codes of its errors, and what was repeated', async () => {
    world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 403 }, times: 1 });
    expect((await trace(PEOPLE)).operation).toMatchObject({
      name: 'query People',
      status: 2,
      attributes: { 'error.type': 'UPSTREAM_FORBIDDEN' },
    });
    world.webex.fail({ route: 'GET /roles', fault: { kind: 'status', status: 503 }, times: 1 });
    const { operation, spans } = await trace('{ connector { roles { name } } }');
    expect(operation).toMatchObject({ name: 'query', status: 0 });
    const roles = spans.filter(({ name }) => name === 'GET /roles');
    expect(
      roles.map(({ status, attributes }) => [status, Number(attributes['http.request.resend_count'])]),
    ).toEqual([
      [2, 0],
      [0, 1],
    ]);
  });

  it.each([
    ['none', {}],
    ['one that is broken', { traceparent: `00-${'0'.repeat(32)}-${SPAN}-01` }],
    ['one that goes on where it should end', { traceparent: `00-${TRACE}-${SPAN}-01-more` }],
  ])('begins here for a caller with %s', async (_what, headers) => {
    const { operation } = await trace('{ connectors { name } }', headers);
    expect(operation).toMatchObject({ parentSpanId: '', traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(operation?.traceId).not.toBe(TRACE);
  });

  it('is not made where the caller does not record theirs', async () => {
    const { spans } = await trace(PEOPLE, { traceparent: `00-${TRACE}-${SPAN}-00` });
    expect(spans).toEqual([]);
  });

  it('is not told to Webex', async () => {
    const seen: string[] = [];
    const note = (message: unknown) => seen.push(JSON.stringify(message));
    diagnostics.subscribe('undici:request:create', note);
    try {
      await trace('{ connector { users(first: 1) { nodes { id } } } }', {
        traceparent: `00-${TRACE}-${SPAN}-01`,
        tracestate: 'canary=1',
        baggage: 'canary=1',
      });
    } finally {
      diagnostics.unsubscribe('undici:request:create', note);
    }
    expect(seen.join()).toContain('trackingid');
    expect(seen.join()).not.toMatch(/traceparent|tracestate|baggage|canary/);
  });
});

it('a collector that refuses what it is sent is told to the log once, and holds up nobody', async () => {
  const log: string[] = [];
  await using refusing = await startCollector(401);
  const lost = new Tracing({
    endpoint: refusing.endpoint.replace('//', '//user:canary-5d1c@'),
    serviceName: 'gateway-test',
    logger: createLogger('debug', (line) => log.push(line)),
  });
  const notes = { requestId: 'r', operationType: 'query' } as const;
  for (const _ of [1, 2]) {
    expect(await lost.operation(undefined, notes, async () => ({ status: 200 }))).toEqual({ status: 200 });
    await lost.flush();
  }
  await lost.close();
  expect(refusing.bodies).toHaveLength(2);
  expect(log).toEqual([expect.stringContaining('the collector does not accept traces')]);
  expect(log.join()).not.toContain('canary');
});
