import { randomUUID } from 'node:crypto';
import { OAuth2Server } from 'oauth2-mock-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newKey } from '../../src/access/key-format.ts';
import { parseScopeMap } from '../../src/access/scope-map.ts';
import { configure } from '../configuration.ts';
import { startWorld, type World } from '../world.ts';

const VIEWER = '{ viewer { name kind expiresAt grants { scope allConnectors connectors { name } } } }';

async function send(world: World, headers: Readonly<Record<string, string>>, query = VIEWER) {
  const response = await world.gateway.fetch(
    new Request('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    }),
  );
  const { data, errors } = JSON.parse(await response.text());
  return { status: response.status, challenge: response.headers.get('www-authenticate'), data, errors };
}

describe('callers', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ guarded: true, sandbox: { users: 5 } });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const tryToCreateKey = (input: object) =>
    configure(world, 'createApiKey', { name: randomUUID(), grants: [{ scope: 'READ' }], ...input });
  async function createKey(input: object) {
    const { key, apiKey, error } = await tryToCreateKey(input);
    if (key == null || apiKey == null) throw new Error(`Unexpected: ${JSON.stringify(error)}`);
    return { key, apiKey };
  }

  it.each([
    ['nothing', {}, 'Bearer'],
    ['another scheme', { authorization: 'Basic dXNlcjpwYXNz' }, 'Bearer error="invalid_token"'],
    ['a key that was mistyped', { authorization: 'Bearer webexgw_x' }, 'Bearer error="invalid_token"'],
    ['a key that nobody has made', { authorization: `Bearer ${newKey()}` }, 'Bearer error="invalid_token"'],
    ['a token where none are taken', { authorization: 'Bearer a.b.c' }, 'Bearer error="invalid_token"'],
  ])('callers with %s are refused before their request is read', async (_what, headers, challenge) => {
    const answer = await send(world, headers, 'this is no query');
    expect(answer).toMatchObject({
      status: 401,
      challenge,
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect(answer.data).toBeUndefined();
  });

  it('a caller with an API key has the permissions of the key', async () => {
    const { key, apiKey } = await createKey({
      name: 'dashboard',
      grants: [{ scope: 'READ', connectors: [world.connectorId] }],
    });
    expect(key).toMatch(/^webexgw_[\w-]{51}$/);
    expect(key.startsWith(apiKey.shown)).toBe(true);
    const { data } = await send(world, { authorization: `Bearer ${key}` });
    expect(data.viewer).toEqual({
      name: 'api-key:dashboard',
      kind: 'API_KEY',
      expiresAt: expect.stringMatching(/^20/),
      grants: [{ scope: 'READ', allConnectors: false, connectors: [{ name: 'acme' }] }],
    });
  });

  it('audit trail and log name the caller, but not the key', async () => {
    const { key } = await createKey({ name: 'hr-sync', grants: [{ scope: 'PROVISION' }] });
    const { data } = await send(
      world,
      { authorization: `Bearer ${key}` },
      '{ connector { users(first: 1) { nodes { id } } } }',
    );
    const [{ id }] = data.connector.users.nodes;
    await send(
      world,
      { authorization: `Bearer ${key}` },
      `mutation { updateUser(input: { id: "${id}", user: { title: "Synced" } }) { outcome } }`,
    );
    const { auditEvents } = await world.ask<{ auditEvents: { nodes: object[] } }>(
      '{ auditEvents(filter: { actor: "api-key:hr-sync" }) { nodes { operation outcome } } }',
    );
    expect(auditEvents.nodes).toEqual([{ operation: 'updateUser', outcome: 'APPLIED' }]);
    expect(world.log.some((line) => line.includes('"caller":"api-key:hr-sync"'))).toBe(true);
    expect(world.log.join()).not.toContain(key.slice(0, 20));
  });

  it('a revoked key stops working at once, in other processes too', async () => {
    await using second = await world.restart();
    const { key, apiKey } = await createKey({});
    const headers = { authorization: `Bearer ${key}` };
    expect([(await send(world, headers)).status, (await send(second, headers)).status]).toEqual([200, 200]);
    const revoke = (id: string) => configure(world, 'revokeApiKey', { id });
    const bareId = Buffer.from(apiKey.id, 'base64').toString().replace('ApiKey:', '');
    expect(bareId).toMatch(/^[\da-f-]{36}$/);
    const revoked = await revoke(apiKey.id);
    expect(revoked).toMatchObject({
      apiKey: { id: apiKey.id, revokedAt: expect.stringMatching(/^20/) },
      error: null,
    });
    // Once more, now by the id that npm run key prints.
    expect(await revoke(bareId)).toEqual(revoked);
    expect([(await send(world, headers)).status, (await send(second, headers)).status]).toEqual([401, 401]);
  });

  it('an expired key does not work', async () => {
    const { key } = await createKey({ expiresAt: new Date(Date.now() + 1_500) });
    const headers = { authorization: `Bearer ${key}` };
    expect((await send(world, headers)).status).toBe(200);
    await expect.poll(async () => (await send(world, headers)).status, { timeout: 5_000 }).toBe(401);
  });

  it('an API key shows when it was last used', async () => {
    const { key, apiKey } = await createKey({});
    await send(world, { authorization: `Bearer ${key}` });
    const lastUse = async () => {
      const { apiKeys } = await world.ask<{ apiKeys: { id: string; lastUsedAt: string | null }[] }>(
        '{ apiKeys { id lastUsedAt } }',
      );
      return apiKeys.find(({ id }) => id === apiKey.id)?.lastUsedAt;
    };
    await expect.poll(lastUse).toMatch(/^20/);
  });

  it('createApiKey says what is invalid about the key', async () => {
    const refused = { key: null, apiKey: null, error: { code: 'INVALID_INPUT' } };
    expect(await tryToCreateKey({ name: ' ' })).toMatchObject(refused);
    expect(await tryToCreateKey({ grants: [] })).toMatchObject(refused);
    expect(await tryToCreateKey({ expiresAt: '2001-01-01T00:00:00Z' })).toMatchObject(refused);
    await createKey({ name: 'twice' });
    expect(await tryToCreateKey({ name: 'twice' })).toMatchObject({ error: { code: 'NAME_TAKEN' } });
  });

  it('GraphiQL, health and readiness need no authentication, and everything else does', async () => {
    const get = async (path: string, accept = '*/*') =>
      (
        await world.gateway.fetch(
          new Request(`http://gateway.test${path}`, { headers: { accept, 'accept-encoding': 'gzip' } }),
        )
      ).status;
    expect(await get('/graphql', 'text/html')).toBe(200);
    expect([await get('/health'), await get('/ready')]).toEqual([200, 200]);
    expect([await get('/audit/events'), await get('/graphql?query={viewer{name}}')]).toEqual([401, 401]);
  });
});

describe('tokens of an identity provider', () => {
  let issuer: OAuth2Server;
  let world: World;
  beforeAll(async () => {
    issuer = new OAuth2Server();
    await issuer.issuer.keys.generate('RS256');
    await issuer.start(0, '127.0.0.1');
    world = await startWorld({
      sandbox: { users: 3 },
      issuer: {
        issuer: issuer.issuer.url ?? '',
        audience: 'webex-gateway',
        jwksUri: undefined,
        scopeClaim: 'realm_access.roles',
        scopeMap: parseScopeMap('hr=provision@acme,hr=read,it=admin'),
      },
    });
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await issuer.stop();
  });

  async function tokenWith(claims: object) {
    return issuer.issuer.buildToken({
      scopesOrTransform: (_header, payload) => {
        Object.assign(
          payload,
          { sub: 'ada', aud: 'webex-gateway', realm_access: { roles: ['hr', 'golf'] } },
          claims,
        );
      },
    });
  }
  const sendToken = async (claims: object) =>
    send(world, { authorization: `Bearer ${await tokenWith(claims)}` });

  it('a token is accepted, and its claim grants permissions', async () => {
    const { data } = await sendToken({});
    expect(data.viewer).toEqual({
      name: 'oidc:ada',
      kind: 'TOKEN',
      expiresAt: expect.stringMatching(/^20/),
      grants: [
        { scope: 'PROVISION', allConnectors: false, connectors: [{ name: 'acme' }] },
        { scope: 'READ', allConnectors: true, connectors: [{ name: 'acme' }] },
      ],
    });
  });

  it.each([
    ['for another audience', { aud: 'another-service' }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['that have expired', { exp: 1 }],
    ['that never expire', { exp: undefined }],
    ['without a subject', { sub: undefined }],
  ])('tokens %s are refused', async (_what, claims) => {
    expect(await sendToken(claims)).toMatchObject({ status: 401 });
  });

  it('tokens that are not signed, or are signed by another issuer, are refused', async () => {
    const [header = '', payload = '', signature = ''] = (await tokenWith({})).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const forged = Buffer.from(payload, 'base64url').toString().replace('"ada"', '"eve"');
    const tokens = [
      `${none}.${payload}.`,
      `${header}.${Buffer.from(forged).toString('base64url')}.${signature}`,
    ];
    for (const token of tokens) {
      expect((await send(world, { authorization: `Bearer ${token}` })).status).toBe(401);
    }
  });

  it('tokens may be signed with a new key at any time', async () => {
    await issuer.issuer.keys.generate('ES256');
    const token = await issuer.issuer.buildToken({
      kid: issuer.issuer.keys.toJSON().at(-1)?.kid,
      scopesOrTransform: (_header, payload) => {
        Object.assign(payload, { sub: 'bob', aud: 'webex-gateway', realm_access: { roles: ['it'] } });
      },
    });
    const name = async () => (await send(world, { authorization: `Bearer ${token}` })).data?.viewer.name;
    await expect.poll(name, { timeout: 10_000 }).toBe('oidc:bob');
  });

  it('a token without grants shows nothing', async () => {
    const headers = { authorization: `Bearer ${await tokenWith({ realm_access: {} })}` };
    const { data } = await send(world, headers, '{ viewer { grants { scope } } connectors { id } }');
    expect(data).toEqual({ viewer: { grants: [] }, connectors: [] });
  });
});

describe('an identity provider that does not answer', () => {
  it('an unreachable identity provider means 503, not 401, and API keys go on working', async () => {
    await using world = await startWorld({
      connect: false,
      issuer: {
        issuer: 'http://127.0.0.1:9',
        audience: 'webex-gateway',
        jwksUri: undefined,
        scopeClaim: 'scope',
        scopeMap: parseScopeMap(undefined),
      },
    });
    const answer = await send(world, { authorization: 'Bearer eyJhbGciOiJSUzI1NiJ9.e30.AA' });
    expect(answer).toMatchObject({
      status: 503,
      errors: [{ extensions: { code: 'IDENTITY_PROVIDER_UNAVAILABLE', retryable: true } }],
    });
    expect((await send(world, world.administrator)).status).toBe(200);
  });
});
