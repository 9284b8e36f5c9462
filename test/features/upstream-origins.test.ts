import dns, { type LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import { createServer, isIPv6, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { kindOf } from '../../src/datasources/http/addresses.ts';
import { configure } from '../configuration.ts';
import { LOCAL_UPSTREAM } from '../local-upstream.ts';
import { freePort } from '../processes.ts';
import { startWorld, type World } from '../world.ts';

// A server that must never hear of the gateway stands on every address of this machine, and counts connections.
let attacked: Server;
let port: number;
let connections = 0;

beforeAll(async () => {
  attacked = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined).once('data', () => socket.destroy());
  });
  attacked.listen(0);
  await once(attacked, 'listening');
  const address = attacked.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
beforeEach(() => {
  connections = 0;
});
afterAll(() => attacked.close());

const ENDPOINTS = ['serviceUri', 'tokenEndpoint', 'authorizationEndpoint'] as const;
const PRIVATE_LIST = 'UPSTREAM_PRIVATE_ORIGINS';

const READ = '{ connector { roles { name } } }';

const handOver = async (world: World, refreshToken = 'refresh-token-canary') =>
  (await configure(world, 'connectWithRefreshToken', { id: world.connectorId, refreshToken })).error;
const update = async (world: World, input: object) =>
  (await configure(world, 'updateConnector', { id: world.connectorId, ...input })).error;
/** A refused address as the error of a query. */
const topLevel = (refused: object) => ({
  ...refused,
  retryable: false,
  cause: expect.stringMatching(/^[\da-f-]{36}$/),
});
/** A refused address as the error of a mutation: its message names the origin and the variable to change. */
const asError = ({ code, origin, variable }: { code: string; origin: string; variable: string }) => ({
  code,
  message: expect.stringMatching(`${origin.replaceAll('.', String.raw`\.`)}.*${variable}`),
});
const wrong = (field: string) => ({ __typename: 'InvalidInput', problems: [{ path: field }] });
const read = async (world: World) => (await world.query(READ)).errors?.[0]?.extensions;

/** Addresses of the attacked server, and others where a token has no business, as an attacker may spell them. */
const SPELLINGS = [
  ...[
    'http://127.0.0.1:PORT/v1',
    'https://127.0.0.1:PORT/v1',
    'http://localhost:PORT',
    'https://LOCALHOST:PORT',
  ],
  ...['http://localhost.:PORT', 'http://127.0.0.1.:PORT', 'http://127.1:PORT', 'http://127.255.255.254:PORT'],
  ...['http://2130706433:PORT', 'http://0x7f000001:PORT', 'http://0x7f.1:PORT', 'http://0177.0.0.1:PORT'],
  ...[
    'http://017700000001:PORT',
    'http://①②⑦.⓪.⓪.①:PORT',
    'http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT',
    'http://%6cocalhost:PORT',
  ],
  ...[
    'http://0.0.0.0:PORT',
    'http://0:PORT',
    'http://[::]:PORT',
    'http://[::1]:PORT',
    'http://[0:0:0:0:0:0:0:1]:PORT',
  ],
  ...['http://[::ffff:127.0.0.1]:PORT', 'http://[::ffff:7f00:1]:PORT', 'http://[::127.0.0.1]:PORT'],
  ...[
    'https://[64:ff9b::7f00:1]:PORT',
    'https://[2002:7f00:1::]:PORT',
    'http://webexapis.com@127.0.0.1:PORT',
  ],
  ...[
    'https://webexapis.com:x@localhost:PORT',
    'http://localhost:PORT\\@webexapis.com',
    'http://localhost:PORT#@webexapis.com',
  ],
  ...[
    'http://169.254.169.254/latest/meta-data',
    'http://2852039166',
    'https://[fd00:ec2::254]',
    'https://100.100.100.200',
  ],
  ...[
    'https://[::ffff:169.254.169.254]',
    'https://10.0.0.1',
    'https://192.168.0.1',
    'https://100.64.0.1',
    'https://[fe80::1]',
  ],
  ...[
    'http://webexapis.com/v1',
    'https://webexapis.com:PORT/v1',
    'https://webexapis.com./v1',
    'https://api.webexapis.com',
  ],
  ...[
    'https://webexapis.com.evil.example',
    'https://xn--wbexapis-g8a.com',
    'https://wеbexapis.com',
    'https://evil.example',
  ],
];

describe('an address that the gateway may not send to', () => {
  let world: World;
  beforeAll(async () => {
    const own = Number(await freePort());
    const upstream = {
      UPSTREAM_ORIGINS: `https://webexapis.com,http://127.0.0.1:${own}`,
      UPSTREAM_PROXIES: '',
    };
    world = await startWorld({ sandbox: { port: own }, upstream });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it.each(
    SPELLINGS,
  )('is refused as each of a connector’s three, by the name of the field: %s', async (spelling) => {
    const address = spelling.replace('PORT', String(port));
    for (const endpoint of ENDPOINTS) {
      const input = { ...world.settings('odd'), [endpoint]: address };
      const refused = wrong(`input.${endpoint}`);
      expect(await configure(world, 'createConnector', input)).toMatchObject({
        connector: null,
        error: refused,
      });
      expect(await update(world, { [endpoint]: address })).toMatchObject(refused);
    }
    expect(connections).toBe(0);
  });

  it.each([
    ...[
      'http://127.0.0.1:PORT',
      'http://user:proxy-canary@localhost:PORT',
      'https://[::1]:PORT',
      'http://0x7f.1:PORT',
    ],
    ...['http://169.254.169.254', 'http://proxy.evil.example:3128', 'https://webexapis.com'],
  ])('is refused as its proxy, and not repeated: %s', async (spelling) => {
    const proxyUrl = spelling.replace('PORT', String(port));
    const input = { ...world.settings('odd'), proxyUrl };
    const { error } = await configure(world, 'createConnector', input);
    expect(error).toMatchObject(wrong('input.proxyUrl'));
    expect(error?.message).toContain('UPSTREAM_PROXIES');
    expect(error?.message).not.toMatch(/canary|:\/\//);
    expect(await update(world, { proxyUrl, clientSecret: world.clientSecret })).toMatchObject(
      wrong('input.proxyUrl'),
    );
    expect(connections).toBe(0);
  });

  it('is told from others by a sentence that names the variable to change', async () => {
    const input = { ...world.settings('odd'), serviceUri: 'https://webex.corp.example/v1' };
    const { error } = await configure(world, 'createConnector', input);
    expect(error?.message).toBe(
      'input.serviceUri: https://webex.corp.example is not an allowed origin. Ask the operator to add it to UPSTREAM_ORIGINS.',
    );
  });
});

describe('a connector that was stored when more was allowed', () => {
  let world: World;
  /** The same gateway, started again with Webex's own origin only. */
  let strict: World;
  beforeEach(async () => {
    world = await startWorld();
    strict = await world.restart({
      upstream: { UPSTREAM_ORIGINS: 'https://webexapis.com', UPSTREAM_PROXIES: '' },
    });
    world.webex.requests.clear();
  });
  afterEach(async () => {
    expect(world.webex.requests.count()).toBe(0);
    await strict[Symbol.asyncDispose]();
    await world[Symbol.asyncDispose]();
  });

  const refused = () => ({
    code: 'UPSTREAM_ADDRESS_REFUSED',
    origin: world.webex.url,
    variable: 'UPSTREAM_ORIGINS',
  });
  const refusal = () => asError(refused());

  it('sends nothing when something is read, however often, and says which variable to change', async () => {
    // More than it takes until a server is left alone.
    for (let round = 0; round < 12; round += 1) {
      const { errors, extensions } = await strict.query(READ);
      expect(errors?.[0]?.extensions).toEqual(topLevel(refused()));
      expect(errors?.[0]?.message).toContain('UPSTREAM_ORIGINS');
      expect(extensions.webex.requests).toBe(0);
    }
  });

  it('changes nothing, and the change says so', async () => {
    const { createUser } = await strict.ask<{ createUser: object }>(
      'mutation ($input: CreateUserInput!) { createUser(input: $input) { outcome error { __typename code message } } }',
      {
        input: {
          connector: strict.connectorId,
          user: { emails: ['ada@acme.example'], displayName: 'Ada' },
        },
      },
    );
    expect(createUser).toMatchObject({ outcome: 'NOT_APPLIED', error: refusal() });
  });

  it('sends no refresh token to renew an access token with', async () => {
    world.webex.expireAccessTokens();
    expect(await read(strict)).toEqual(topLevel(refused()));
    expect(await handOver(strict)).toMatchObject(refusal());
  });

  it('sends no browser to the page where connections are approved', async () => {
    const { authorizationUrl, error } = await configure(strict, 'connect', { id: strict.connectorId });
    expect([authorizationUrl, error]).toMatchObject([null, refusal()]);
  });

  it('sends no code that comes back from a page which was opened before', async () => {
    const { state } = await configure(world, 'connect', { id: world.connectorId });
    const { connector, error } = await configure(strict, 'completeConnect', { state, code: 'code-canary' });
    expect([connector, error]).toMatchObject([null, refusal()]);
  });

  it('is found by its test, which does not even ask for its name', async () => {
    const lookup = vi.spyOn(dns.promises, 'lookup');
    syncBuiltinESMExports();
    try {
      const { test } = await configure(strict, 'testConnector', { id: strict.connectorId });
      const failures = (test?.checks ?? []).filter(({ status }) => status === 'FAILED');
      expect(failures.map(({ name }) => name)).toEqual([
        'SERVICE_URI_REACHABLE',
        'TOKEN_ENDPOINT_REACHABLE',
        'TOKEN',
      ]);
      for (const { message } of failures) expect(message).toContain('UPSTREAM_ORIGINS');
      expect(lookup).not.toHaveBeenCalled();
    } finally {
      lookup.mockRestore();
      syncBuiltinESMExports();
    }
  });

  it('can be renamed, and disconnected', async () => {
    expect(await update(strict, { name: 'renamed' })).toBeNull();
    expect(await configure(strict, 'disconnect', { id: strict.connectorId })).toMatchObject({
      connector: { name: 'renamed', status: 'DISCONNECTED' },
      error: null,
    });
  });

  it('uses no proxy that is no longer allowed', async () => {
    const [stored] = await world.store.connectors.list();
    const proxyUrl = `http://user:proxy-canary@127.0.0.1:${port}/`;
    expect(
      await world.store.connectors.update(stored?.id ?? '', stored?.version ?? 0, { proxyUrl }),
    ).toMatchObject({
      proxyUrl,
    });
    const other = await world.restart({ upstream: { UPSTREAM_PROXIES: '' } });
    const { errors } = await other.query(READ);
    expect(errors?.[0]?.extensions).toEqual(
      topLevel({
        code: 'UPSTREAM_ADDRESS_REFUSED',
        origin: `http://127.0.0.1:${port}`,
        variable: 'UPSTREAM_PROXIES',
      }),
    );
    expect(JSON.stringify(errors)).not.toContain('canary');
    expect(connections).toBe(0);
    await other[Symbol.asyncDispose]();
  });
});

/** An address of this machine in a private network, where it has one. */
const OWN = Object.values(networkInterfaces())
  .flat()
  .find(
    (each) => each !== undefined && each.family === 'IPv4' && kindOf(each.address) === 'private',
  )?.address;

describe('a name that is allowed', () => {
  const NAME = 'webex.example';
  /** What this machine's DNS answers, one after the other; the last one goes on. */
  let answers: string[][];
  let asked: number;
  const next = (): LookupAddress[] => {
    asked += 1;
    const addresses = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
    return addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  };
  const resolve = (...rounds: string[][]) => {
    [answers, asked] = [rounds, 0];
  };

  const { lookup } = dns;
  const promised = dns.promises.lookup;
  const isOurs = (name: unknown) => /^localhost$|\.example$/.test(String(name));

  // The system's resolver answers for names of the test, as the owner of a name can make it answer.
  beforeAll(() => {
    Object.assign(dns, {
      lookup: (...question: unknown[]) => {
        const callback = question.at(-1);
        if (!isOurs(question[0]) || typeof callback !== 'function')
          return Reflect.apply(lookup, dns, question);
        queueMicrotask(() => callback(null, next()));
      },
    });
    Object.assign(dns.promises, {
      lookup: async (...question: unknown[]) =>
        isOurs(question[0]) ? next()[0] : Reflect.apply(promised, dns.promises, question),
    });
    syncBuiltinESMExports();
  });
  afterAll(() => {
    Object.assign(dns, { lookup });
    Object.assign(dns.promises, { lookup: promised });
    syncBuiltinESMExports();
  });

  const worlds: World[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world[Symbol.asyncDispose]();
  });

  /** A world whose connector has its service under the name; its tokens are had from the sandbox. */
  async function startNamed(upstream: object, connector: object = {}): Promise<World> {
    const world = await startWorld({
      upstream: {
        UPSTREAM_ORIGINS: `${LOCAL_UPSTREAM.UPSTREAM_ORIGINS},https://${NAME}:${port}`,
        ...upstream,
      },
      connector: { serviceUri: `https://${NAME}:${port}/v1`, connectionTimeout: 2, ...connector },
      connect: false,
    });
    worlds.push(world);
    return world;
  }

  const toThis = ['127.0.0.1', '::1', '0.0.0.0', '::', '::ffff:127.0.0.1', '127.8.8.8'];
  const toOthers = [
    '169.254.169.254',
    '10.0.0.1',
    '192.168.1.1',
    '100.64.0.1',
    'fd00:ec2::254',
    'fe80::1',
    '64:ff9b::7f00:1',
  ];

  it.each([...toThis, ...toOthers])('and leads to %s gets neither a secret nor a token', async (address) => {
    resolve([address]);
    const world = await startNamed({});
    const refused = {
      code: 'UPSTREAM_ADDRESS_REFUSED',
      origin: `https://${NAME}:${port}`,
      variable: PRIVATE_LIST,
    };
    // The tokens come from the sandbox, and whose they are is asked of the service.
    const { refreshToken } = world.webex.issueTokens({ clientId: 'test-integration' });
    const answer = await handOver(world, refreshToken);
    expect(answer).toMatchObject(asError(refused));
    expect(answer?.message).not.toContain(address);
    expect(await read(world)).toEqual(topLevel(refused));
    expect(asked).toBe(2);
    await update(world, { tokenEndpoint: `https://${NAME}:${port}/token`, clientSecret: world.clientSecret });
    expect(await handOver(world)).toMatchObject(asError(refused));
    expect(connections).toBe(0);
  });

  it('and is public when it is checked, and this machine when it is connected to, gets nothing', async () => {
    resolve(['8.8.8.8'], ['127.0.0.1']);
    const world = await startNamed({});
    const { test } = await configure(world, 'testConnector', { id: world.connectorId });
    const check = test?.checks.find(({ name }) => name === 'SERVICE_URI_REACHABLE');
    expect(check).toMatchObject({ status: 'FAILED', message: expect.stringContaining(PRIVATE_LIST) });
    expect(asked).toBe(2);
    expect(connections).toBe(0);
  });

  it.skipIf(OWN === undefined)(
    'in UPSTREAM_PRIVATE_ORIGINS may lead into a private network, and only that address of several is tried',
    async () => {
      resolve(['169.254.169.254', '0.0.0.0', '127.0.0.1', OWN ?? '']);
      const world = await startNamed({ UPSTREAM_PRIVATE_ORIGINS: `https://${NAME}:${port}` });
      const { refreshToken } = world.webex.issueTokens({ clientId: 'test-integration' });
      // What listens there is no Webex.
      expect(await handOver(world, refreshToken)).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
      expect(connections).toBeGreaterThan(0);
      expect(asked).toBe(connections);
    },
  );

  it('in UPSTREAM_PRIVATE_ORIGINS may lead neither to this machine nor to where clouds keep credentials', async () => {
    resolve(['169.254.169.254'], ['fd00:ec2::254'], ['100.100.100.200'], ['0.0.0.0'], ['127.0.0.1'], ['::1']);
    const world = await startNamed({ UPSTREAM_PRIVATE_ORIGINS: `https://${NAME}:${port}` });
    await update(world, { tokenEndpoint: `https://${NAME}:${port}/token`, clientSecret: world.clientSecret });
    for (let round = 0; round < 6; round += 1) {
      expect(await handOver(world)).toMatchObject({ code: 'UPSTREAM_ADDRESS_REFUSED' });
    }
    expect(asked).toBe(6);
    expect(connections).toBe(0);
  });

  it('localhost is this machine or nowhere', async () => {
    resolve(['10.0.0.1']);
    const world = await startNamed({}, { serviceUri: `http://localhost:${port}/v1` });
    const { refreshToken } = world.webex.issueTokens({ clientId: 'test-integration' });
    expect(await handOver(world, refreshToken)).toMatchObject({
      code: 'UPSTREAM_ADDRESS_REFUSED',
      message: expect.stringContaining(`http://localhost:${port}`),
    });
    resolve(['169.254.169.254', '0.0.0.0', '10.0.0.1', '127.0.0.1']);
    expect(await read(world)).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(connections).toBeGreaterThan(0);
    expect(asked).toBe(connections);
  });

  it.each([
    ['with a tunnel', 'proxy.example', 'https://webex.example', OWN],
    ['without a tunnel', 'localhost', undefined, '127.0.0.1'],
  ])('as a proxy’s is held to the same, %s', async (_way, name, target, allowed) => {
    const proxyUrl = `http://${name}:${port}`;
    const elsewhere = target === undefined ? '10.0.0.1' : '127.0.0.1';
    resolve(['0.0.0.0'], ['169.254.169.254'], [elsewhere]);
    const tokens = target === undefined ? {} : { tokenEndpoint: `${target}:${port}/token` };
    const world = await startNamed({ UPSTREAM_PROXIES: proxyUrl }, { proxyUrl, ...tokens });
    const refused = { code: 'UPSTREAM_ADDRESS_REFUSED', message: expect.stringContaining(proxyUrl) };
    for (let round = 0; round < 3; round += 1) expect(await handOver(world)).toMatchObject(refused);
    expect(asked).toBe(3);
    expect(connections).toBe(0);
    if (allowed === undefined) return;
    resolve([allowed]);
    expect(await handOver(world)).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(connections).toBe(1);
  });

  it('of a proxy elsewhere gets no token in plain http', async () => {
    const proxyUrl = `http://proxy.example:${port}`;
    resolve(['127.0.0.1']);
    const world = await startNamed({ UPSTREAM_PROXIES: proxyUrl }, { proxyUrl });
    expect(await handOver(world)).toMatchObject({
      code: 'UPSTREAM_ADDRESS_REFUSED',
      message: expect.stringContaining(world.webex.url),
    });
    expect([asked, connections]).toEqual([0, 0]);
  });
});

describe('an upstream that is allowed', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world[Symbol.asyncDispose]());

  it.each([
    301, 302, 303, 307, 308,
  ])('leads no token elsewhere with a redirect (%i), even to an origin that is allowed, too', async (status) => {
    const headers = { location: `http://127.0.0.1:${port}/v1/roles` };
    world.webex.fail({ route: 'GET /roles', fault: { kind: 'status', status, headers } });
    expect(await read(world)).toMatchObject({ code: 'UPSTREAM_REDIRECTED' });
    world.webex.fail({ route: 'POST /access_token', fault: { kind: 'status', status, headers } });
    expect(await handOver(world)).toMatchObject({ code: 'UPSTREAM_INVALID' });
    expect(connections).toBe(0);
  });

  it.each([
    'http://127.0.0.1',
    'http://localhost',
    'http://[::1]',
  ])('is asked itself for the next page, though its link leads to %s', async (origin) => {
    world.webex.settings.peoplePageCeiling = 50;
    const fault = { kind: 'next-link', how: 'foreign', origin: `${origin}:${port}` } as const;
    world.webex.fail({ route: 'GET /people', fault });
    const { connector } = await world.ask<{ connector: { users: { nodes: object[] } } }>(
      '{ connector { users(first: 250) { nodes { id } } } }',
    );
    expect(connector.users.nodes).toHaveLength(250);
    expect(connections).toBe(0);
  });
});
