import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpClient } from '../../src/datasources/http/client.ts';
import {
  AuthorizedClient,
  addressOf,
  type TokenSource,
} from '../../src/datasources/rest/authorized-client.ts';
import { NotConnected } from '../../src/errors/connection.ts';
import { ReadOnlyConnector } from '../../src/errors/request.ts';
import { UpstreamRejected, UpstreamUnavailable } from '../../src/errors/upstream.ts';
import { localDestinations } from '../local-upstream.ts';

/** A service that is not Webex: another name, another header for the name of a call, tokens without a refresh token. */
const TRAITS = { name: 'Acme', callIdHeader: 'x-acme-transactionid', largestBody: 1_000 };

let resources = new AsyncDisposableStack();
afterEach(async () => {
  await resources.disposeAsync();
  resources = new AsyncDisposableStack();
});

/** The service, which accepts only the token `token-2`, or none at all, and a client of it. */
async function open({ acceptsTokens = true, mayWrite = true, body = '{"_id":"1"}' } = {}) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    requests.push(`${method} ${url} ${headers.authorization} ${headers['accept-api-version']}`);
    response.setHeader('x-acme-transactionid', headers['x-acme-transactionid'] ?? '');
    response.statusCode = acceptsTokens && headers.authorization === 'Bearer token-2' ? 200 : 401;
    response.end(response.statusCode === 200 ? body : '{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  resources.defer(() => void server.close());
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const http = new HttpClient({ maximumConnections: 2, connectionTimeout: 5 }, localDestinations(), TRAITS);
  resources.defer(() => http.destroy(new NotConnected('test')));
  let issued = 1;
  const tokens: TokenSource = {
    obtain: async () => `token-${issued}`,
    newest: () => `token-${issued}`,
    renew: async () => {
      issued += 1;
      return `token-${issued}`;
    },
    isRenewable: true,
    accepted: () => undefined,
  };
  const client = new AuthorizedClient(http, tokens, {
    mayWrite,
    headers: { 'accept-api-version': 'resource=1.0' },
    newCallId: () => 'call-1',
    tokenCheck: undefined,
    isDone: (_method, status) => status === 200,
    isFromService: (_method, status) => status === 200,
    failureOf: (call) => new UpstreamRejected('refused', call),
    routeOf: () => undefined,
  });
  const url = addressOf(`${origin}/openidm/managed/user`, { _queryFilter: 'true', _pageSize: undefined });
  return { client, url, requests };
}

describe('a client of a service that is not Webex', () => {
  it('sends its headers, renews a refused token once and names the call by its header', async () => {
    const { client, url, requests } = await open();
    const answer = await client.get(url, '/user', {}, (body) => body);
    expect(answer).toMatchObject({ body: { _id: '1' }, call: { service: 'Acme', trackingId: 'call-1' } });
    expect(requests).toEqual([
      'GET /openidm/managed/user?_queryFilter=true Bearer token-1 resource=1.0',
      'GET /openidm/managed/user?_queryFilter=true Bearer token-2 resource=1.0',
    ]);
  });

  it('gives up after four tokens, with the name of the service in the sentence', async () => {
    const { client, url, requests } = await open({ acceptsTokens: false });
    const read = client.get(url, '/user', {}, (body) => body);
    await expect(read).rejects.toThrow(UpstreamUnavailable);
    await expect(read).rejects.toThrow('Acme refuses access tokens that it has just issued.');
    expect(requests).toHaveLength(4);
  });

  it.each([
    ['an answer that is too large', 'x'.repeat(1_001), "Acme's answer is larger than 1000 bytes"],
    ['an answer that is not JSON', '<html>', 'Acme answered with something that is not JSON.'],
  ])('names the service for %s', async (_what, body, sentence) => {
    const { client, url } = await open({ body });
    await expect(client.get(url, '/user', {}, (each) => each)).rejects.toThrow(sentence);
  });

  it('sends a list as the body of a change, and nothing where changes are not allowed', async () => {
    const hooks = { check: () => undefined, attempted: () => undefined };
    const patch = [{ operation: 'replace', field: '/mail', value: 'a@example.com' }];
    const { client, url, requests } = await open();
    expect(await client.write('PATCH', url, patch, {}, hooks)).toMatchObject({ body: { _id: '1' } });
    expect(requests).toHaveLength(2);
    const reader = await open({ mayWrite: false });
    await expect(reader.client.write('PATCH', reader.url, patch, {}, hooks)).rejects.toThrow(
      ReadOnlyConnector,
    );
    expect(reader.requests).toEqual([]);
  });
});
