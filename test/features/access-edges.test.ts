import { randomUUID } from 'node:crypto';
import { OAuth2Server } from 'oauth2-mock-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseScopeMap } from '../../src/access/scope-map.ts';
import { type Configured, configure, documentOf } from '../configuration.ts';
import { startWorld, type World } from '../world.ts';

// What a caller with some rights may try, to get more.

let world: World;
let other: string;
let otherUuid: string;
beforeAll(async () => {
  world = await startWorld({ guarded: true, sandbox: { users: 5 } });
  other = (await configure(world, 'createConnector', world.settings('other'))).connector?.id ?? '';
  otherUuid =
    /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/.exec(Buffer.from(other, 'base64').toString())?.[0] ?? '';
});
afterAll(() => world[Symbol.asyncDispose]());

function createKey(input: object, headers = world.administrator): Promise<Configured> {
  return configure(world, 'createApiKey', { name: randomUUID(), ...input }, headers);
}

function as({ key }: Configured) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  return <Data>(query: string, variables: object = {}) => world.query<Data>(query, variables, { headers });
}

describe('a key that may configure all connectors and provision one', () => {
  it('a key gains nothing by naming a connector after the id of another', async () => {
    const ask = as(
      await createKey({ grants: [{ scope: 'CONFIGURE' }, { scope: 'PROVISION', connectors: [other] }] }),
    );
    await ask(documentOf('updateConnector'), { input: { id: world.connectorId, name: otherUuid } });
    const { errors } = await ask(
      'query ($id: ID!) { connector(id: $id) { users(first: 1) { nodes { id } } } }',
      {
        id: world.connectorId,
      },
    );
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });
});

describe('a key that ends', () => {
  it('a key makes no key that lasts longer, and by default one that ends with it', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const maker = await createKey({ grants: [{ scope: 'ADMIN' }], expiresAt });
    const headers = { authorization: `Bearer ${maker.key}` };
    const grants = [{ scope: 'READ' }];
    const refused = { key: null, apiKey: null, error: { code: 'INVALID_INPUT' } };
    expect(await createKey({ grants, expiresAt: null }, headers)).toMatchObject(refused);
    const later = new Date(Date.now() + 7_200_000).toISOString();
    expect(await createKey({ grants, expiresAt: later }, headers)).toMatchObject(refused);
    expect(await createKey({ grants }, headers)).toMatchObject({ apiKey: { expiresAt } });
  });

  it('a key that could do nothing is refused', async () => {
    expect(await createKey({ grants: [{ scope: 'READ', connectors: [] }] })).toMatchObject({
      key: null,
      error: { code: 'INVALID_INPUT' },
    });
  });
});

describe('a connection that another caller has begun', () => {
  it('a connection cannot be completed or broken by a caller who may not see its connector', async () => {
    const stranger = as(await createKey({ grants: [{ scope: 'CONFIGURE', connectors: [other] }] }));
    const { state } = await configure(world, 'connect', { id: world.connectorId });
    const complete = documentOf('completeConnect');
    const input = { code: 'stolen', state };
    const { data } = await stranger<{ completeConnect: object }>(complete, { input });
    expect(data?.completeConnect).toMatchObject({
      connector: null,
      error: { code: 'AUTHORIZATION_FAILED' },
    });
    expect(JSON.stringify(data)).not.toContain(world.connectorId);
    const unknown = await stranger(complete, { input: { ...input, state: 'unknown' } });
    expect(data).toEqual(unknown.data);
    const own = await configure(world, 'completeConnect', input);
    expect(own.error?.message).toMatch(/./);
    expect(own.error?.message).not.toContain('handled already');
  });
});

describe('an id of an odd type', () => {
  it.each(['__proto__', 'hasOwnProperty', 'Query'])('an id of an odd type is refused: %s', async (type) => {
    const id = Buffer.from(`${type}:${randomUUID()}:x`).toString('base64');
    const { errors } = await world.query('query ($id: ID!) { node(id: $id) { id } }', { id });
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID_INPUT' } }]);
  });
});

describe('a caller who hangs up', () => {
  it('a change keeps its slot until it has ended, also if its caller hangs up', async () => {
    await using slow = await startWorld({ sandbox: { users: 10 }, limits: { concurrent: 2 } });
    const { connector } = await slow.ask<{ connector: { users: { nodes: { id: string }[] } } }>(
      '{ connector { users(first: 10) { nodes { id } } } }',
    );
    const [first, second] = connector.users.nodes;
    const reached = Promise.withResolvers<void>();
    let writes = 0;
    slow.webex.fail({
      route: 'PUT /people/:id',
      fault: { kind: 'latency', ms: 400 },
      times: 10,
      where: () => {
        writes += 1;
        if (writes === 2) reached.resolve();
        return true;
      },
    });
    const update = (id: string | undefined, signal?: AbortSignal) =>
      slow.gateway.fetch(
        new Request('http://gateway.test/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            query:
              'mutation ($id: ID!) { updateUser(input: { id: $id, user: { title: "Slow" } }) { outcome } }',
            variables: { id },
          }),
          ...(signal === undefined ? {} : { signal }),
        }),
      );
    const hangUp = new AbortController();
    const left = [update(first?.id, hangUp.signal), update(second?.id, hangUp.signal)];
    await reached.promise;
    hangUp.abort();
    await Promise.all(left);
    expect((await update(first?.id)).status).toBe(429);
    const isServed = async () => (await update(first?.id)).status;
    await expect.poll(isServed, { timeout: 10_000 }).toBe(200);
  });
});

describe('a token of the identity provider', () => {
  let issuer: OAuth2Server;
  let guarded: World;
  beforeAll(async () => {
    issuer = new OAuth2Server();
    await issuer.issuer.keys.generate('RS256');
    await issuer.start(0, '127.0.0.1');
    guarded = await startWorld({
      sandbox: { users: 3 },
      issuer: {
        issuer: issuer.issuer.url ?? '',
        audience: 'gateway',
        jwksUri: undefined,
        scopeClaim: 'roles',
        scopeMap: parseScopeMap('ops=configure,ops=provision@sandbox'),
      },
    });
  });
  afterAll(async () => {
    await guarded[Symbol.asyncDispose]();
    await issuer.stop();
  });

  async function send(query: string, variables: object, type = 'at+jwt') {
    const token = await issuer.issuer.buildToken({
      scopesOrTransform: (header, payload) => {
        Object.assign(header, { typ: type });
        Object.assign(payload, { sub: 'ops', aud: 'gateway', roles: ['ops'] });
      },
    });
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    return guarded.query<Record<string, Configured>>(query, variables, { headers });
  }

  it('a token that grants a connector by name gains nothing if another one is renamed', async () => {
    const rename = async (name: string) =>
      (await send(documentOf('updateConnector'), { input: { id: guarded.connectorId, name } })).data
        ?.updateConnector;
    expect(await rename('sandbox')).toMatchObject({ connector: null, error: { code: 'FORBIDDEN' } });
    expect(await rename('quite another')).toMatchObject({
      connector: { name: 'quite another' },
      error: null,
    });
  });

  it('a token of another kind is refused, although the same issuer has signed it', async () => {
    const { errors } = await send('{ viewer { name } }', {}, 'logout+jwt');
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });
});
