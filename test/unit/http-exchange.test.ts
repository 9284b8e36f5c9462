import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpClient } from '../../src/datasources/http/client.ts';
import type { HttpRequest } from '../../src/datasources/http/exchange.ts';
import type { HttpObserver } from '../../src/datasources/http/observer.ts';
import { Abandoned, NotConnected } from '../../src/errors.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { localDestinations } from '../local-upstream.ts';

const TOKEN = 'test-token';

let resources = new AsyncDisposableStack();
afterEach(async () => {
  await resources.disposeAsync();
  resources = new AsyncDisposableStack();
});

function open(
  settings: { maximumConnections: number; connectionTimeout: number },
  observe?: HttpObserver,
): HttpClient {
  const allowed = localDestinations({ UPSTREAM_ORIGINS: 'http://127.0.0.1:*,https://127.0.0.1:*' });
  const client = new HttpClient(settings, allowed, undefined, observe);
  resources.defer(() => client.destroy(new NotConnected('test')));
  return client;
}

describe('a connection that has become free', () => {
  it('sends the next request before the answer that freed it is taken apart', async () => {
    const webex = resources.use(await startSandbox({ users: 5, token: TOKEN }));
    const events: string[] = [];
    const client = open({ maximumConnections: 1, connectionTimeout: 5 }, ({ route }) => {
      events.push(`${route} sent`);
      return () => undefined;
    });
    const ask = async (path: string) => {
      const url = new URL(`${webex.serviceUri}${path}`);
      const headers = { authorization: `Bearer ${TOKEN}` };
      await client.send({ method: 'GET', url, headers, route: path } satisfies HttpRequest);
      events.push(`${path} looked into`);
    };
    await Promise.all(['/people', '/roles', '/licenses'].map(ask));
    expect(events).toEqual([
      ...['/people sent', '/roles sent', '/people looked into'],
      ...['/licenses sent', '/roles looked into', '/licenses looked into'],
    ]);
  });
});

describe('a request that is given up while its connection is being made', () => {
  it('ends at once, and gives its place to the next', async () => {
    // It accepts connections, and says nothing to a TLS handshake.
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      resources.defer(() => void socket.destroy());
    }).listen(0, '127.0.0.1');
    resources.defer(() => void server.close());
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const client = open({ maximumConnections: 1, connectionTimeout: 3_600 });
    const controller = new AbortController();
    const connected = once(server, 'connection');
    const url = new URL(`https://127.0.0.1:${port}/`);
    const sent = client.send({ method: 'GET', url, headers: {}, signal: controller.signal });
    await connected;
    controller.abort();
    await expect(sent).rejects.toThrow(Abandoned);
    expect(client.status().running).toBe(0);
  });
});
