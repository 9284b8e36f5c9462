import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const many = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');
const nested = (levels: number) => `${'manager { '.repeat(levels)}id${' }'.repeat(levels)}`;
const doubling = (levels: number) =>
  many(levels, (n) => `fragment F${n} on User { manager { ...F${n + 1} } b: manager { ...F${n + 1} } }`);

describe('a request that holds too much', () => {
  it.each([
    ['aliases', 200, (n: number) => `{ connector { ${many(n, (i) => `a${i}: name`)} } }`],
    ['directives', 100, (n: number) => `{ connector { ${many(n, (i) => `a${i}: name @skip(if: false)`)} } }`],
    ['depth', 30, (n: number) => `{ connector { user(id: "x") { ${nested(n - 3)} } } }`],
    ['root fields', 50, (n: number) => `{ ${many(n, (i) => `a${i}: __typename`)} }`],
    ['operations', 20, (n: number) => many(n, (i) => `query Q${i} { __typename }`)],
    ['variables', 200, (n: number) => `query (${many(n, (i) => `$v${i}: Int`)}) { __typename }`],
    [
      'fragments',
      200,
      (n: number) =>
        `{ ...F0 } ${many(n - 1, (i) => `fragment F${i} on Query { ...F${i + 1} }`)} fragment F${n - 1} on Query { __typename }`,
    ],
  ])('%s: %i are the most', async (measure, most, document) => {
    const codes = async (query: string) =>
      (await world.query(query)).errors?.map(({ extensions }) => extensions.code) ?? [];
    expect(await codes(document(most))).not.toContain('REQUEST_TOO_COMPLEX');
    const { errors, data } = await world.query(document(most + 1));
    expect(data ?? null).toBeNull();
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining(`more than ${most} `),
        extensions: { code: 'REQUEST_TOO_COMPLEX', measure, limit: most },
      },
    ]);
  });

  it.each([
    ['fields', `{ connector { user(id: "x") { ...F0 } } } ${doubling(20)} fragment F20 on User { id }`],
    ['repeated fields', `{ connector { ${many(200, () => 'name')} } }`],
    ['characters', `{ connector { name } } #${'x'.repeat(262_144)}`],
  ])('%s', async (measure, query) => {
    expect((await world.query(query)).errors).toMatchObject([
      { extensions: { code: 'REQUEST_TOO_COMPLEX', measure, limit: expect.any(Number) } },
    ]);
  });

  it.each([
    ['values in variables', { ids: Array.from({ length: 50_001 }, () => 'x') }],
    ['levels of variables', { ids: Array.from({ length: 33 }).reduce<unknown>((inner) => [inner], 'x') }],
  ])('%s', async (measure, variables) => {
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    expect((await world.query(query, variables)).errors).toMatchObject([
      { extensions: { code: 'REQUEST_TOO_COMPLEX', measure } },
    ]);
  });

  it('a request that exceeds a limit is refused with a status if the client accepts that', async () => {
    const answer = await world.gateway.fetch(
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
        body: JSON.stringify({ query: many(21, (index) => `query Q${index} { __typename }`) }),
      }),
    );
    expect(answer.status).toBe(400);
  });

  it('an invalid document does not list twenty errors and more', async () => {
    const { errors } = await world.query(`{ connector { ${many(1_000, (index) => `nothing${index}`)} } }`);
    expect(errors?.length).toBe(21);
  });
});

describe('a list of requests', () => {
  it.each(['[]', '[{"query":"{__typename}"}]'])('a list of requests is refused: %s', async (body) => {
    expect((await world.query('', {}, { body })).errors).toMatchObject([
      { message: expect.stringContaining('in its own request'), extensions: { code: 'BATCH_REFUSED' } },
    ]);
  });
});

describe('a caller', () => {
  it('a caller may run a limited number of operations at once, and again as they end', async () => {
    await using busy = await startWorld({ limits: { concurrent: 2 } });
    const slow = busy.webex.fail({ route: 'GET /people', fault: { kind: 'latency', ms: 300 }, times: 2 });
    const users = (first: number) => `{ connector { users(first: ${first}) { nodes { id } } } }`;
    const running = [busy.ask(users(1)), busy.ask(users(2))];
    await expect.poll(() => slow.struck).toBe(2);
    const refused = await busy.gateway.fetch(new Request('http://gateway.test/graphql?query={__typename}'));
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toMatchObject([
      429,
      '1',
      { errors: [{ extensions: { code: 'TOO_MANY_OPERATIONS', limit: 2, retryAfter: 1, retryable: true } }] },
    ]);
    await Promise.all(running);
    expect(await busy.ask('{ __typename }')).toEqual({ __typename: 'Query' });
  });

  it('each authenticated caller is counted separately', async () => {
    await using guarded = await startWorld({ connector: false, guarded: true, limits: { rate: 2 } });
    const { createApiKey } = await guarded.ask<{ createApiKey: { key: string } }>(
      `mutation { createApiKey(input: { name: "other", grants: [{ scope: READ }] }) { key } }`,
    );
    const codes = async (headers: Readonly<Record<string, string>>) => {
      const init = { headers: { 'content-type': 'application/json', ...headers } };
      const { errors } = await guarded.query('{ __typename }', {}, init);
      return errors?.map(({ extensions }) => extensions.code);
    };
    expect(await codes(guarded.administrator)).toBeUndefined();
    expect(await codes(guarded.administrator)).toEqual(['TOO_MANY_REQUESTS']);
    expect(await codes({ authorization: `Bearer ${createApiKey.key}` })).toBeUndefined();
  });

  it('a caller may send a limited number of operations a minute', async () => {
    await using limited = await startWorld({ connector: false, limits: { rate: 3 } });
    for (const _ of [1, 2, 3]) await limited.ask('{ __typename }');
    const refused = await limited.gateway.fetch(
      new Request('http://gateway.test/graphql?query={__typename}'),
    );
    const { errors } = await refused.clone().json();
    expect([refused.status, errors]).toMatchObject([
      429,
      [{ extensions: { code: 'TOO_MANY_REQUESTS', limit: 3, retryable: true } }],
    ]);
    expect(Number(refused.headers.get('retry-after'))).toBe(errors[0].extensions.retryAfter);
    expect(errors[0].extensions.retryAfter).toBeLessThanOrEqual(60);
    expect((await limited.gateway.fetch(new Request('http://gateway.test/health'))).status).toBe(200);
  });
});

describe('changes of one caller', () => {
  const create = (aliases: number, items: number) => {
    const users = Array.from({ length: items }, (_, index) => ({ emails: [`someone${index}@example.com`] }));
    const fields = many(aliases, (index) => `a${index}: createUsers(input: $input) { items { outcome } }`);
    const input = { connector: world.connectorId, users, dryRun: true };
    return [`mutation ($input: CreateUsersInput!) { __typename ${fields} }`, { input }] as const;
  };
  const auditEvents = async () => {
    const { auditEvents: page } = await world.ask<{ auditEvents: { nodes: unknown[] } }>(
      '{ auditEvents(first: 1000, filter: { operation: "createUsers" }) { nodes { id } } }',
    );
    return page.nodes.length;
  };

  it('a request has at most 500 changes over all its fields, dry runs included', async () => {
    const before = await auditEvents();
    const { data, errors } = await world.query(...create(3, 200));
    expect(data ?? null).toBeNull();
    expect(errors).toMatchObject([
      {
        message: 'The request holds more than 500 changes. Split it into several requests.',
        extensions: { code: 'REQUEST_TOO_COMPLEX', measure: 'changes', limit: 500 },
      },
    ]);
    expect(await auditEvents()).toBe(before);
  });

  it('a caller may make a configured number of changes a minute, dry runs included, in all gateways on one database', async () => {
    await using limited = await startWorld({ limits: { changeRate: 60 } });
    const [query, { input }] = create(1, 50);
    const variables = { input: { ...input, connector: limited.connectorId } };
    const single = { input: { ...variables.input, users: variables.input.users.slice(0, 1) } };
    expect((await limited.query(query, variables)).errors).toBeUndefined();
    expect((await limited.query(query, variables)).errors).toMatchObject([
      {
        extensions: { code: 'TOO_MANY_CHANGES', limit: 60, retryable: true, retryAfter: expect.any(Number) },
      },
    ]);
    const refused = await limited.gateway.fetch(
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      }),
    );
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await limited.query('{ __typename }')).errors).toBeUndefined();
    const never = await limited.query(query, {
      input: { ...variables.input, users: create(1, 61)[1].input.users },
    });
    expect(never.errors).toMatchObject([
      { extensions: { code: 'REQUEST_TOO_COMPLEX', measure: 'changes', limit: 60 } },
    ]);
    await using other = await limited.restart({ limits: { changeRate: 60 } });
    const told = async () => (await other.query(query, single)).errors?.[0]?.extensions.code;
    await limited.query(query, single);
    // Far fewer changes of its own than one caller may ask for.
    await expect.poll(told, { interval: 100, timeout: 3_000 }).toBe('TOO_MANY_CHANGES');
  });
});

describe('the operations of one caller', () => {
  it('the operations of a caller are counted in all gateways on one database', async () => {
    await using limited = await startWorld({ connector: false, limits: { rate: 40 } });
    await using other = await limited.restart({ limits: { rate: 40 } });
    for (let count = 0; count < 40; count += 1) await limited.ask('{ __typename }');
    const told = async () => (await other.query('{ __typename }')).errors?.[0]?.extensions.code;
    // Far fewer requests of its own than one caller may send.
    await expect.poll(told, { interval: 100, timeout: 3_000 }).toBe('TOO_MANY_REQUESTS');
  });
});

describe('the schema', () => {
  const SUGGESTS = [
    '{ conectors { id } }',
    'query ($filter: UserFilter) { connector { users(filter: $filter) { nodes { id } } } }',
  ];
  const wrong = { filter: { emial: 'a@example.com' } };

  it('the schema is shown, and used for suggestions, by default', async () => {
    expect(await world.ask('{ __schema { queryType { name } } }')).toEqual({
      __schema: { queryType: { name: 'Query' } },
    });
    for (const query of SUGGESTS) {
      expect((await world.query(query, wrong)).errors?.[0]?.message).toContain('Did you mean');
    }
  });

  it('the schema is hidden if introspection is off, in suggestions too', async () => {
    await using closed = await startWorld({ exposure: { introspection: false, graphiql: false } });
    for (const query of ['{ __schema { types { name } } }', '{ __type(name: "User") { name } }']) {
      expect((await closed.query(query)).errors?.[0]).toMatchObject({
        message: expect.stringContaining('introspection has been disabled'),
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      });
    }
    for (const query of SUGGESTS) {
      const { errors } = await closed.query(query, wrong);
      expect([errors?.length, JSON.stringify(errors)]).toEqual([
        1,
        expect.not.stringContaining('Did you mean'),
      ]);
    }
    expect(await closed.ask('{ connectors { __typename name } }')).toEqual({
      connectors: [{ __typename: 'Connector', name: 'acme' }],
    });
  });

  it('GraphiQL is absent if it is off', async () => {
    await using closed = await startWorld({ connector: false, exposure: { graphiql: false } });
    const page = await closed.gateway.fetch(
      new Request('http://gateway.test/graphql', { headers: { accept: 'text/html' } }),
    );
    expect(page.ok).toBe(false);
    expect((await closed.gateway.fetch(new Request('http://gateway.test/'))).status).toBe(404);
  });
});
