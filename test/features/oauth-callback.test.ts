import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configure } from '../configuration.ts';
import { startWorld, type World } from '../world.ts';

const CALLBACK = 'http://gateway.test/oauth/callback';

let world: World;
beforeAll(async () => {
  world = await startWorld({ connect: false, returnOrigins: ['https://admin.example'] });
});
afterAll(() => world[Symbol.asyncDispose]());

/** Where Webex sends the browser, after an administrator has approved. */
async function approve(returnTo?: string): Promise<URL> {
  const { authorizationUrl } = await configure(world, 'connect', { id: world.connectorId, returnTo });
  const { origin, pathname, searchParams } = new URL(authorizationUrl ?? '');
  searchParams.set('decision', 'approve');
  const answer = await fetch(`${origin}${pathname}`, {
    method: 'POST',
    body: searchParams,
    redirect: 'manual',
  });
  world.webex.requests.clear();
  return new URL(answer.headers.get('location') ?? '');
}
const open = async (address: URL | string, init: RequestInit = {}) => {
  const response = await world.gateway.fetch(new Request(address, init));
  return { status: response.status, location: response.headers.get('location'), text: await response.text() };
};
const exchanges = () => world.webex.requests.count('POST /access_token');

describe('the address that Webex sends the browser back to', () => {
  it.each([
    ['HEAD, as a link scanner sends', { method: 'HEAD' }, 200],
    ['Sec-Purpose: prefetch;prerender', { headers: { 'sec-purpose': 'prefetch;prerender' } }, 503],
    ['Purpose: prefetch', { headers: { purpose: 'prefetch' } }, 503],
    ['X-Moz: prefetch', { headers: { 'x-moz': 'prefetch' } }, 503],
    ['X-Purpose: preview', { headers: { 'x-purpose': 'preview' } }, 503],
  ])('does not use up the code for %s', async (_what, init, status) => {
    const back = await approve();
    expect((await open(back, init)).status).toBe(status);
    expect(exchanges()).toBe(0);
    expect((await open(back)).status).toBe(200);
    expect(exchanges()).toBe(1);
  });
});

describe('an authorization that Webex refuses', () => {
  const failed = (error: string, description = '') => {
    const address = new URL(CALLBACK);
    address.searchParams.set('error', error);
    if (description !== '') address.searchParams.set('error_description', description);
    return address;
  };

  it('is shown with its code and description, without a state as well', async () => {
    const page = await open(failed('invalid_scope', 'The requested scope is invalid'));
    expect(page.status).toBe(400);
    expect(page.text).toContain('invalid_scope, “The requested scope is invalid”');
    expect(world.log.join('\n')).toContain(
      '"authorizationError":"invalid_scope","authorizationErrorDescription":"The requested scope is invalid"',
    );
  });

  it('is shown with its code and description for the connector of its state', async () => {
    const back = await approve();
    back.searchParams.delete('code');
    back.searchParams.set('error', 'server_error');
    back.searchParams.set('error_description', 'Redirect URI mismatch for client C0ffee');
    expect((await open(back)).text).toContain('server_error, “Redirect URI mismatch for client C0ffee”');
    expect(exchanges()).toBe(0);
  });

  it('is named in the address that the browser returns to', async () => {
    const back = await approve('https://admin.example/webex');
    back.searchParams.delete('code');
    back.searchParams.set('error', 'temporarily_unavailable');
    expect((await open(back)).location).toBe(
      'https://admin.example/webex?status=failed&error=RESPONSE_INVALID&webexError=temporarily_unavailable',
    );
  });

  it('is shown and logged without what looks like a token', async () => {
    const token = `eyJhbGciOiJSUzI1NiJ9.${'a1B2'.repeat(15)}.${'c3D4'.repeat(15)}`;
    const page = await open(failed('server_error', `Refused: Bearer ${token} for client C0ffee`));
    for (const text of [page.text, world.log.join('\n')]) {
      expect(text).toContain('Refused: Bearer [removed] for client C0ffee');
      expect(text).not.toContain('a1B2');
    }
  });

  it('is shown escaped, on one line and cut, whatever the address holds', async () => {
    const page = await open(
      failed('<b>x</b>', `</p><script>alert(1)</script>\r\n\u202e${'y'.repeat(100_000)}`),
    );
    expect(page.text).toContain('&lt;b&gt;x&lt;/b&gt;');
    expect(page.text).not.toMatch(/<script|\u202e|<b>/);
    expect(page.text.length).toBeLessThan(3_000);
  });
});

describe('a return that names its issuer (RFC 9207)', () => {
  it('is accepted from the authorization server of the connector', async () => {
    const back = await approve();
    back.searchParams.set('iss', world.webex.url);
    expect((await open(back)).status).toBe(200);
  });

  it.each([
    'https://evil.example',
    'null',
    '',
    'not an address',
  ])('is refused from %j, and its code not sent', async (iss) => {
    const back = await approve();
    back.searchParams.set('iss', iss);
    const page = await open(back);
    expect([page.status, exchanges()]).toEqual([400, 0]);
    expect(page.text).toContain('names another authorization server');
  });

  it('is refused in completeConnect as well', async () => {
    const back = await approve();
    const [code, state] = ['code', 'state'].map((name) => back.searchParams.get(name));
    const input = { code, state, iss: 'https://evil.example' };
    const { connector, error } = await configure(world, 'completeConnect', input);
    expect([connector, error?.reason, exchanges()]).toEqual([null, 'RESPONSE_INVALID', 0]);
  });
});
