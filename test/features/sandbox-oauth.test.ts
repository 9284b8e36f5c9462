import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defaultIntegration, type Sandbox, startSandbox } from '../../src/sandbox/index.ts';

const REDIRECT = 'http://localhost:4000/oauth/callback';
const tokens = z.object({
  access_token: z.string(),
  expires_in: z.number(),
  refresh_token: z.string(),
  refresh_token_expires_in: z.number(),
  scope: z.string().optional(),
});

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ users: 30 });
});
afterEach(() => sandbox.close());

function requestFields(more: Record<string, string> = {}) {
  return {
    client_id: 'sandbox-client',
    response_type: 'code',
    redirect_uri: REDIRECT,
    scope: 'spark-admin:people_read',
    state: 'a b&c',
    ...more,
  };
}

async function decide(decision: 'approve' | 'deny', more: Record<string, string> = {}): Promise<URL> {
  const response = await fetch(sandbox.authorizeUrl, {
    method: 'POST',
    body: new URLSearchParams({ ...requestFields(more), decision }),
    redirect: 'manual',
  });
  expect(response.status).toBe(302);
  return new URL(response.headers.get('location') ?? '');
}

async function exchange(fields: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(sandbox.tokenUrl, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ client_id: 'sandbox-client', client_secret: 'sandbox-secret', ...fields }),
  });
  return { status: response.status, body: await response.json() };
}

async function approvedCode(more: Record<string, string> = {}): Promise<string> {
  return (await decide('approve', more)).searchParams.get('code') ?? '';
}

function withCode(code: string) {
  return { grant_type: 'authorization_code', code, redirect_uri: REDIRECT };
}

async function connect() {
  return tokens.parse((await exchange(withCode(await approvedCode()))).body);
}

function refresh(refreshToken: string) {
  return exchange({ grant_type: 'refresh_token', refresh_token: refreshToken });
}

async function statusWith(accessToken: string): Promise<number> {
  const headers = { authorization: `Bearer ${accessToken}` };
  return (await fetch(`${sandbox.serviceUri}/people?max=1`, { headers })).status;
}

describe('the authorize page', () => {
  it('shows what is asked for, offers the administrator first and loads nothing from elsewhere', async () => {
    const response = await fetch(`${sandbox.authorizeUrl}?${new URLSearchParams(requestFields())}`);
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(page).toContain('spark-admin:people_read');
    expect(page.match(/<option value="([^"]+)"/)?.[1]).toBe(sandbox.adminEmail);
    expect(page).not.toMatch(/(src|href)=/);
  });

  it('sends an approval back with a code and the state as it was', async () => {
    const location = await decide('approve');
    expect(location.origin + location.pathname).toBe(REDIRECT);
    expect(location.searchParams.get('code')).toMatch(/.{20}/);
    expect(location.searchParams.get('state')).toBe('a b&c');
  });

  it('sends a denial back as access_denied', async () => {
    const location = await decide('deny');
    expect(Object.fromEntries(location.searchParams)).toEqual({ error: 'access_denied', state: 'a b&c' });
  });

  it('never redirects to an address that is not registered, not even one slash longer', async () => {
    for (const redirect_uri of [`${REDIRECT}/`, 'https://evil.example/']) {
      const query = new URLSearchParams(requestFields({ redirect_uri }));
      const response = await fetch(`${sandbox.authorizeUrl}?${query}`, { redirect: 'manual' });
      expect(response.status).toBe(400);
      expect(response.headers.get('location')).toBeNull();
    }
  });

  it('refuses scopes that are not registered', async () => {
    sandbox.registerIntegration({ ...defaultIntegration, scopes: ['spark:people_read'] });
    expect((await decide('approve')).searchParams.get('error')).toBe('invalid_scope');
  });

  it('lets nobody without a role grant an administrator scope', async () => {
    const person = sandbox.people.find((each) => each.roleNames.length === 0)?.email ?? '';
    expect((await decide('approve', { person })).searchParams.get('error')).toBe('invalid_scope');
  });
});

describe('an authorization code', () => {
  it('is worth an access token for 14 days and a refresh token for 90', async () => {
    const answer = await connect();
    expect(answer).toMatchObject({
      expires_in: 1_209_600,
      refresh_token_expires_in: 7_776_000,
      scope: 'spark-admin:people_read',
    });
    expect(await statusWith(answer.access_token)).toBe(200);
  });

  it('is good once', async () => {
    const code = await approvedCode();
    expect((await exchange(withCode(code))).status).toBe(200);
    expect((await exchange(withCode(code))).status).toBe(400);
  });

  it('expires', async () => {
    const code = await approvedCode();
    sandbox.clock.advance(301);
    expect((await exchange(withCode(code))).status).toBe(400);
  });

  it('is bound to its redirect URI', async () => {
    const fields = { ...withCode(await approvedCode()), redirect_uri: `${REDIRECT}?other` };
    expect((await exchange(fields)).status).toBe(400);
  });

  it.each([
    ['S256', createHash('sha256').update('the-verifier').digest('base64url')],
    ['plain', 'the-verifier'],
  ])('asked for with a challenge (%s) takes its verifier', async (method, challenge) => {
    const pkce = { code_challenge: challenge, code_challenge_method: method };
    const right = { ...withCode(await approvedCode(pkce)), code_verifier: 'the-verifier' };
    const wrong = { ...withCode(await approvedCode(pkce)), code_verifier: 'another' };
    expect((await exchange(right)).status).toBe(200);
    expect((await exchange(wrong)).status).toBe(400);
    expect((await exchange(withCode(await approvedCode(pkce)))).status).toBe(400);
  });
});

describe('the client', () => {
  it('is refused with 401 when its secret is wrong', async () => {
    const answer = await exchange({ ...withCode(await approvedCode()), client_secret: 'guess' });
    expect(answer).toMatchObject({ status: 401, body: { trackingId: expect.stringMatching(/^ROUTER_/) } });
  });

  it('may authenticate by HTTP Basic', async () => {
    const basic = Buffer.from('sandbox-client:sandbox-secret').toString('base64');
    const fields = { ...withCode(await approvedCode()), client_id: '', client_secret: '' };
    expect((await exchange(fields, { authorization: `Basic ${basic}` })).status).toBe(200);
  });

  it('hears of errors in the shape of Webex or of the standard', async () => {
    expect((await exchange(withCode('none'))).body).toMatchObject({
      message: expect.any(String),
      errors: [{}],
    });
    sandbox.settings.tokenErrorShape = 'rfc';
    expect((await exchange(withCode('none'))).body).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('a refresh', () => {
  it('gives a new access token, keeps the refresh token and starts its 90 days again', async () => {
    const first = await connect();
    sandbox.clock.advance(80 * 86_400);
    expect(await statusWith(first.access_token)).toBe(401);
    const second = tokens.parse((await refresh(first.refresh_token)).body);
    expect(second.refresh_token).toBe(first.refresh_token);
    expect(second.refresh_token_expires_in).toBe(7_776_000);
    expect(await statusWith(second.access_token)).toBe(200);
  });

  it('comes too late once the refresh token has expired', async () => {
    const { refresh_token } = await connect();
    sandbox.clock.advance(7_776_001);
    expect((await refresh(refresh_token)).status).toBe(400);
  });

  it('can rotate: the old refresh token is spent', async () => {
    sandbox.settings.rotateRefreshTokens = true;
    const first = await connect();
    const second = tokens.parse((await refresh(first.refresh_token)).body);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await refresh(first.refresh_token)).status).toBe(400);
    expect((await refresh(second.refresh_token)).status).toBe(200);
  });

  it('can punish the reuse of a spent token by revoking the grant', async () => {
    sandbox.settings.rotateRefreshTokens = true;
    sandbox.settings.reuseRevokesGrant = true;
    const first = await connect();
    const second = tokens.parse((await refresh(first.refresh_token)).body);
    await refresh(first.refresh_token);
    expect((await refresh(second.refresh_token)).status).toBe(400);
    expect(await statusWith(second.access_token)).toBe(401);
  });

  it('can end the access token of before', async () => {
    const first = await connect();
    await refresh(first.refresh_token);
    expect(await statusWith(first.access_token)).toBe(200);
    sandbox.settings.refreshEndsAccessTokens = true;
    await refresh(first.refresh_token);
    expect(await statusWith(first.access_token)).toBe(401);
  });
});

describe('a token', () => {
  it('is refused with 403 where its scopes do not reach', async () => {
    const token = sandbox.issueToken({ scopes: ['spark-admin:licenses_read'] });
    expect(await statusWith(token)).toBe(403);
  });

  it('reads organizations only with the scope for it, by default', async () => {
    const headers = {
      authorization: `Bearer ${sandbox.issueToken({ scopes: ['spark-admin:people_read'] })}`,
    };
    const address = `${sandbox.serviceUri}/organizations`;
    expect((await fetch(address, { headers })).status).toBe(403);
    sandbox.settings.organizationsNeedScope = false;
    expect((await fetch(address, { headers })).status).toBe(200);
  });

  it('tells when it expires, in milliseconds', async () => {
    const headers = { authorization: `Bearer ${sandbox.issueToken()}` };
    const response = await fetch(`${sandbox.serviceUri}/authorizations/tokenExpiry`, { headers });
    const { exp } = z.object({ exp: z.number() }).parse(await response.json());
    expect(Math.round((exp - Date.now()) / 86_400_000)).toBe(14);
  });

  it('is listed as an authorization and can be revoked there', async () => {
    const { access_token, refresh_token } = await connect();
    const headers = { authorization: `Bearer ${sandbox.issueToken()}` };
    const email = encodeURIComponent(sandbox.adminEmail);
    const list = await fetch(`${sandbox.serviceUri}/authorizations?personEmail=${email}`, { headers });
    const { items } = z
      .object({ items: z.array(z.object({ id: z.string(), type: z.string() })) })
      .parse(await list.json());
    const granted = items.find((item) => item.type === 'refresh');
    const address = `${sandbox.serviceUri}/authorizations/${granted?.id}`;
    expect((await fetch(address, { method: 'DELETE', headers })).status).toBe(204);
    expect(await statusWith(access_token)).toBe(401);
    expect((await refresh(refresh_token)).status).toBe(400);
  });
});
