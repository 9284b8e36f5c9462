import { once } from 'node:events';
import { createServer } from 'node:https';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ALL_SCOPES } from '../../src/sandbox/index.ts';
import { type Configured, configure, documentOf, updateConnector } from '../configuration.ts';
import { LOCAL_UPSTREAM } from '../local-upstream.ts';
import { startWorld, type World, type WorldOptions } from '../world.ts';

/** What the mutation's description promises. */
const MOST_READS = 10;

let world: World;
const worlds: World[] = [];

const start = async (options?: WorldOptions) => {
  const origins = `${LOCAL_UPSTREAM.UPSTREAM_ORIGINS},https://webexapis.invalid`;
  world = await startWorld({ upstream: { UPSTREAM_ORIGINS: origins }, ...options });
  worlds.push(world);
};
const examine = async () => {
  const { test, error } = await configure(world, 'testConnector', { id: world.connectorId });
  if (test == null) throw new Error(`Unexpected: ${JSON.stringify(error)}`);
  const check = (name: string) => test.checks.find((each) => each.name === name);
  const statuses = Object.fromEntries(test.checks.map(({ name, status }) => [name, status]));
  const failures = test.checks.filter(({ status }) => status === 'FAILED').map(({ name }) => name);
  return { ...test, check, statuses, failures };
};
const update = (input: object) => updateConnector(world, input);
/** Connects as another user than the full administrator. */
const connectAs = async (person: string, scopes: readonly string[] = ALL_SCOPES) => {
  const { refreshToken } = world.webex.issueTokens({ person, scopes, clientId: 'test-integration' });
  const connected = await configure(world, 'connectWithRefreshToken', {
    id: world.connectorId,
    refreshToken,
  });
  expect(connected.error).toBeNull();
};
const holderOf = (...roles: string[]) =>
  world.webex.people.find(({ roleNames }) => roleNames.join() === roles.join())?.email ?? '';
const laterBy = (seconds: number) => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 });
};
const posts = () => world.webex.requests.all.filter(({ method }) => method !== 'GET');
const reads = () => world.webex.requests.all.filter(({ method }) => method === 'GET');

afterEach(async () => {
  vi.useRealTimers();
  for (const each of worlds.splice(0)) await each[Symbol.asyncDispose]();
});

describe('testing a connector that is well', () => {
  it('passes every check, with a sentence and a duration for each', async () => {
    await start({ connector: { scopes: ALL_SCOPES } });
    const { ok, connector, checks, statuses, check } = await examine();
    expect(ok).toBe(true);
    expect(connector).toEqual({ name: 'acme', status: 'CONNECTED' });
    const { DIRECTORY_SYNC, ...others } = statuses;
    expect(DIRECTORY_SYNC).toBe('SKIPPED');
    expect(new Set(Object.values(others))).toEqual(new Set(['PASSED']));
    for (const { message, durationMs } of checks) {
      expect(message).toMatch(/^[A-Z1\d].{20,}[.)]$/);
      expect(durationMs).toBeGreaterThanOrEqual(0);
    }
    expect(check('TOKEN')?.message).toMatch(/refresh token has (89|90) days left/);
    expect(check('PEOPLE_SCOPES')?.message).toContain('granted spark-admin:people_write; that was not tried');
    expect(check('GROUP_SCOPES')?.message).toContain('Reading works: GET /groups proves it.');
  });

  it('says what is not asked for, and what it would be good for', async () => {
    await start();
    const { ok, statuses, check } = await examine();
    expect(ok).toBe(true);
    expect(statuses).toMatchObject({
      ORGANIZATION_SCOPES: 'SKIPPED',
      IDENTITY_SCOPES: 'SKIPPED',
      OTHER_SCOPES: 'SKIPPED',
    });
    expect(check('ORGANIZATION_SCOPES')?.message).toContain('spark-admin:organizations_read');
  });

  it('notes that the connector is read-only', async () => {
    await start({ connector: { readOnly: true } });
    expect((await examine()).check('SETTINGS')?.message).toContain('every change in Webex is refused');
  });

  it('does not guess whether Directory Connector manages the users', async () => {
    await start();
    expect((await examine()).check('DIRECTORY_SYNC')).toMatchObject({
      status: 'SKIPPED',
      message: expect.stringContaining('refuses to create and delete users'),
    });
  });

  it('refuses what is no connector', async () => {
    await start({ connect: false });
    const ask = (id: string) => configure(world, 'testConnector', { id });
    expect(await ask('nonsense')).toMatchObject({ test: null, error: { code: 'NOT_FOUND' } });
    const ofUser = Buffer.from('User:nonsense:nonsense').toString('base64');
    expect(await ask(ofUser)).toMatchObject({ test: null, error: { code: 'INVALID_INPUT' } });
    await configure(world, 'deleteConnector', { id: world.connectorId });
    expect(await ask(world.connectorId)).toMatchObject({ test: null, error: { code: 'NOT_FOUND' } });
  });
});

describe('what a test costs', () => {
  it('is nine reads at most when all is well, and it says so', async () => {
    await start({ connector: { scopes: ALL_SCOPES } });
    const { requests } = await examine();
    expect(requests).toBe(9);
    expect(reads()).toHaveLength(9);
    expect(posts()).toEqual([]);
    expect(JSON.parse(world.log.at(-1) ?? '')).toMatchObject({ upstreamRequests: 9 });
  });

  it('is ten reads and one renewal when the access token has expired', async () => {
    await start({ connector: { scopes: ALL_SCOPES } });
    world.webex.expireAccessTokens();
    const { ok, requests, check } = await examine();
    expect(ok).toBe(true);
    expect(check('TOKEN')?.message).toContain('just been renewed');
    expect(reads()).toHaveLength(MOST_READS);
    expect(posts().map(({ route }) => route)).toEqual(['POST /access_token']);
    expect(requests).toBe(MOST_READS + 1);
  });

  it('has the same bound when everything fails, because nothing is repeated', async () => {
    await start({ connector: { scopes: ALL_SCOPES } });
    world.webex.expireAccessTokens();
    world.webex.fail({
      route: '*',
      times: Number.POSITIVE_INFINITY,
      where: ({ path }) => !/access_token|me$/.test(path),
      fault: { kind: 'status', status: 503 },
    });
    const { failures } = await examine();
    expect(failures).toHaveLength(6);
    expect(reads()).toHaveLength(MOST_READS);
    expect(posts()).toHaveLength(1);
  });

  it('has the same bound when Webex asks for a pause, which is kept', async () => {
    await start({ connector: { scopes: ALL_SCOPES } });
    world.webex.fail({
      route: '*',
      times: Number.POSITIVE_INFINITY,
      fault: { kind: 'status', status: 429, retryAfter: 1 },
    });
    const { ok, check, requests } = await examine();
    expect(ok).toBe(false);
    expect(check('TOKEN')?.message).toContain('Try again in 1 seconds');
    expect(requests).toBeLessThanOrEqual(MOST_READS);
  });

  it('has the same bound when Webex takes the token in one place and refuses it in another', async () => {
    await start({ connector: { scopes: ALL_SCOPES } });
    world.webex.fail({
      route: '*',
      times: Number.POSITIVE_INFINITY,
      where: ({ path }) => !path.endsWith('/me'),
      fault: { kind: 'status', status: 401 },
    });
    const { connector, failures, check } = await examine();
    expect(failures).toContain('GROUP_SCOPES');
    expect(check('GROUP_SCOPES')?.message).toContain('that it accepted a moment before');
    expect(posts()).toEqual([]);
    expect(reads().length).toBeLessThanOrEqual(MOST_READS);
    expect(connector).toMatchObject({ status: 'CONNECTED' });
  });
});

describe('a test that takes longer than the operation may', () => {
  it('ends in time with what was found out, and the checks that were not finished say so', async () => {
    await start({ connector: { scopes: ALL_SCOPES } });
    world.webex.fail({ route: 'GET /licenses', fault: { kind: 'latency', ms: 6_000 } });
    const headers = { 'content-type': 'application/json', 'Webex-Deadline': '2' };
    const { data, errors } = await world.query<{ testConnector: Configured }>(
      documentOf('testConnector'),
      { input: { id: world.connectorId } },
      { headers },
    );
    expect(errors).toBeUndefined();
    expect(data?.testConnector.test).toMatchObject({
      ok: false,
      requests: 9,
      connector: { name: 'acme', status: 'CONNECTED' },
    });
    const failures = data?.testConnector.test?.checks.filter(({ status }) => status === 'FAILED');
    expect(failures).toMatchObject([
      {
        name: 'LICENSE_SCOPES',
        message: expect.stringMatching(/^This was not finished within the 1\.\d seconds .* Webex-Deadline/),
      },
    ]);
  });
});

describe('testing a connector that is not connected', () => {
  beforeEach(() => start({ connect: false }));

  it('says to connect it, and looks at what takes no token all the same', async () => {
    const { ok, check, statuses, failures } = await examine();
    expect(ok).toBe(false);
    expect(failures).toEqual(['TOKEN']);
    expect(check('TOKEN')?.message).toContain('Call the connect mutation');
    expect(statuses).toMatchObject({
      SERVICE_URI_REACHABLE: 'PASSED',
      TOKEN_ENDPOINT_REACHABLE: 'PASSED',
      CLOCK_SKEW: 'PASSED',
      ADMINISTRATOR: 'SKIPPED',
      PEOPLE_SCOPES: 'SKIPPED',
    });
    expect(check('PEOPLE_SCOPES')?.message).toContain('Fix what TOKEN says first');
  });

  it('says that the client secret is missing', async () => {
    await update({ clientSecret: null });
    expect((await examine()).check('SETTINGS')).toMatchObject({
      status: 'FAILED',
      message: expect.stringContaining('set it with updateConnector'),
    });
  });

  it('tells a host name that does not exist', async () => {
    await update({ serviceUri: 'https://webexapis.invalid/v1' });
    const { check, statuses } = await examine();
    expect(check('SERVICE_URI_REACHABLE')).toMatchObject({
      status: 'FAILED',
      message: expect.stringMatching(/^The name webexapis\.invalid (does not exist|could not be resolved)/),
    });
    expect(statuses).toMatchObject({ TOKEN_ENDPOINT_REACHABLE: 'PASSED', CLOCK_SKEW: 'PASSED' });
  });

  it('tells a certificate that is not trusted, and that it is once its authority is', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    const server = createServer({ key, cert }, (_incoming, outgoing) => outgoing.writeHead(404).end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      await update({ serviceUri: `https://localhost:${port}/v1` });
      expect((await examine()).check('SERVICE_URI_REACHABLE')).toMatchObject({
        status: 'FAILED',
        message: expect.stringMatching(
          /certificate of localhost:\d+ is not accepted: .*caCertificates.*DEPTH_ZERO_SELF_SIGNED_CERT/,
        ),
      });
      await update({ caCertificates: cert, clientSecret: world.clientSecret });
      expect((await examine()).check('SERVICE_URI_REACHABLE')).toMatchObject({
        status: 'PASSED',
        message: expect.stringContaining('its certificate is trusted'),
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('tells a proxy that does not answer, without its password', async () => {
    await update({ proxyUrl: 'http://user:proxy-canary@127.0.0.1:9', clientSecret: world.clientSecret });
    const { check, checks } = await examine();
    expect(check('SERVICE_URI_REACHABLE')).toMatchObject({
      status: 'FAILED',
      message: expect.stringContaining('through the proxy 127.0.0.1:9, refuses the connection'),
    });
    expect(JSON.stringify(checks)).not.toContain('canary');
  });

  it('warns of an endpoint that is reached and fails', async () => {
    await update({ tokenEndpoint: `${world.webex.url}/v1/people` });
    world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 503 } });
    expect((await examine()).check('TOKEN_ENDPOINT_REACHABLE')).toMatchObject({
      status: 'WARNING',
      message: expect.stringContaining('status 503'),
    });
  });
});

describe('testing a connector that something is wrong with', () => {
  it('says that Webex is down, once for each endpoint', async () => {
    await start();
    await world.webex.close();
    const { check, failures } = await examine();
    expect(failures).toEqual(['SERVICE_URI_REACHABLE', 'TOKEN_ENDPOINT_REACHABLE', 'TOKEN']);
    expect(check('TOKEN_ENDPOINT_REACHABLE')?.message).toMatch(
      /^127\.0\.0\.1:\d+ refuses the connection.*correct tokenEndpoint with updateConnector/,
    );
    expect(check('CLOCK_SKEW')).toMatchObject({ status: 'SKIPPED' });
  });

  it('says that a grant was revoked, and how to connect again', async () => {
    await start();
    world.webex.revokeGrants();
    const { connector, check, failures } = await examine();
    expect(failures).toEqual(['TOKEN']);
    expect(check('TOKEN')?.message).toMatch(/no longer accepts the grant.*connect mutation/);
    expect(connector).toMatchObject({ status: 'RECONNECT_REQUIRED' });
    expect((await examine()).failures).toEqual(['TOKEN']);
  });

  it('says that the service URI is not Webex’s', async () => {
    await start();
    world.webex.fail({ route: 'GET /people/me', fault: { kind: 'html', status: 200 } });
    expect((await examine()).check('TOKEN')?.message).toContain('Is the service URI right?');
  });

  it('warns when the refresh token has fewer than fourteen days left', async () => {
    await start({ sandbox: { settings: { refreshTokenLifetime: 13.5 * 86_400 } } });
    const { ok, check } = await examine();
    expect(ok).toBe(true);
    expect(check('TOKEN')).toMatchObject({
      status: 'WARNING',
      message: expect.stringMatching(/only 13 days left.*connect again with the connect mutation/),
    });
  });

  it('names each scope that Webex did not grant', async () => {
    await start();
    await update({ scopes: [...ALL_SCOPES, 'audit:events_read'] });
    const { failures, check } = await examine();
    expect(failures).toEqual(['ORGANIZATION_SCOPES', 'IDENTITY_SCOPES', 'OTHER_SCOPES']);
    expect(check('IDENTITY_SCOPES')?.message).toContain(
      'did not grant identity:people_read, identity:people_rw. Add what is missing to the integration',
    );
    expect(check('OTHER_SCOPES')?.message).toContain('audit:events_read');
  });

  it('names the scope when Webex grants it and refuses the read all the same', async () => {
    await start();
    world.webex.fail({ route: 'GET /groups', fault: { kind: 'status', status: 403 } });
    expect((await examine()).check('GROUP_SCOPES')).toMatchObject({
      status: 'FAILED',
      message: expect.stringMatching(/refuses GET \/groups .* although it granted .*identity:groups_read/),
    });
  });

  it('does not know the role of a user whom Webex does not show, or whose roles it does not name', async () => {
    await start();
    world.webex.fail({ route: 'GET /people/me', fault: { kind: 'status', status: 403 } });
    expect((await examine()).statuses).toMatchObject({ TOKEN: 'PASSED', ADMINISTRATOR: 'SKIPPED' });
    world.webex.fail({ route: 'GET /roles', fault: { kind: 'status', status: 403 } });
    expect((await examine()).statuses).toMatchObject({ ROLE_SCOPES: 'FAILED', ADMINISTRATOR: 'WARNING' });
  });

  it('says that the user who connected is no administrator', async () => {
    await start();
    await connectAs(holderOf());
    const { check } = await examine();
    expect(check('TOKEN')).toMatchObject({ status: 'PASSED' });
    expect(check('ADMINISTRATOR')).toMatchObject({
      status: 'FAILED',
      message: expect.stringContaining('holds no administrator role'),
    });
  });

  it('says what a read-only administrator cannot do, unless nothing else is wanted', async () => {
    await start();
    await connectAs(holderOf('Read-only Administrator'));
    expect((await examine()).check('ADMINISTRATOR')).toMatchObject({
      status: 'WARNING',
      message: expect.stringContaining('refuses to create, change or delete users'),
    });
    await update({ readOnly: true });
    expect((await examine()).check('ADMINISTRATOR')).toMatchObject({ status: 'PASSED' });
  });

  it('names the roles of an administrator who is not a full one', async () => {
    await start();
    await connectAs(holderOf('User and Device Administrator'));
    expect((await examine()).check('ADMINISTRATOR')).toMatchObject({
      status: 'WARNING',
      message: expect.stringContaining('Its roles: User and Device Administrator.'),
    });
  });

  it.each([
    [180, 'WARNING', '3 minutes ahead of'],
    [7_300, 'FAILED', '2 hours ahead of'],
    [-90, 'WARNING', 'seconds behind'],
  ])('notices a clock that is %i seconds off', async (seconds, status, words) => {
    await start();
    laterBy(seconds);
    const { check } = await examine();
    expect(check('CLOCK_SKEW')).toMatchObject({ status, message: expect.stringContaining(words) });
  });

  it('warns when all connections are in use', async () => {
    await start({ connector: { maximumConnections: 1 }, sandbox: { settings: { latencyMs: 100 } } });
    const running = [world.ask('{ connector { roles { name } licenses { name } } }')];
    await expect.poll(() => world.webex.requests.count(), { interval: 5 }).toBeGreaterThan(0);
    const { ok, check } = await examine();
    expect(ok).toBe(true);
    expect(check('POOL')).toMatchObject({
      status: 'WARNING',
      message: expect.stringMatching(/^1 of 1 connections are in use/),
    });
    await Promise.all(running);
  });

  it('warns while Webex asks for a pause', async () => {
    await start();
    world.webex.fail({ route: 'GET /roles', fault: { kind: 'status', status: 429, retryAfter: 1 } });
    const running = world.ask('{ connector { roles { name } } }');
    const isThrottled = async () =>
      JSON.stringify(await world.ask('{ connector { pool { throttledUntil } } }')).includes(':null');
    await expect.poll(isThrottled, { interval: 5 }).toBe(false);
    expect((await examine()).check('POOL')).toMatchObject({
      status: 'WARNING',
      message: expect.stringContaining('asked for a pause until'),
    });
    await running;
  });

  it('ends when the connector is deleted meanwhile', async () => {
    await start({ sandbox: { settings: { latencyMs: 200 } } });
    const running = examine();
    await expect.poll(() => world.webex.requests.count(), { interval: 5 }).toBeGreaterThan(0);
    await configure(world, 'deleteConnector', { id: world.connectorId });
    expect(await running).toMatchObject({ ok: false, connector: { status: 'DISCONNECTED' } });
  });

  it('turns a bug of its own into a failed check, says nothing of it, and logs where it is', async () => {
    await start();
    vi.spyOn(world.store.recent, 'grant').mockRejectedValueOnce(new Error('bug-canary'));
    const { check, checks } = await examine();
    expect(check('TOKEN')).toMatchObject({
      status: 'FAILED',
      message: expect.stringContaining('a bug of the gateway'),
    });
    expect(JSON.stringify(checks)).not.toContain('canary');
    const line = world.log.find((each) => each.includes('a bug: a check of a connector failed'));
    expect(line).toContain('test-connector.test.ts');
    expect(line).not.toContain('canary');
  });

  it('shows no token and no secret, whatever is wrong', async () => {
    await start();
    const grant = await world.store.grants.get((await world.store.connectors.list())[0]?.id ?? '');
    const shown = [await examine()];
    world.webex.expireAccessTokens();
    shown.push(await examine());
    const renewed = await world.store.grants.get(grant?.connectorId ?? '');
    world.webex.revokeGrants();
    shown.push(await examine());
    const text = JSON.stringify([shown, world.log]);
    const secrets = [grant?.accessToken, grant?.refreshToken, renewed?.accessToken, 'test-secret-canary'];
    for (const secret of secrets) {
      expect(secret).toEqual(expect.any(String));
      expect(text).not.toContain(secret);
    }
  });
});
