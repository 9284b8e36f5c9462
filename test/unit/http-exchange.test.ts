import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:net';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpClient } from '../../src/datasources/http/client.ts';
import type { PoolSettings } from '../../src/datasources/http/pool.ts';
import { WEBEX } from '../../src/datasources/webex/traits.ts';
import { NotConnected } from '../../src/errors/connection.ts';
import { Abandoned } from '../../src/errors/upstream.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { localDestinations } from '../local-upstream.ts';

const TOKEN = 'test-token';

let resources = new AsyncDisposableStack();
afterEach(async () => {
  await resources.disposeAsync();
  resources = new AsyncDisposableStack();
});

function open(settings: PoolSettings): HttpClient {
  const allowed = localDestinations({ UPSTREAM_ORIGINS: 'http://127.0.0.1:*,https://127.0.0.1:*' });
  const client = new HttpClient(settings, allowed, WEBEX);
  resources.defer(() => client.destroy(new NotConnected('test')));
  return client;
}

describe('a connection that has become free', () => {
  it('sends the next request before the answer that freed it is taken apart', async () => {
    const webex = resources.use(await startSandbox({ users: 5, token: TOKEN }));
    const events: string[] = [];
    const written = (message: unknown) => events.push(`${pathIn(message)} written`);
    subscribe('undici:client:sendHeaders', written);
    resources.defer(() => void unsubscribe('undici:client:sendHeaders', written));
    const client = open({ maximumConnections: 1, connectionTimeout: 5 });
    const ask = async (path: string) => {
      const url = new URL(`${webex.serviceUri}${path}`);
      await client.send({ method: 'GET', url, headers: { authorization: `Bearer ${TOKEN}` } });
      events.push(`${url.pathname} taken apart`);
    };
    await Promise.all(['/people', '/roles', '/licenses'].map(ask));
    expect(events).toEqual([
      ...['/v1/people written', '/v1/roles written', '/v1/people taken apart'],
      ...['/v1/licenses written', '/v1/roles taken apart', '/v1/licenses taken apart'],
    ]);
  });
});

describe('a request that is given up while its connection is being made', () => {
  it('ends at once, and leaves its place and the connection to the next', async () => {
    const { port, connections, go, certificate } = await startSlowHandshakes();
    const client = open({ maximumConnections: 1, connectionTimeout: 3_600, caCertificates: certificate });
    const url = new URL(`https://127.0.0.1:${port}/`);
    for (let times = 0; times < 3; times += 1) {
      const controller = new AbortController();
      const sent = client.send({ method: 'GET', url, headers: {}, signal: controller.signal });
      await expect.poll(connections, { interval: 5 }).toBe(1);
      controller.abort();
      await expect(sent).rejects.toThrow(Abandoned);
      expect(client.status().running).toBe(0);
    }
    const next = client.send({ method: 'GET', url, headers: {} });
    go();
    expect(await next).toMatchObject({ status: 200, text: 'here' });
    expect(connections()).toBe(1);
  });
});

/** A server with TLS that takes connections at once, and shakes hands with them only when it is told to. */
async function startSlowHandshakes() {
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  const answering = createHttpsServer({ key, cert }, (_request, response) => response.end('here'));
  const { promise: told, resolve: go } = Promise.withResolvers<void>();
  let connections = 0;
  const door = createServer((socket) => {
    connections += 1;
    resources.defer(() => void socket.destroy());
    void told.then(() => answering.emit('connection', socket));
  }).listen(0, '127.0.0.1');
  resources.defer(() => void door.close());
  await once(door, 'listening');
  const address = door.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { port, go, certificate: cert, connections: () => connections };
}

/** The path of the request that undici tells of. */
function pathIn(message: unknown): string {
  const request = typeof message === 'object' && message !== null && 'request' in message && message.request;
  return typeof request === 'object' && request !== null && 'path' in request ? String(request.path) : '';
}
