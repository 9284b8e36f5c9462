import { afterEach, describe, expect, it, vi } from 'vitest';
import { HttpClient } from '../../src/datasources/http/client.ts';
import type { HttpRequest } from '../../src/datasources/http/exchange.ts';
import { createMeter } from '../../src/datasources/http/meter.ts';
import type { HttpObserver } from '../../src/datasources/http/observer.ts';
import { WEBEX } from '../../src/datasources/webex/traits.ts';
import { NotConnected } from '../../src/errors/connection.ts';
import { RateLimited, UpstreamDown } from '../../src/errors/upstream.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { localDestinations } from '../local-upstream.ts';

const TOKEN = 'test-token';
const ALWAYS = Number.POSITIVE_INFINITY;

let resources = new AsyncDisposableStack();
afterEach(async () => {
  vi.useRealTimers();
  await resources.disposeAsync();
  resources = new AsyncDisposableStack();
});

const upstream = async () => resources.use(await startSandbox({ users: 5, token: TOKEN }));

function open(observe?: HttpObserver): HttpClient {
  const settings = { maximumConnections: 10, connectionTimeout: 5 };
  const destinations = localDestinations({ UPSTREAM_ORIGINS: 'http://127.0.0.1:*' });
  const client = new HttpClient(settings, destinations, WEBEX, { observe });
  resources.defer(() => client.destroy(new NotConnected('test')));
  return client;
}

const get = (webex: Sandbox, path: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: new URL(`${webex.serviceUri}${path}`),
  headers: { authorization: `Bearer ${TOKEN}` },
  ...more,
});

const BACKGROUND = { lane: 'background' } as const;

describe('background work', () => {
  it('waits out a pause of up to 15 minutes, which fails an interactive request at once', async () => {
    const webex = await upstream();
    const client = open();
    client.pauseFor(100_000);
    const waiting = client.send(get(webex, '/roles', BACKGROUND));
    await expect(client.send(get(webex, '/roles'))).rejects.toMatchObject({ retryAfter: 100 });
    client.pauseFor(890_000);
    expect(client.status()).toMatchObject({ queuedInBackground: 1 });
    client.pauseFor(901_000);
    await expect(waiting).rejects.toThrow(RateLimited);
    await expect(client.send(get(webex, '/roles', BACKGROUND))).rejects.toMatchObject({ retryAfter: 901 });
    expect(webex.requests.count()).toBe(0);
  });

  it('waits for the retry budget, which fails an interactive request at once', async () => {
    const webex = await upstream();
    const client = open();
    webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 500 }, times: ALWAYS });
    await Promise.all(Array.from({ length: 40 }, () => client.send(get(webex, '/people'))));
    webex.fail({ route: 'GET /roles', fault: { kind: 'status', status: 500 }, times: 2 });
    expect((await client.send(get(webex, '/roles'))).status).toBe(500);
    const meter = createMeter();
    const waiting = client.send(get(webex, '/roles', BACKGROUND), meter);
    await expect.poll(() => webex.requests.byRoute).toMatchObject({ 'GET /roles': 2 });
    // Five requests that go well pay for one repetition.
    for (let count = 0; count < 5; count += 1) await client.send(get(webex, '/licenses'));
    expect((await waiting).status).toBe(200);
    expect(meter).toMatchObject({ requests: 2, retries: 1 });
  });

  it('ends its waits when the client is destroyed', async () => {
    const webex = await upstream();
    const client = open();
    const locked = webex.fail({
      route: 'GET /roles',
      fault: { kind: 'status', status: 423, retryAfter: 600 },
    });
    const waiting = client.send(get(webex, '/roles', BACKGROUND));
    await expect.poll(() => locked.struck).toBe(1);
    await expect.poll(() => client.status().running).toBe(0);
    const ended = expect(waiting).rejects.toThrow(NotConnected);
    await client.destroy(new NotConnected('test'));
    await ended;
  });
});

describe('an observer that throws', () => {
  const down = async (client: HttpClient, webex: Sandbox) => {
    for (let count = 0; count < 5; count += 1) {
      await client.send(get(webex, '/roles', { retry: 'never' }));
    }
  };

  it('when the probe of a server that is left alone begins, leaves the way open for the next probe', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const webex = await upstream();
    webex.fail({ route: '*', fault: { kind: 'status', status: 503 }, times: 5 });
    let isBroken = false;
    const client = open(() => {
      if (isBroken) throw new Error('a bug of the observer');
      return () => undefined;
    });
    await down(client, webex);
    await expect(client.send(get(webex, '/roles'))).rejects.toThrow(UpstreamDown);
    vi.advanceTimersByTime(1_001);
    isBroken = true;
    await expect(client.send(get(webex, '/roles'))).rejects.toThrow('a bug of the observer');
    isBroken = false;
    expect((await client.send(get(webex, '/roles'))).status).toBe(200);
  });

  it('when a request has ended, takes nothing away from the answer', async () => {
    const webex = await upstream();
    const client = open(() => () => {
      throw new Error('a bug of the observer');
    });
    expect((await client.send(get(webex, '/roles'))).status).toBe(200);
  });
});
