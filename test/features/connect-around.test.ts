import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FaultRule } from '../../src/sandbox/index.ts';
import { configure, updateConnector } from '../configuration.ts';
import { startWorld, type World } from '../world.ts';

const DAY = 86_400_000;
const connectWith = (refreshToken: string) =>
  configure(world, 'connectWithRefreshToken', { id: world.connectorId, refreshToken });

let world: World;

beforeEach(async () => {
  world = await startWorld({ connect: false, returnOrigins: ['https://admin.example'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await world[Symbol.asyncDispose]();
});

describe('returning to a page of one’s own', () => {
  async function goThrough(returnTo: string, decision: 'approve' | 'deny'): Promise<Response> {
    const { authorizationUrl } = await configure(world, 'connect', { id: world.connectorId, returnTo });
    const { origin, pathname, searchParams } = new URL(authorizationUrl ?? '');
    searchParams.set('decision', decision);
    const answer = await fetch(`${origin}${pathname}`, {
      method: 'POST',
      body: searchParams,
      redirect: 'manual',
    });
    return world.gateway.fetch(new Request(answer.headers.get('location') ?? ''));
  }

  it('says how it ended, and hands on neither code nor state', async () => {
    const connected = await goThrough('https://admin.example/webex?tab=2', 'approve');
    expect([connected.status, connected.headers.get('location')]).toEqual([
      303,
      'https://admin.example/webex?tab=2&status=connected&connector=acme',
    ]);
    const denied = await goThrough('https://admin.example/webex', 'deny');
    expect(denied.headers.get('location')).toBe(
      'https://admin.example/webex?status=failed&error=DENIED&webexError=access_denied',
    );
  });

  it.each([
    'https://evil.example/',
    'https://admin.example.evil.example/',
    'http://admin.example/',
    'https://admin.example@evil.example/',
    'https://user@admin.example/',
    'https://user:password@admin.example/',
    'https://:password@admin.example/',
  ])('goes to allowed origins only, not to %s', async (returnTo) => {
    const { authorizationUrl, error } = await configure(world, 'connect', {
      id: world.connectorId,
      returnTo,
    });
    expect(authorizationUrl).toBeNull();
    expect(error).toMatchObject({ code: 'INVALID_INPUT', problems: [{ path: 'input.returnTo' }] });
  });
});

describe('less than was asked for', () => {
  it('is said on the page, in the query of the return, in the details and in the log', async () => {
    world.webex.registerIntegration({
      clientId: 'test-integration',
      clientSecret: world.clientSecret,
      redirectUris: ['http://gateway.test/oauth/callback'],
      scopes: '*',
    });
    await updateConnector(world, { scopes: ['spark-admin:people_read', 'spark-admin:roles_read'] });
    const tokens = world.webex.issueTokens({
      clientId: 'test-integration',
      scopes: ['spark-admin:people_read'],
    });
    const answer = {
      access_token: tokens.accessToken,
      refresh_token: tokens.refreshToken,
      expires_in: 1_209_600,
      token_type: 'Bearer',
      scope: 'spark-admin:people_read',
    };
    world.webex.fail({
      route: 'POST /access_token',
      fault: { kind: 'broken-json', body: JSON.stringify(answer) },
    });
    const page = await world.connect();
    expect(page.status).toBe(200);
    expect(await page.text()).toContain(
      'these scopes were not granted, and what needs them will fail: spark-admin:roles_read',
    );
    expect(await world.ask('{ connector { details { missingScopes } } }')).toEqual({
      connector: { details: { missingScopes: ['spark-admin:roles_read'] } },
    });
    expect(world.log.join()).toContain('connected without some scopes');
  });
});

describe('connecting with a refresh token', () => {
  it('needs no browser', async () => {
    const { refreshToken } = world.webex.issueTokens({ clientId: 'test-integration' });
    expect(await connectWith(refreshToken)).toMatchObject({
      connector: { status: 'CONNECTED' },
      error: null,
    });
    await world.ask('{ connector { roles { name } } }');
  });

  it('keeps the new one, which is good once, when Webex then fails: it asks whose it is at the next use', async () => {
    world.webex.settings.rotateRefreshTokens = true;
    const { refreshToken } = world.webex.issueTokens({ clientId: 'test-integration' });
    const down = world.webex.fail({
      route: 'GET /people/me',
      fault: { kind: 'status', status: 503 },
      times: Number.POSITIVE_INFINITY,
    });
    expect(await connectWith(refreshToken)).toMatchObject({ error: { code: 'UPSTREAM_UNAVAILABLE' } });
    down.clear();
    expect(await world.ask('{ connector { status details { organization { webexId } } } }')).toEqual({
      connector: { status: 'CONNECTED', details: { organization: { webexId: world.webex.org.id } } },
    });
  });

  it('says so when Webex does not take it', async () => {
    expect(await connectWith('made-up')).toMatchObject({
      connector: null,
      error: { __typename: 'AuthorizationFailed', code: 'AUTHORIZATION_FAILED', reason: 'GRANT_REFUSED' },
    });
    const ofAnother = world.webex.issueTokens({ clientId: 'another' }).refreshToken;
    expect(await connectWith(ofAnother)).toMatchObject({ error: { reason: 'GRANT_REFUSED' } });
  });

  it.each(['', ' '])('is refused without a request to Webex if it is empty: %j', async (refreshToken) => {
    world.webex.requests.clear();
    expect(await connectWith(refreshToken)).toMatchObject({
      connector: null,
      error: { code: 'INVALID_INPUT', problems: [{ path: 'input.refreshToken' }] },
    });
    expect(world.webex.requests.count()).toBe(0);
  });
});

describe('a connection that works', () => {
  const works = async () =>
    (await world.query('{ connector { users(first: 1) { nodes { id } } } }')).errors === undefined;
  const newToken = () => world.webex.issueTokens({ clientId: 'test-integration' }).refreshToken;

  it('is there again if connecting again fails', async () => {
    await world.connect();
    world.webex.fail({ route: 'GET /people/me', fault: { kind: 'status', status: 403 } });
    expect(JSON.stringify(await connectWith(newToken()))).toContain('Webex does not say who connected');
    expect(await works()).toBe(true);
    world.webex.fail({ route: 'GET /people/me', fault: { kind: 'html', status: 200 } });
    await connectWith(newToken());
    expect(await works()).toBe(true);
  });

  it('outlives another attempt that fails later', async () => {
    const slow = world.webex.fail({ route: 'GET /people/me', fault: { kind: 'latency', ms: 400 } });
    world.webex.fail({ route: 'GET /people/me', fault: { kind: 'status', status: 403 } });
    const failing = connectWith(newToken());
    await expect.poll(() => slow.struck).toBe(1);
    await connectWith(newToken());
    await failing;
    expect(await works()).toBe(true);
  });

  it('begins with nothing kept when it is made again, by another account or with other scopes; not with new tokens', async () => {
    await world.connect();
    const listed = async () => {
      const before = world.webex.requests.count('GET /licenses');
      await world.ask('{ connector { licenses { name } } }');
      return world.webex.requests.count('GET /licenses') - before;
    };
    const name = async () => {
      const query = '{ connector { details { organization { displayName } } } }';
      const { connector } = await world.ask<{
        connector: { details: { organization: { displayName: string } } };
      }>(query);
      return connector.details.organization.displayName;
    };
    const scopes = ['spark-admin:people_read', 'spark-admin:licenses_read'];
    await connectWith(world.webex.issueTokens({ clientId: 'test-integration', scopes }).refreshToken);
    expect(await listed()).toBe(1);
    const nameless = await name();
    world.webex.expireAccessTokens();
    expect(await works()).toBe(true);
    expect(await listed()).toBe(0);
    await connectWith(newToken());
    expect(await listed()).toBe(1);
    expect(await name()).not.toBe(nameless);
    const person = world.webex.people.find(({ email }) => email !== world.webex.adminEmail)?.email ?? '';
    await connectWith(world.webex.issueTokens({ clientId: 'test-integration', person }).refreshToken);
    expect(await listed()).toBe(1);
  });

  it('has to be made again where Webex will not say whose it is, and is not asked again and again', async () => {
    world.webex.fail({ route: 'GET /people/me', fault: { kind: 'status', status: 503 }, times: 3 });
    await connectWith(newToken());
    world.webex.fail({
      route: 'GET /people/me',
      fault: { kind: 'status', status: 403 },
      times: Number.POSITIVE_INFINITY,
    });
    expect(await works()).toBe(false);
    const asked = world.webex.requests.count('GET /people/me');
    expect(await works()).toBe(false);
    expect(world.webex.requests.count('GET /people/me')).toBe(asked);
    expect(await world.ask('{ connector { status } }')).toEqual({
      connector: { status: 'RECONNECT_REQUIRED' },
    });
  });

  it.each<[string, FaultRule]>([
    [
      'a page without Webex’s user',
      { route: 'GET /people/me', fault: { kind: 'status', status: 404, body: '<html>Moved</html>' } },
    ],
    [
      'a refusal of the client',
      {
        route: 'POST /access_token',
        fault: { kind: 'status', status: 401, body: '{"error":"invalid_client"}' },
      },
    ],
  ])('is kept if Webex does not say whose it is because of %s', async (_what, rule) => {
    world.webex.fail({ route: 'GET /people/me', fault: { kind: 'status', status: 503 }, times: 3 });
    await connectWith(newToken());
    if (rule.route === 'POST /access_token') world.webex.expireAccessTokens();
    const failing = world.webex.fail(rule);
    expect(await works()).toBe(false);
    expect(failing.struck).toBe(1);
    expect(await works()).toBe(true);
  });
});

describe('disconnecting', () => {
  const disconnect = () => configure(world, 'disconnect', { id: world.connectorId });
  const disconnected = { connector: { status: 'DISCONNECTED', details: null }, error: null };

  it('forgets the tokens, and may be repeated', async () => {
    await world.connect();
    expect(await disconnect()).toMatchObject(disconnected);
    expect(await disconnect()).toMatchObject(disconnected);
    const { errors } = await world.query('{ connector { roles { name } } }');
    expect(errors?.[0]?.extensions.code).toBe('NOT_CONNECTED');
    expect(world.webex.requests.count('DELETE /authorizations')).toBe(0);
  });

  it('revokes them in Webex where they have the scope for it', async () => {
    await updateConnector(world, { scopes: ['spark-admin:people_read', 'identity:tokens_write'] });
    await world.connect();
    const grant = await world.store.grants.get((await world.store.connectors.list())[0]?.id ?? '');
    expect(await disconnect()).toMatchObject(disconnected);
    const answer = await fetch(`${world.webex.serviceUri}/people/me`, {
      headers: { authorization: `Bearer ${grant?.accessToken}` },
    });
    expect(answer.status).toBe(401);
  });

  it('revokes nothing where the connector is read-only', async () => {
    await updateConnector(world, {
      readOnly: true,
      scopes: ['spark-admin:people_read', 'identity:tokens_write'],
    });
    await world.connect();
    expect(await disconnect()).toMatchObject(disconnected);
    expect(
      world.webex.requests.all.filter(
        ({ method, route }) =>
          method !== 'GET' && !route.endsWith('/authorize') && route !== 'POST /access_token',
      ),
    ).toEqual([]);
  });

  it('forgets them also when Webex cannot be told', async () => {
    await updateConnector(world, { scopes: ['spark-admin:people_read', 'identity:tokens_write'] });
    await world.connect();
    await world.webex.close();
    expect(await disconnect()).toMatchObject(disconnected);
    expect(world.log.some((line) => line.includes('not revoked in Webex'))).toBe(true);
  });
});

describe('a connection that ends soon', () => {
  const DETAILS = '{ connector { details { refreshTokenDaysLeft endsSoon } } }';

  it('shows in its details, in the log and in the metrics, from fourteen days on', async () => {
    await world.connect();
    expect(await world.ask(DETAILS)).toEqual({
      connector: { details: { refreshTokenDaysLeft: 89, endsSoon: false } },
    });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 77 * DAY });
    expect(await world.ask(DETAILS)).toEqual({
      connector: { details: { refreshTokenDaysLeft: 12, endsSoon: true } },
    });
    const metrics = await world.gateway.fetch(new Request('http://gateway.test/metrics'));
    expect(await metrics.text()).toContain('webex_gateway_refresh_token_days_left{connector="acme"} 12');
    // Said at the start and once a day, whether or not the connection is used.
    await using restarted = await world.restart();
    await expect.poll(() => restarted.log.join()).toContain('the connection ends soon');
  });
});
