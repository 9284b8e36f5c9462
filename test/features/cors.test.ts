import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

const ADMIN = 'https://admin.example.com';
let world: World;

beforeAll(async () => {
  world = await startWorld({ connect: false, exposure: { corsOrigins: [ADMIN] } });
});
afterAll(() => world[Symbol.asyncDispose]());

const preflight = (origin: string, wanted: string) =>
  world.gateway.fetch(
    new Request('http://gateway.test/graphql', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': wanted,
      },
    }),
  );
const post = (headers: Record<string, string>) =>
  world.gateway.fetch(
    new Request('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"query":"{ connectors { name } }"}',
    }),
  );
const get = (headers: Record<string, string>, query = '{connectors{name}}') =>
  world.gateway.fetch(
    new Request(`http://gateway.test/graphql?query=${encodeURIComponent(query)}`, { headers }),
  );
const corsHeaders = ({ headers }: Response) =>
  [...headers.keys()].filter((name) => name.startsWith('access-control-'));

describe('pages of other origins', () => {
  it('that are allowed may ask, with the headers that say how, and read the headers that tell of it', async () => {
    const allowed = await preflight(ADMIN, 'content-type, authorization, idempotency-key');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(ADMIN);
    expect(allowed.headers.get('access-control-allow-methods')).toBe('GET,POST');
    const headers = allowed.headers.get('access-control-allow-headers')?.toLowerCase().split(',');
    for (const name of [
      'content-type',
      'authorization',
      'idempotency-key',
      'traceparent',
      'webex-deadline',
    ]) {
      expect(headers).toContain(name);
    }
    for (const name of ['webex-lane', 'webex-explain']) expect(headers).toContain(name);
    const answer = await post({ origin: ADMIN });
    expect(await answer.json()).toMatchObject({ data: { connectors: [{ name: 'acme' }] } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(ADMIN);
    expect(answer.headers.get('access-control-expose-headers')).toMatch(/X-Request-Id.*Webex-Requests/);
    expect(answer.headers.get('vary')).toContain('Origin');
    // There are no cookies that could be sent along.
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('may send the header that a refused page is advised to send', async () => {
    const refused = await get({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' });
    const { errors }: { errors: { message: string }[] } = JSON.parse(await refused.text());
    const [advised = ''] = /GraphQL-[\w-]+/.exec(errors[0]?.message ?? '') ?? [];
    const allowed = await preflight(ADMIN, advised.toLowerCase());
    expect([refused.status, advised]).toEqual([403, 'GraphQL-Require-Preflight']);
    expect(allowed.headers.get('access-control-allow-headers')?.split(',')).toContain(advised);
  });

  it('may read a refusal too', async () => {
    const refused = await post({ origin: ADMIN, 'webex-deadline': 'soon' });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([400, ADMIN]);
  });

  it.each([
    'https://evil.example',
    'https://admin.example.com.evil.example',
    'http://admin.example.com',
    'https://admin.example.com:8443',
    'null',
  ])('that are not allowed get no header of CORS: %s', async (origin) => {
    const asked = await preflight(origin, 'content-type');
    expect(asked.ok).toBe(false);
    expect(corsHeaders(asked)).toEqual([]);
    const answer = await post({ origin });
    expect([corsHeaders(answer), answer.headers.get('vary')]).toEqual([[], 'Origin']);
  });

  it('are not allowed unless configured', async () => {
    await using closed = await startWorld({ connector: false });
    const answer = await closed.gateway.fetch(
      new Request('http://gateway.test/graphql?query={__typename}', { headers: { origin: ADMIN } }),
    );
    expect([answer.status, corsHeaders(answer)]).toEqual([200, []]);
  });
});

describe('a page of elsewhere cannot make a browser work the gateway', () => {
  const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

  it.each([
    ['cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['from a neighbour', { 'sec-fetch-site': 'same-site' }],
    ['by a browser that does not say from where', { 'user-agent': FIREFOX }],
  ])('by GET, as an image is: %s', async (_what, headers) => {
    const answer = await get(headers);
    expect([answer.status, await answer.json()]).toMatchObject([
      403,
      { errors: [{ extensions: { code: 'CROSS_SITE_REFUSED' } }] },
    ]);
    const audit = await world.gateway.fetch(new Request('http://gateway.test/audit/events', { headers }));
    expect(audit.status).toBe(403);
  });

  it.each([
    ['of the gateway itself', { 'sec-fetch-site': 'same-origin', 'user-agent': FIREFOX }],
    ['that a user entered', { 'sec-fetch-site': 'none', 'user-agent': FIREFOX }],
    ['that the browser had to ask about', { 'user-agent': FIREFOX, 'graphql-require-preflight': '1' }],
    ['of an origin that is allowed', { 'sec-fetch-site': 'cross-site', origin: ADMIN }],
    ['of a script', { 'user-agent': 'curl/8.5.0' }],
  ])('while a GET is answered: one %s', async (_what, headers) => {
    expect((await get(headers)).status).toBe(200);
  });

  it('and changes are not made by GET at all', async () => {
    const answer = await get(
      {},
      `mutation { deleteConnector(input: { id: "${world.connectorId}" }) { __typename } }`,
    );
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await world.ask('{ connectors { name } }')).toEqual({ connectors: [{ name: 'acme' }] });
  });
});

describe('every answer', () => {
  const paths = [
    '/graphql?query={__typename}',
    '/health',
    '/metrics',
    '/audit/events',
    '/nowhere',
    '/oauth/callback',
  ];

  it.each(paths)('tells browsers to be careful with it: %s', async (path) => {
    const { headers } = await world.gateway.fetch(new Request(`http://gateway.test${path}`));
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers.get('cache-control')).toBe('no-store');
    // Only where browsers reach it by TLS.
    expect(headers.get('strict-transport-security')).toBeNull();
  });

  it('tells them to come by TLS only, where that is how they come', async () => {
    await using secure = await startWorld({ connector: false, publicUrl: 'https://gateway.test' });
    const { headers } = await secure.gateway.fetch(new Request('http://gateway.test/health'));
    expect(headers.get('strict-transport-security')).toBe('max-age=15552000');
  });
});
