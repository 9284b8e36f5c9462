import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExampleQueries } from '../../src/routes/pages/graphiql/example-queries.ts';
import { configure } from '../configuration.ts';
import { eventsOf, openStream, type StreamEvent } from '../sync-api.ts';
import { startWorld, type World } from '../world.ts';

const examples = await readExampleQueries();
const JSON_TYPE = { 'content-type': 'application/json' };

let world: World;

beforeAll(async () => {
  world = await startWorld({ sync: { worker: true } });
  // With two connectors an example that names none would be ambiguous.
  expect((await configure(world, 'createConnector', world.settings('second'))).error).toBeNull();
});
afterAll(() => world[Symbol.asyncDispose]());

describe('the example queries in GraphiQL', () => {
  it('come with an explanation each', () => {
    expect(examples.length).toBeGreaterThan(4);
    for (const { query } of examples) expect(query.startsWith('# ')).toBe(true);
  });

  /** Its operations need what the ones before have answered. */
  const synchronize = examples.find(({ name }) => name === '9-synchronize.graphql');
  const single = examples.filter((example) => example !== synchronize);
  const operations = single.flatMap(({ name, query, variables, headers }) =>
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

  it('9-synchronize.graphql plans, reviews, applies and watches', async () => {
    if (synchronize === undefined) throw new Error('The example is not there.');
    const { query } = synchronize;
    const values = new Map<string, unknown>(
      Object.entries({ ...JSON.parse(synchronize.variables ?? '{}'), connector: 'acme' }),
    );
    const variables = () => Object.fromEntries(values);
    const run = async <Data>(operationName: string) => {
      const body = JSON.stringify({ query, operationName, variables: variables() });
      const { data, errors } = await world.query<Data>(query, {}, { body, headers: JSON_TYPE });
      if (data === null) throw new Error(JSON.stringify(errors));
      return data;
    };
    const watch = async (operationName: string) => {
      const events: StreamEvent<Record<string, { state: string }>>[] = [];
      const stream = await openStream(world, query, variables(), { operationName });
      for await (const event of eventsOf<Record<string, { state: string }>>(stream)) events.push(event);
      expect(events.flatMap(({ errors = [] }) => errors)).toEqual([]);
      return Object.values(events.at(-1)?.data ?? {})[0]?.state;
    };

    const { planSync } = await run<{ planSync: { plan: { id: string } | null; error: unknown } }>('Plan');
    expect(planSync.error).toBeNull();
    values.set('plan', planSync.plan?.id);
    expect(await watch('WatchPlan')).toBe('READY');
    const { node } = await run<{ node: { digest: string; items: { nodes: { action: string }[] } } }>(
      'Review',
    );
    expect(node.items.nodes.map(({ action }) => action)).toEqual(['CREATE', 'CREATE']);
    values.set('digest', node.digest);
    const { applySync } = await run<{ applySync: { run: { id: string } | null; error: unknown } }>('Apply');
    expect(applySync.error).toBeNull();
    values.set('run', applySync.run?.id);
    expect(await watch('WatchRun')).toBe('COMPLETED');
  });
});
