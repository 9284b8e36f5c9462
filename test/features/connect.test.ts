import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configure, updateConnector } from '../configuration.ts';
import { startWorld, type World } from '../world.ts';

const COMPLETE = `mutation ($input: CompleteConnectInput!) {
  completeConnect(input: $input) {
    connector { name status details { connectedBy { displayName } } }
    error { code message ... on AuthorizationFailed { reason } }
  }
}`;
const STATUS = `{ connector { status details {
  organization { webexId displayName } connectedBy { displayName emails } connectedAt
  grantedScopes missingScopes accessTokenExpiresAt refreshTokenExpiresAt
} } }`;

let world: World;

beforeEach(async () => {
  world = await startWorld({ partner: false, connect: false });
});
afterEach(() => world[Symbol.asyncDispose]());

const begin = async () => {
  const { authorizationUrl, state } = await configure(world, 'connect', { id: world.connectorId });
  return { authorizationUrl: authorizationUrl ?? '', state: state ?? '' };
};
const status = async () =>
  (await world.ask<{ connector: { status: string; details: object | null } }>(STATUS)).connector;
const complete = async (input: { code: string; state: string }) =>
  (
    await world.ask<{ completeConnect: { connector: object | null; error: object | null } }>(COMPLETE, {
      input,
    })
  ).completeConnect;
const failure = async (input: { code: string; state: string }) => {
  const { connector, error } = await complete(input);
  expect(connector).toBeNull();
  return error;
};

/** Approves on Webex's page and catches the redirect, as a script does. */
async function approve(authorizationUrl: string): Promise<{ code: string; state: string; location: string }> {
  const { origin, pathname, searchParams } = new URL(authorizationUrl);
  searchParams.set('decision', 'approve');
  const answer = await fetch(`${origin}${pathname}`, {
    method: 'POST',
    body: searchParams,
    redirect: 'manual',
  });
  const location = answer.headers.get('location') ?? '';
  const returned = new URL(location).searchParams;
  return { code: returned.get('code') ?? '', state: returned.get('state') ?? '', location };
}

describe('connecting', () => {
  it('sends the administrator to Webex with the scopes, a one-time state and a PKCE challenge', async () => {
    const { authorizationUrl, state } = await begin();
    const url = new URL(authorizationUrl);
    expect(`${url.origin}${url.pathname}`).toBe(`${world.webex.url}/v1/authorize`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'test-integration',
      response_type: 'code',
      redirect_uri: 'http://gateway.test/oauth/callback',
      scope:
        'spark-admin:people_write spark-admin:people_read spark-admin:licenses_read spark-admin:roles_read identity:groups_rw identity:groups_read',
      state,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    expect((await begin()).state).not.toBe(state);
  });

  it('is done when the browser comes back, and the details say with whom', async () => {
    expect(await status()).toEqual({ status: 'DISCONNECTED', details: null });
    const page = await world.connect();
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('acme is connected to Webex');
    const { org, adminEmail } = world.webex;
    const admin = world.webex.person(adminEmail);
    expect(await status()).toEqual({
      status: 'CONNECTED',
      details: {
        // Without spark-admin:organizations_read, which the minimum scopes lack, Webex does not tell the name.
        organization: { webexId: org.id, displayName: org.uuid },
        connectedBy: { displayName: admin?.displayName, emails: [adminEmail] },
        connectedAt: expect.any(String),
        grantedScopes: expect.arrayContaining(['spark-admin:people_read', 'identity:groups_rw']),
        missingScopes: [],
        accessTokenExpiresAt: expect.any(String),
        refreshTokenExpiresAt: expect.any(String),
      },
    });
  });

  it('can be completed by a script that caught the code itself', async () => {
    const { authorizationUrl } = await begin();
    const { code, state } = await approve(authorizationUrl);
    expect(await complete({ code, state })).toEqual({
      connector: {
        name: 'acme',
        status: 'CONNECTED',
        details: { connectedBy: { displayName: world.webex.person(world.webex.adminEmail)?.displayName } },
      },
      error: null,
    });
  });

  it('needs the client secret first', async () => {
    const { connector } = await configure(world, 'createConnector', { name: 'bare', clientId: 'C' });
    const { authorizationUrl, error } = await configure(world, 'connect', { id: connector?.id });
    expect(authorizationUrl).toBeNull();
    expect(error).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('input.clientSecret'),
    });
  });
});

describe('a return that is not accepted says why and changes nothing', () => {
  it('denied on the Webex page', async () => {
    const page = await world.connect('deny');
    expect(page.status).toBe(400);
    expect(await page.text()).toContain('was denied on the Webex page');
    expect(await status()).toEqual({ status: 'DISCONNECTED', details: null });
  });

  it('a state that was not made here', async () => {
    expect(await failure({ code: 'x', state: 'made-up' })).toMatchObject({
      code: 'AUTHORIZATION_FAILED',
      reason: 'STATE_UNKNOWN',
    });
    expect(world.webex.requests.count()).toBe(0);
  });

  it('a second return with the same state: told so, without a second exchange', async () => {
    const { authorizationUrl } = await begin();
    const { location, code, state } = await approve(authorizationUrl);
    expect((await world.gateway.fetch(new Request(location))).status).toBe(200);
    const again = await world.gateway.fetch(new Request(location));
    expect(await again.text()).toContain('handled already');
    expect(await failure({ code, state })).toMatchObject({ reason: 'STATE_USED' });
    expect(world.webex.requests.count('POST /access_token')).toBe(1);
    expect(await status()).toMatchObject({ status: 'CONNECTED' });
  });

  it('two returns at once: one exchange', async () => {
    const { authorizationUrl } = await begin();
    const { location } = await approve(authorizationUrl);
    const pages = await Promise.all(
      [location, location, location].map((url) => world.gateway.fetch(new Request(url))),
    );
    expect(pages.filter((page) => page.status === 200)).toHaveLength(1);
    expect(world.webex.requests.count('POST /access_token')).toBe(1);
  });

  it('a code that Webex does not know', async () => {
    const { state } = await begin();
    expect(await failure({ code: 'made-up', state })).toMatchObject({ reason: 'CODE_REFUSED' });
  });

  it('no code, or one that Webex did not make', async () => {
    for (const code of ['', ' ', 'a&b=c']) {
      const { state } = await begin();
      expect(await failure({ code, state })).toMatchObject({ code: 'AUTHORIZATION_FAILED' });
    }
  });

  it('a service URI that is not Webex’s', async () => {
    await updateConnector(world, { serviceUri: `${world.webex.url}/v2` });
    const { authorizationUrl } = await begin();
    const { code, state } = await approve(authorizationUrl);
    expect(await failure({ code, state })).toMatchObject({
      reason: 'RESPONSE_INVALID',
      message: expect.stringContaining('service URI'),
    });
  });

  it('a database that is down: the page does not say where it is', async () => {
    const { authorizationUrl } = await begin();
    const { location } = await approve(authorizationUrl);
    await world.store.close();
    const page = await world.gateway.fetch(new Request(location));
    expect(page.status).toBe(500);
    expect(await page.text()).toContain('Its log says more under the id');
  });

  it('a client secret that is wrong', async () => {
    await updateConnector(world, { clientSecret: 'not-the-secret' });
    const { authorizationUrl } = await begin();
    const { code, state } = await approve(authorizationUrl);
    expect(await failure({ code, state })).toMatchObject({
      reason: 'CLIENT_REFUSED',
      message: expect.stringContaining('client secret'),
    });
  });

  it('Webex down during the exchange', async () => {
    const { authorizationUrl } = await begin();
    const { code, state } = await approve(authorizationUrl);
    world.webex.fail({ route: 'POST /access_token', fault: { kind: 'status', status: 503 } });
    expect(await failure({ code, state })).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(await status()).toEqual({ status: 'DISCONNECTED', details: null });
  });

  it('a token endpoint that answers with something else', async () => {
    const { authorizationUrl } = await begin();
    const { code, state } = await approve(authorizationUrl);
    world.webex.fail({ route: 'POST /access_token', fault: { kind: 'html', status: 200 } });
    expect(await failure({ code, state })).toMatchObject({ code: 'UPSTREAM_INVALID' });
  });

  it('the page shows no text of others, loads nothing, and is kept by nobody', async () => {
    const page = await world.gateway.fetch(
      new Request('http://gateway.test/oauth/callback?state=x&error=%3Cscript%3Ealert(1)%3C/script%3E'),
    );
    expect(await page.text()).not.toContain('alert(1)');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  });
});

describe('changing a connected connector', () => {
  const update = async (input: object) => {
    const { connector, error } = await configure(world, 'updateConnector', {
      id: world.connectorId,
      ...input,
    });
    expect(error).toBeNull();
    return connector?.status;
  };

  it('keeps the connection when only the pool changes', async () => {
    await world.connect();
    expect(await update({ maximumConnections: 2 })).toBe('CONNECTED');
    expect(await world.ask('{ connector { pool { maximumConnections } roles { name } } }')).toMatchObject({
      connector: { pool: { maximumConnections: 2 } },
    });
  });

  it('sends no token to other servers than those it was granted for', async () => {
    await using elsewhere = await startWorld({ connect: false });
    await world.connect();
    const running = Array.from({ length: 20 }, () => world.query('{ connector { roles { name } } }'));
    await update({ serviceUri: `${elsewhere.webex.url}/v1` });
    const answers = await Promise.all([...running, world.query('{ connector { roles { name } } }')]);
    expect(answers.at(-1)?.errors?.[0]?.extensions.code).toBe('NOT_CONNECTED');
    expect(elsewhere.webex.requests.count()).toBe(0);
    expect(await update({ serviceUri: `${world.webex.url}/v1` })).toBe('DISCONNECTED');
  });

  it('forgets the client secret with another token endpoint: nobody reads it out by naming a server', async () => {
    await using elsewhere = await startWorld({ connect: false });
    await update({ tokenEndpoint: `${elsewhere.webex.url}/v1/access_token` });
    const { error } = await configure(world, 'connect', { id: world.connectorId });
    expect(error).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('input.clientSecret'),
    });
    expect(elsewhere.webex.requests.count()).toBe(0);
  });

  it('shows what another organization has, as soon as it is connected to that', async () => {
    await using elsewhere = await startWorld({
      partner: false,
      connect: false,
      sandbox: { seed: 7, organizationName: 'Other' },
    });
    await world.connect();
    const read = async () => JSON.stringify(await world.ask('{ connector { licenses { webexId } } }'));
    const before = await read();
    const grant = await world.store.grants.get((await world.store.connectors.list())[0]?.id ?? '');
    expect(before).toContain(world.webex.licenses[0]?.id);
    expect(grant).not.toBeNull();
    await update({
      serviceUri: `${elsewhere.webex.url}/v1`,
      tokenEndpoint: `${elsewhere.webex.url}/v1/access_token`,
      authorizationEndpoint: `${elsewhere.webex.url}/v1/authorize`,
      clientSecret: 'test-secret-canary',
    });
    await world.connect();
    expect(await read()).toContain(elsewhere.webex.licenses[0]?.id);
  });

  it('ends the connection with another client', async () => {
    await world.connect();
    expect(await update({ clientId: 'another' })).toBe('DISCONNECTED');
    const { errors } = await world.query('{ connector { roles { name } } }');
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'NOT_CONNECTED', connector: 'acme' });
  });
});
