import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ connect: false });
});
afterAll(() => world[Symbol.asyncDispose]());

const CREATE = `mutation ($input: CreateConnectorInput!) {
  createConnector(input: $input) { __typename ... on InvalidInput { field message } }
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
      __typename: 'InvalidInput',
      field: `input.${field}`,
      message: `input.${field}: ${sentence}`,
    });
  });

  it('may be certificates, of up to 500,000 characters', async () => {
    const { data } = await create({ caCertificates: text(500_000) });
    expect(data?.createConnector).toMatchObject({
      message: 'input.caCertificates: must be one certificate or several in PEM format.',
    });
    const { errors } = await create({ caCertificates: text(500_001) });
    expect(errors?.[0]?.message).toBe(
      'variables.input.caCertificates: must have at most 500000 characters; this has 500001.',
    );
  });
});
