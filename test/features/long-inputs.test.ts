import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ connect: false });
});
afterAll(() => world[Symbol.asyncDispose]());

const CREATE = `mutation ($input: CreateConnectorInput!) {
  createConnector(input: $input) { error { code message ... on InvalidInput { problems { path } } } }
}`;
const text = (length: number) => 'x'.repeat(length);

/** Sends settings for a new connector as a variable. */
const create = (setting: object) =>
  world.query<{ createConnector: object }>(CREATE, { input: { ...world.settings('new'), ...setting } });

describe('a text that is too long', () => {
  it('is refused by its path before anything is done, if it is longer than any text may be', async () => {
    const { data, errors } = await create({ scopes: ['spark:kms', text(10_001)] });
    expect([data ?? null, errors]).toMatchObject([
      null,
      [
        {
          message: 'variables.input.scopes[1]: must have at most 10000 characters; this has 10001.',
          extensions: { code: 'INVALID_INPUT', field: 'variables.input.scopes[1]' },
        },
      ],
    ]);
  });

  it('is refused in the text of a document, too', async () => {
    const { data, errors } = await world.query(`{ connector(name: "${text(10_001)}") { name } }`);
    expect([data ?? null, errors]).toMatchObject([
      null,
      [
        {
          message: 'name: must have at most 10000 characters; this has 10001.',
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        },
      ],
    ]);
  });

  it.each([
    [
      'serviceUri',
      `https://webexapis.com/${text(1_979)}`,
      'must have at most 2000 characters; this has 2001.',
    ],
    [
      'tokenEndpoint',
      `https://webexapis.com/${text(1_979)}`,
      'must have at most 2000 characters; this has 2001.',
    ],
    ['proxyUrl', `http://127.0.0.1/${text(1_984)}`, 'must have at most 2000 characters; this has 2001.'],
    ['clientSecret', text(1_001), 'must be one line of 1000 characters at most.'],
  ])('is refused by its field, if the field takes less: %s', async (field, value, sentence) => {
    const { data } = await create({ [field]: value });
    expect(data?.createConnector).toEqual({
      error: {
        code: 'INVALID_INPUT',
        message: `input.${field}: ${sentence}`,
        problems: [{ path: `input.${field}` }],
      },
    });
  });

  it('may be certificates, of up to 500,000 characters', async () => {
    const { data } = await create({ caCertificates: text(500_000) });
    expect(data?.createConnector).toMatchObject({
      error: { message: 'input.caCertificates: must be one certificate or several in PEM format.' },
    });
    const { errors } = await create({ caCertificates: text(500_001) });
    expect(errors?.[0]?.message).toBe(
      'variables.input.caCertificates: must have at most 500000 characters; this has 500001.',
    );
  });
});

describe('a text in a document', () => {
  it('may be as long as the field that it is given for', async () => {
    const { data } = await world.query<{ createConnector: object }>(
      `mutation { createConnector(input: { name: "new", clientId: "C1", clientSecret: "secret", caCertificates: "${text(200_000)}" }) {
        error { message } } }`,
    );
    expect(data?.createConnector).toEqual({
      error: { message: 'input.caCertificates: must be one certificate or several in PEM format.' },
    });
  });
});

describe('a text with a variable of its own', () => {
  const create = (caCertificates: string) => {
    const query = `mutation ($pem: String!, $secret: String!) { createConnector(input: {
      name: "new", clientId: "C1", clientSecret: $secret, caCertificates: $pem
    }) { error { message } } }`;
    return world.query<{ createConnector: object }>(query, { pem: caCertificates, secret: 'secret' });
  };

  it('may be as long as the field that it is given for', async () => {
    expect((await create(text(500_000))).data?.createConnector).toMatchObject({
      error: { message: 'input.caCertificates: must be one certificate or several in PEM format.' },
    });
    expect((await create(text(500_001))).errors?.[0]?.message).toBe(
      'variables.pem: must have at most 500000 characters; this has 500001.',
    );
  });

  it('may be no longer than the least of its places, or than other texts if it has none', async () => {
    const pem = text(10_001);
    for (const query of [
      'mutation ($pem: String!) { createConnector(input: { name: $pem, clientId: "C1", clientSecret: "x", caCertificates: $pem }) { __typename } }',
      'query ($pem: String!) { connector(name: $pem) { name } }',
    ]) {
      expect((await world.query(query, { pem })).errors?.[0]?.message).toBe(
        'variables.pem: must have at most 10000 characters; this has 10001.',
      );
    }
  });
});

describe('a name or number of more than 200 characters', () => {
  it.each([
    ['an alias, which an answer would repeat for each user', (name: string) => `{ ${name}: __typename }`],
    ['a field', (name: string) => `{ ${name} }`],
    ['a fragment', (name: string) => `{ ...${name} } fragment ${name} on Query { __typename }`],
    ['a variable', (name: string) => `query ($${name}: Int) { __typename }`],
    ['a value of an enum', (name: string) => `{ connectors(status: ${name}) { id } }`],
    [
      'a number',
      (name: string) => `{ connector { users(first: ${name.replaceAll('x', '1')}) { nodes { id } } } }`,
    ],
  ])('is refused in a document: %s', async (_what, documentWith) => {
    const { errors } = await world.query(documentWith(text(201)));
    expect(errors).toEqual([
      {
        message: 'Syntax Error: A name or number has more than 200 characters.',
        extensions: { code: 'GRAPHQL_PARSE_FAILED', retryable: false },
      },
    ]);
    const { errors: others = [] } = await world.query(documentWith(text(200)));
    expect(others.map(({ extensions }) => extensions.code)).not.toContain('GRAPHQL_PARSE_FAILED');
  });
});

describe('an error about what a client has sent', () => {
  it.each([
    ['the name of an unknown field of an input', CREATE, { input: { [text(100_000)]: 1 } }],
    [
      'a long list where a number was expected',
      'query ($n: Int) { connector { users(first: $n) { totalCount } } }',
      { n: Array(5_000).fill(text(20)) },
    ],
    ['what a document has in place of a name', `{ "${text(100_000)}" }`, {}],
  ])('repeats 2000 characters of it at most: %s', async (_what, query, variables) => {
    const { errors = [] } = await world.query(query, variables);
    expect(errors.length).toBeGreaterThan(0);
    expect(Math.max(...errors.map(({ message }) => message.length))).toBeLessThanOrEqual(2_000);
  });
});
