import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExampleQueries } from '../../src/routes/pages/graphiql/example-queries.ts';
import { configure } from '../configuration.ts';
import { startWorld, type World } from '../world.ts';

const examples = await readExampleQueries();

let world: World;

beforeAll(async () => {
  world = await startWorld();
  // With two connectors an example that names none would be ambiguous.
  expect((await configure(world, 'createConnector', world.settings('second'))).error).toBeNull();
});
afterAll(() => world[Symbol.asyncDispose]());

describe('the example queries in GraphiQL', () => {
  it('come with an explanation each', () => {
    expect(examples.length).toBeGreaterThan(4);
    for (const { query } of examples) expect(query.startsWith('# ')).toBe(true);
  });

  const operations = examples.flatMap(({ name, query, variables, headers }) =>
    parse(query).definitions.flatMap((definition) =>
      definition.kind === 'OperationDefinition'
        ? [[name, definition.name?.value ?? '', { query, variables, headers }] as const]
        : [],
    ),
  );

  it.each(operations)('%s: %s runs where there are two connectors', async (_name, operationName, {
    query,
    headers,
    ...example
  }) => {
    // As the page does, with a connector that is there.
    const values: Readonly<Record<string, unknown>> = {
      ...world.settings('another'),
      connector: 'acme',
    };
    const variables = JSON.parse(example.variables ?? '{}', (name, value) => values[name] ?? value);
    const { data, errors } = await world.query<object>(
      query,
      {},
      {
        body: JSON.stringify({ query, operationName, variables }),
        headers: { 'content-type': 'application/json', ...JSON.parse(headers ?? '{}') },
      },
    );
    expect(errors?.map((error) => error.extensions.code) ?? []).toEqual([]);
    expect(data).not.toBeNull();
    for (const payload of Object.values(data ?? {})) expect(Object(payload).error ?? null).toBeNull();
  });
});
