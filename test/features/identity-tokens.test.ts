import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseScopeMap } from '../../src/access/scope-map.ts';
import { configure } from '../configuration.ts';
import { startWorld, type World } from '../world.ts';

// An identity provider of our own, which may publish and sign what a library would not.

const ISSUER = 'https://id.example';
const KEYS = {
  good: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  weak: generateKeyPairSync('rsa', { modulusLength: 1_024 }),
};
const { n } = KEYS.good.publicKey.export({ format: 'jwk' });
const PUBLISHED = {
  keys: [
    ...Object.entries(KEYS).map(([kid, { publicKey }]) => ({
      ...publicKey.export({ format: 'jwk' }),
      kid,
      alg: 'RS256',
    })),
    { kty: 'RSA', kid: 'odd', alg: 'RS256', n, e: '' },
    { kty: 'EC', kid: 'unheard of', alg: 'RS256', crv: 'P-1', x: 'AA', y: 'AA' },
  ],
};

let server: Server;
let world: World;
beforeAll(async () => {
  server = createServer((_request, response) => response.end(JSON.stringify(PUBLISHED)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  world = await startWorld({
    connect: false,
    sandbox: { users: 3 },
    issuer: {
      issuer: ISSUER,
      audience: 'gateway',
      jwksUri: `http://127.0.0.1:${port}/keys`,
      scopeClaim: 'roles',
      scopeMap: parseScopeMap('it=admin'),
    },
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  server.close();
});

function tokenOf(claims: object, kid = 'good'): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const exp = Math.floor(Date.now() / 1_000) + 60;
  const all = { iss: ISSUER, aud: 'gateway', sub: 'ada', exp, roles: ['it'], ...claims };
  const signed = `${encode({ alg: 'RS256', kid, typ: 'at+jwt' })}.${encode(all)}`;
  const { privateKey } = kid === 'weak' ? KEYS.weak : KEYS.good;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
}

async function send(token: string, query = '{ viewer { name } }', variables: object = {}) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const answer = await world.query<Record<string, unknown>>(query, variables, { headers });
  return { data: answer.data, code: answer.errors?.[0]?.extensions.code };
}

describe('a token of an identity provider', () => {
  it('is accepted from the caller that its subject names', async () => {
    expect(await send(tokenOf({}))).toMatchObject({ data: { viewer: { name: 'oidc:ada' } } });
  });

  it.each([
    [7],
    [['ada']],
    [{}],
    [null],
    [true],
    [''],
    ['  '],
    ['a\nb'],
    ['a\u202eb'],
    ['x'.repeat(256)],
  ])('is refused with the subject %j', async (sub) => {
    expect((await send(tokenOf({ sub }))).code).toBe('UNAUTHENTICATED');
  });

  it.each([
    'weak',
    'odd',
    'unheard of',
    'missing',
  ])('is refused if it is signed with a key that is %s', async (kid) => {
    expect((await send(tokenOf({}, kid))).code).toBe('UNAUTHENTICATED');
    expect((await send(tokenOf({}))).code).toBeUndefined();
  });
});

describe('an API key that is made with a token of an identity provider', () => {
  const create = (input: object) => {
    const key = { name: randomUUID(), grants: [{ scope: 'CONFIGURE' }], ...input };
    return configure(world, 'createApiKey', key, { authorization: `Bearer ${tokenOf({})}` });
  };
  const refused = (field: string) => ({ key: null, apiKey: null, error: { problems: [{ path: field }] } });
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

  it('ends in 90 days by default, or before', async () => {
    const { apiKey } = await create({});
    expect(apiKey?.expiresAt?.slice(0, 10)).toBe(inDays(90).slice(0, 10));
    expect((await create({ expiresAt: inDays(90) })).error).toBeNull();
  });

  it('cannot last longer, or for ever', async () => {
    expect(await create({ expiresAt: null })).toMatchObject(refused('input.expiresAt'));
    expect(await create({ expiresAt: inDays(91) })).toMatchObject(refused('input.expiresAt'));
  });

  it('cannot have the scope admin, with which it would make other keys', async () => {
    expect(await create({ grants: [{ scope: 'ADMIN' }] })).toMatchObject(refused('input.grants'));
  });
});

describe('an API key that an administrator makes with an API key', () => {
  const create = (name: string) =>
    configure(world, 'createApiKey', { name, grants: [{ scope: 'ADMIN' }], expiresAt: null });

  it('cannot have a name that is taken for that of another key', async () => {
    expect(await create('hr-cpace')).toMatchObject({ apiKey: { name: 'hr-cpace' }, error: null });
    for (const name of ['HR-Cpace', ' ｈｒ-cpace ', 'hr-cpace']) {
      expect(await create(name)).toMatchObject({
        apiKey: null,
        error: { code: 'NAME_TAKEN', message: expect.stringContaining('hr-cpace') },
      });
    }
    for (const name of ['hr-срасе', 'hr\u200b-cpace']) {
      expect(await create(name)).toMatchObject({
        apiKey: null,
        error: { problems: [{ path: 'input.name' }] },
      });
    }
  });

  it('is one of two that are made at once under names that look alike', async () => {
    const made = await Promise.all(['Twice', 'twice', 'TWICE'].map(create));
    expect(made.filter(({ error }) => error === null)).toHaveLength(1);
  });
});
