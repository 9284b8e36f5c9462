import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}) =>
  world.gateway.fetch(new Request(`http://gateway.test${path}`, { headers }));
const post = (body: string, contentType = 'application/json') =>
  world.gateway.fetch(
    new Request('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': contentType, accept: 'application/graphql-response+json' },
      body,
    }),
  );

describe('GraphiQL', () => {
  it('opens for browsers at /graphql, with the examples as its tabs', async () => {
    const page = await get('/graphql', { accept: 'text/html', 'accept-encoding': 'gzip, br' });
    const html = await new Response(page.body?.pipeThrough(new DecompressionStream('gzip'))).text();
    expect(page.headers.get('content-type')).toContain('text/html');
    for (const operation of [
      'Connectors',
      'DashboardUsers',
      'DashboardGroups',
      'LicenseSeats',
      'Administrators',
      'WhatDidItCost',
      'Webex-Explain',
      'CreateConnector',
    ]) {
      expect(html).toContain(operation);
    }
  });

  it('may load from and send to this gateway only', async () => {
    const page = await get('/graphql', { accept: 'text/html', 'accept-encoding': 'gzip' });
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toMatch(/https?:|\*/);
  });

  it('is where the root leads', async () => {
    const answer = await get('/');
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/graphql']);
  });
});

describe('health', () => {
  it('says that the process runs, and whether it can serve', async () => {
    expect(await (await get('/health')).json()).toEqual({ status: 'ok' });
    expect(await (await get('/ready')).json()).toEqual({ status: 'ready' });
  });

  it('is not ready while shutting down, and answers what still comes', async () => {
    await using leaving = await startWorld();
    leaving.gateway.drain();
    const ready = await leaving.gateway.fetch(new Request('http://gateway.test/ready'));
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'not ready', reason: 'The gateway is shutting down.' },
    ]);
    expect(await leaving.ask('{ connector { name } }')).toEqual({ connector: { name: 'acme' } });
  });

  it('is not ready without its database', async () => {
    await using broken = await startWorld();
    await broken.store.close();
    const ready = await broken.gateway.fetch(new Request('http://gateway.test/ready'));
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'not ready', reason: 'The database does not answer.' },
    ]);
  });
});

describe('the log', () => {
  const lines = () => world.log.map((line): Record<string, unknown> => JSON.parse(line));

  it('has one line a request: operation, duration, cost upstream', async () => {
    const before = world.log.length;
    await world.ask(
      'query WhoIsWho($name: String) { connector { users(first: 3, filter: { displayNameStartsWith: $name }) { nodes { id } } } }',
      {
        name: 'Zo',
      },
    );
    const [line, ...more] = lines().slice(before);
    expect(more).toEqual([]);
    expect(line).toMatchObject({
      msg: 'request',
      requestId: expect.any(String),
      method: 'POST',
      path: '/graphql',
      status: 200,
      operation: 'WhoIsWho',
      upstreamRequests: 1,
      durationMs: expect.any(Number),
    });
  });

  it('names the codes of errors, and gives the request’s id to the client', async () => {
    const answer = await post(JSON.stringify({ query: '{ connector(name: "nowhere") { id } }' }));
    expect(lines().at(-1)).toMatchObject({
      errors: ['NOT_FOUND'],
      requestId: answer.headers.get('x-request-id'),
    });
  });

  it('holds no query strings, variables or secrets', async () => {
    await world.query(
      'query ($name: String) { connector { users(filter: { displayNameStartsWith: $name }) { nodes { id } } } }',
      {
        name: 'canary-variable',
      },
    );
    await get('/oauth/callback?state=canary-state&code=canary-code');
    expect(world.log.join('\n')).not.toMatch(/canary/);
  });
});

describe('other host names', () => {
  it('are refused: a page elsewhere cannot make its name ours', async () => {
    for (const host of ['evil.example', 'gateway.test.evil.example', '192.0.2.1']) {
      const request = new Request(`http://${host}/graphql?query={connectors{id}}`);
      const answer = await world.gateway.fetch(request);
      expect([answer.status, answer.headers.get('webex-requests'), await answer.json()]).toMatchObject([
        421,
        '0',
        { errors: [{ extensions: { code: 'HOST_NOT_ALLOWED' } }], extensions: { webex: { requests: 0 } } },
      ]);
      expect(JSON.parse(world.log.at(-1) ?? '')).toMatchObject({ status: 421, errors: ['HOST_NOT_ALLOWED'] });
    }
    for (const host of ['gateway.test', 'localhost:4000', '127.0.0.1:4000', '[::1]:4000']) {
      const answer = await world.gateway.fetch(new Request(`http://${host}/graphql?query={connectors{id}}`));
      expect(answer.status).toBe(200);
    }
    expect((await world.gateway.fetch(new Request('http://10.0.0.7/ready'))).status).toBe(200);
  });
});

describe('requests that are not GraphQL', () => {
  it.each([
    [
      'a form, which any page could post',
      'query={connectors{id}}',
      'application/x-www-form-urlencoded',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['a text', '{ connectors { id } }', 'text/plain', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['broken JSON', '{"query":', 'application/json', 400, 'BAD_REQUEST'],
    [
      'a body of two megabytes',
      JSON.stringify({ query: ' '.repeat(2_000_000) }),
      'application/json',
      413,
      'BODY_TOO_LARGE',
    ],
  ])('%s', async (_what, body, contentType, status, code) => {
    const answer = await post(body, contentType);
    const { errors } = await readErrors(answer);
    expect([answer.status, errors[0]?.extensions.code]).toEqual([status, code]);
  });

  it.each(['variables', 'extensions'])('%s in the address that are no JSON', async (name) => {
    const answer = await get(`/graphql?query={connectors{id}}&${name}=%7B`);
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      {
        errors: [
          { message: `${name}: must be a JSON object.`, extensions: { code: 'INVALID_INPUT', field: name } },
        ],
        extensions: { webex: { requests: 0 } },
      },
    ]);
    expect((await get(`/graphql?query={connectors{id}}&${name}=`)).status).toBe(200);
  });

  it.each([
    ['a query that is no query', '{ connectors ', 'GRAPHQL_PARSE_FAILED'],
    ['a field that does not exist', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a query five thousand levels deep',
      `${'{ a '.repeat(5_000)}${'}'.repeat(5_000)}`,
      'GRAPHQL_PARSE_FAILED',
    ],
    [
      'a query of three thousand aliases',
      `{ connector { ${Array.from({ length: 3_000 }, (_, index) => `a${index}: name`).join(' ')} } }`,
      'GRAPHQL_PARSE_FAILED',
    ],
    [
      'a chain of four thousand fragments',
      `{ ...F0 } ${Array.from({ length: 4_000 }, (_, index) => `fragment F${index} on Query { ...F${index + 1} }`).join(' ')}`,
      'GRAPHQL_PARSE_FAILED',
    ],
  ])('%s', async (_what, query, code) => {
    const { errors } = await readErrors(await post(JSON.stringify({ query })));
    expect(errors[0]?.extensions.code).toBe(code);
    expect(await world.ask('{ connector { name } }')).toEqual({ connector: { name: 'acme' } });
  });

  async function readErrors(answer: Response): Promise<{ errors: { extensions: { code: string } }[] }> {
    return JSON.parse(await answer.text());
  }
});

describe('a bug of ours', () => {
  it('is masked, and the log says more under the id that the client gets', async () => {
    await using broken = await startWorld();
    await broken.store.close();
    const { errors } = await broken.query('{ connectors { id } }');
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(/^Something went wrong in the gateway/),
      extensions: { code: 'INTERNAL', errorId: expect.any(String) },
    });
    const line = broken.log.find((each) => each.includes(String(errors?.[0]?.extensions.errorId)));
    expect(line).toContain('"stack"');
    expect(JSON.stringify(errors)).not.toMatch(/stack|kysely|driver/i);
    const page = await broken.gateway.fetch(new Request('http://gateway.test/audit/events'));
    expect([page.status, await page.json()]).toMatchObject([
      500,
      {
        errors: [{ extensions: { code: 'INTERNAL', errorId: page.headers.get('x-request-id') } }],
        extensions: { webex: { requests: 0 } },
      },
    ]);
    expect(JSON.parse(broken.log.at(-1) ?? '')).toMatchObject({ status: 500, errors: ['INTERNAL'] });
  });
});

describe('a client that goes away', () => {
  it('before its operation begins is no bug, and nothing is read for it', async () => {
    const before = world.log.length;
    const query = '{ connector { users(first: 1) { nodes { id } } } }';
    await world.query(query, {}, { signal: AbortSignal.abort() }).catch(() => undefined);
    expect(world.log.slice(before).map((line): unknown => JSON.parse(line))).toMatchObject([
      { msg: 'request', status: 499, upstreamRequests: 0, level: 30 },
    ]);
  });

  it('frees what it held: its requests to Webex end', async () => {
    const slow = world.webex.fail({ route: 'GET /people', fault: { kind: 'latency', ms: 20_000 } });
    const leave = new AbortController();
    const asked = world.query(
      '{ connector { users(first: 2) { nodes { id } } } }',
      {},
      { signal: leave.signal },
    );
    await expect.poll(() => slow.struck).toBe(1);
    leave.abort();
    await asked.catch(() => undefined);
    expect(JSON.parse(world.log.at(-1) ?? '')).toMatchObject({ status: 499, upstreamRequests: 1, level: 30 });
    const { connector } = await world.ask<{ connector: { pool: object } }>(
      '{ connector { pool { running queued } } }',
    );
    expect(connector.pool).toEqual({ running: 0, queued: 0 });
  });
});
