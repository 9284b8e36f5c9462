import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpClient } from '../../src/datasources/http/client.ts';
import type { HttpRequest } from '../../src/datasources/http/exchange.ts';
import { Urgency } from '../../src/datasources/http/lanes.ts';
import { createMeter } from '../../src/datasources/http/meter.ts';
import { WEBEX } from '../../src/datasources/webex/traits.ts';
import { NotConnected } from '../../src/errors/connection.ts';
import { RateLimited, UpstreamDown, UpstreamTimeout } from '../../src/errors/upstream.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { localDestinations } from '../local-upstream.ts';

const SETTINGS = { maximumConnections: 10, connectionTimeout: 5 };
const TOKEN = 'test-token';
const ALWAYS = Number.POSITIVE_INFINITY;

let resources = new AsyncDisposableStack();
afterEach(async () => {
  await resources.disposeAsync();
  resources = new AsyncDisposableStack();
});

const upstream = async () => resources.use(await startSandbox({ users: 5, token: TOKEN }));

function open(settings = SETTINGS, onThrottled?: (milliseconds: number) => void): HttpClient {
  const client = new HttpClient(
    settings,
    localDestinations({ UPSTREAM_ORIGINS: 'http://127.0.0.1:*,https://127.0.0.1:*' }),
    WEBEX,
    { onThrottled },
  );
  resources.defer(() => client.destroy(new NotConnected('test')));
  return client;
}

/** A list, of which less can be asked for. */
const LIST = { method: 'GET', headers: {}, retry: 'unless-slow' } as const;

const get = (webex: Sandbox, path: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: new URL(`${webex.serviceUri}${path}`),
  headers: { authorization: `Bearer ${TOKEN}` },
  ...more,
});

describe('pausing together with other processes', () => {
  it('tells them once of each pause that a 429 begins, however many 429s come in it', async () => {
    const webex = await upstream();
    const told: number[] = [];
    const client = open(SETTINGS, (milliseconds) => told.push(milliseconds));
    webex.fail({ route: '*', fault: { kind: 'status', status: 429, retryAfter: 1 }, times: 3 });
    const paths = ['/people', '/roles', '/licenses', '/groups'];
    const answers = await Promise.all(paths.map((path) => client.send(get(webex, path))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(told).toHaveLength(1);
    // So much longer that the later ones need no notice of their own.
    expect(told[0]).toBeGreaterThanOrEqual(1_250);
    expect(told[0]).toBeLessThanOrEqual(1_500);
  });

  it('tells them again of a pause that a later 429 makes longer', async () => {
    const webex = await upstream();
    const told: number[] = [];
    const client = open(SETTINGS, (milliseconds) => told.push(milliseconds));
    const throttle = (route: 'GET /roles' | 'GET /people', retryAfter: number) =>
      webex.fail({ route, fault: { kind: 'status', status: 429, retryAfter } });
    throttle('GET /roles', 1);
    throttle('GET /people', 300);
    webex.fail({ route: 'GET /people', fault: { kind: 'latency', ms: 100 } });
    const refused = client.send(get(webex, '/people'));
    const waiting = client.send(get(webex, '/roles'));
    await expect(refused).rejects.toThrow(RateLimited);
    await expect(waiting).rejects.toThrow(RateLimited);
    expect(told.map((milliseconds) => Math.floor(milliseconds / 1_000))).toEqual([1, 300]);
  });

  it('tells them of pauses that end no earlier than its own, whatever later 429s add', async () => {
    const webex = await upstream();
    let othersUntil = 0;
    const client = open(SETTINGS, (milliseconds) => {
      othersUntil = Math.max(othersUntil, Date.now() + milliseconds);
    });
    // They come one after the other, and each makes the pause a little longer.
    const routes = ['GET /people', 'GET /roles', 'GET /licenses', 'GET /groups'] as const;
    for (const [index, route] of routes.entries()) {
      webex.fail({ route, fault: { kind: 'status', status: 429, retryAfter: 100 } });
      webex.fail({ route, fault: { kind: 'latency', ms: index * 60 } });
    }
    const paths = ['/people', '/roles', '/licenses', '/groups'];
    await Promise.allSettled(paths.map((path) => client.send(get(webex, path))));
    expect(client.status().throttledUntil?.getTime()).toBeLessThanOrEqual(othersUntil);
  });

  it('takes a pause over and does not tell of it', async () => {
    const webex = await upstream();
    const told: number[] = [];
    const client = open(SETTINGS, (milliseconds) => told.push(milliseconds));
    const meter = createMeter();
    const began = Date.now();
    client.pauseFor(100);
    expect(client.status().throttledUntil?.getTime()).toBeGreaterThanOrEqual(began + 95);
    await client.send(get(webex, '/roles'), meter);
    expect(webex.requests.all[0]?.startedAt).toBeGreaterThanOrEqual(began + 95);
    expect(meter.throttledMs).toBeGreaterThan(meter.queuedMs);
    expect(told).toEqual([]);
  });

  it('fails at once what would have to wait for more than a minute, also when it waits already', async () => {
    const webex = await upstream();
    const client = open();
    client.pauseFor(200);
    const waiting = client.send(get(webex, '/roles'));
    client.pauseFor(61_000);
    await expect(waiting).rejects.toThrow(RateLimited);
    await expect(client.send(get(webex, '/roles'))).rejects.toMatchObject({ retryAfter: 61 });
    expect(webex.requests.count()).toBe(0);
  });
});

describe('what a request costs', () => {
  it('is put down for each attempt, with its status and Webex’s own id of it', async () => {
    const webex = await upstream();
    webex.fail({ route: 'GET /roles', fault: { kind: 'status', status: 500 } });
    webex.fail({ route: 'GET /roles', fault: { kind: 'reset', when: 'before' } });
    const meter = createMeter(true);
    await open().send(get(webex, '/roles'), meter);
    expect(meter).toMatchObject({ requests: 3, retries: 2, queuedMs: 0, throttledMs: 0 });
    expect(meter.calls?.map(({ status }) => status)).toEqual([500, undefined, 200]);
    expect(meter.calls?.at(-1)).toEqual({
      method: 'GET',
      url: new URL(`${webex.serviceUri}/roles`),
      sentAt: expect.any(Number),
      status: 200,
      durationMs: expect.any(Number),
      trackingId: expect.stringMatching(/./),
      shared: false,
    });
  });

  it('has waiting for a connection in it', async () => {
    const webex = await upstream();
    webex.fail({ route: 'GET /people', fault: { kind: 'latency', ms: 100 } });
    const client = open({ ...SETTINGS, maximumConnections: 1 });
    const meter = createMeter();
    await Promise.all([client.send(get(webex, '/people')), client.send(get(webex, '/roles'), meter)]);
    expect(meter.queuedMs).toBeGreaterThan(0);
    expect(meter).toMatchObject({ throttledMs: 0, calls: undefined });
  });
});

describe('lanes', () => {
  it('let a person go before background work, and work that a person has come to wait for', async () => {
    const webex = await upstream();
    webex.fail({ route: 'GET /people', fault: { kind: 'latency', ms: 100 } });
    const client = open({ ...SETTINGS, maximumConnections: 1 });
    const urgency = new Urgency('background');
    const all = [
      client.send(get(webex, '/people')),
      client.send(get(webex, '/licenses', { lane: 'background' })),
      client.send(get(webex, '/groups', { lane: urgency })),
      client.send(get(webex, '/roles')),
    ];
    urgency.raise();
    await Promise.all(all);
    const order = webex.requests.all.map(({ path }) => path.replace('/v1', ''));
    expect(order).toEqual(['/people', '/roles', '/groups', '/licenses']);
  });
});

describe('the retry budget', () => {
  it('lets each request be repeated while little fails, and no more than a share when everything does', async () => {
    const webex = await upstream();
    const client = open();
    const meter = createMeter();
    webex.fail({ route: '*', fault: { kind: 'status', status: 500 }, times: ALWAYS });
    await client.send(get(webex, '/roles'), meter);
    expect(meter.retries).toBe(2);
    await Promise.all(Array.from({ length: 100 }, () => client.send(get(webex, '/roles'), meter)));
    // A fifth of the hundred and one, and twenty: one for each connection, and ten.
    expect(meter.retries).toBe(40);
    expect(webex.requests.count()).toBe(101 + meter.retries);
  });

  it('holds for what was throttled too', async () => {
    const webex = await upstream();
    const client = open();
    webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 500 }, times: ALWAYS });
    await Promise.all(Array.from({ length: 40 }, () => client.send(get(webex, '/people'))));
    webex.fail({ route: 'GET /roles', fault: { kind: 'status', status: 429, retryAfter: 1 }, times: 10 });
    const roles = Array.from({ length: 10 }, () => client.send(get(webex, '/roles')));
    const ends = await Promise.allSettled(roles);
    const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
    expect(refused.length).toBeGreaterThan(2);
    for (const reason of refused) expect(reason).toBeInstanceOf(RateLimited);
  });
});

describe('ending at once', () => {
  it.each([
    ['what runs', (settings: typeof SETTINGS) => settings],
    ['what runs on connections that were replaced, too', () => ({ ...SETTINGS, connectionTimeout: 6 })],
  ])('cuts %s', async (_what, change) => {
    const webex = await upstream();
    const client = open();
    const slow = webex.fail({ route: 'GET /roles', fault: { kind: 'latency', ms: 3_000 } });
    const running = client.send(get(webex, '/roles'));
    await expect.poll(() => slow.struck, { interval: 5 }).toBe(1);
    client.configure(change(SETTINGS));
    const ended = client.destroy(new NotConnected('test'));
    await expect(running).rejects.toThrow(NotConnected);
    await ended;
    await expect.poll(() => webex.requests.all.map(({ status }) => status)).toEqual([undefined]);
  });
});

describe('leaving a server alone', () => {
  it('comes of no connection in time, however much is asked for at once', async () => {
    // It takes connections and then says nothing, so that none is ever made up.
    const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    resources.defer(() => void silent.close());
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const client = open({ maximumConnections: 5, connectionTimeout: 1 });
    const request = { ...LIST, url: new URL(`https://127.0.0.1:${port}/people`) };
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => client.send(request)));
    const reasons = all.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(reasons.filter((reason) => reason instanceof UpstreamTimeout)).not.toHaveLength(0);
    await expect(client.send(request)).rejects.toThrow(UpstreamDown);
  });

  it('leaves the others in peace: the token endpoint may be down while the service is not', async () => {
    const [down, up] = [await upstream(), await upstream()];
    down.fail({ route: '*', fault: { kind: 'status', status: 503 }, times: ALWAYS });
    const client = open();
    for (let count = 0; count < 5; count += 1) {
      await client.send(get(down, '/roles', { retry: 'never' }));
    }
    expect(client.status().leftAloneUntil?.getTime()).toBeGreaterThan(Date.now());
    await expect(client.send(get(down, '/roles'))).rejects.toThrow(UpstreamDown);
    expect((await client.send(get(up, '/roles'))).status).toBe(200);
    expect(down.requests.count()).toBe(5);
  });

  it('comes also of a long row of 500s on several paths', async () => {
    const webex = await upstream();
    webex.fail({ route: '*', fault: { kind: 'status', status: 500 }, times: ALWAYS });
    const client = open();
    const paths = ['/roles', '/licenses', '/groups'];
    for (let count = 0; count < 10; count += 1) {
      const path = paths[count % paths.length] ?? '';
      await client.send(get(webex, path, { retry: 'never' }));
    }
    await expect(client.send(get(webex, '/people'))).rejects.toThrow(UpstreamDown);
    expect(webex.requests.count()).toBe(10);
  });

  it('ends when the settings change: that may be what it takes', async () => {
    const webex = await upstream();
    const failing = webex.fail({ route: '*', fault: { kind: 'status', status: 503 }, times: ALWAYS });
    const client = open();
    for (let count = 0; count < 5; count += 1) {
      await client.send(get(webex, '/roles', { retry: 'never' }));
    }
    failing.clear();
    client.configure({ ...SETTINGS, connectionTimeout: 6 });
    expect(client.status().leftAloneUntil).toBeUndefined();
    expect((await client.send(get(webex, '/roles'))).status).toBe(200);
  });
});
