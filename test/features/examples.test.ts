import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExampleQueries } from '../../src/routes/graphiql.ts';
import { startWorld, type World } from '../world.ts';

const examples = await readExampleQueries();

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

describe('the example queries in GraphiQL', () => {
  it('come with an explanation each', () => {
    expect(examples.length).toBeGreaterThan(4);
    for (const { query } of examples) expect(query.startsWith('# ')).toBe(true);
  });

  const operations = examples.flatMap(({ name, query, headers }) =>
    parse(query).definitions.flatMap((definition) =>
      definition.kind === 'OperationDefinition'
        ? [[name, definition.name?.value ?? '', query, headers] as const]
        : [],
    ),
  );

  it.each(operations)('%s: %s runs', async (_name, operationName, query, headers) => {
    const variables = { connectorId: world.connectorId };
    const { data, errors } = await world.query<object>(
      query,
      {},
      {
        body: JSON.stringify({ query, operationName, variables }),
        headers: { 'content-type': 'application/json', ...JSON.parse(headers ?? '{}') },
      },
    );
    // The connector of the last example is not made before its first step.
    expect(errors?.map((error) => error.extensions.code) ?? []).toEqual([]);
    expect(data).not.toBeNull();
  });
});
