import { buildSchema, execute, GraphQLError, type GraphQLResolveInfo, parse } from 'graphql';
import { expect, it } from 'vitest';
import { limitErrors, Workload } from '../../src/schema/execution/workload.ts';

/** What graphql-js tells a resolver of its field. */
async function infoOf(document: string): Promise<GraphQLResolveInfo> {
  const { promise, resolve } = Promise.withResolvers<GraphQLResolveInfo>();
  const rootValue = { list: (_values: object, _context: unknown, info: GraphQLResolveInfo) => resolve(info) };
  await execute({ schema: buildSchema('type Query { list: [Int] }'), document: parse(document), rootValue });
  return promise;
}

const info = await infoOf('query {\n  named: list }');

it('gives fields that fail after the thousandth one error for all, which costs nothing to locate', () => {
  const workload = new Workload();
  const errors = Array.from({ length: 5_000 }, (_, index) => workload.admit(new Error(String(index)), info));
  expect(new Set(errors).size).toBe(1_001);
  // By its path GraphQL takes it for an error that is located already.
  expect(errors.at(-1)).toMatchObject({ path: [] });
});

it('gives each error its place in the answer and in the document', () => {
  const failure = new Error('It failed.');
  const error = new Workload().admit(failure, info, 3);
  expect(error).toBeInstanceOf(GraphQLError);
  expect(error).toMatchObject({
    message: 'It failed.',
    path: ['named', 3],
    locations: [{ line: 2, column: 3 }],
    originalError: failure,
  });
});

it('keeps the place that an error has already', () => {
  const located = new GraphQLError('It failed.', { path: ['elsewhere'] });
  expect(new Workload().admit(located, info)).toBe(located);
});

it('shows 999 errors and counts the others, of whatever kind', () => {
  const workload = new Workload();
  const failed = Array.from({ length: 2_500 }, () => workload.admit(new GraphQLError('failed'), info));
  const errors = failed.filter((error) => error instanceof GraphQLError);
  const limited = limitErrors({ data: null, errors }).errors ?? [];
  expect(limited).toHaveLength(1_000);
  expect(limited.at(-1)?.message).toBe('1501 more errors are not shown: an answer holds at most 1000.');
  expect(new Set(limited.slice(0, 999).map(({ message }) => message))).toEqual(new Set(['failed']));
});

it('leaves results with few errors as they are', () => {
  const result = { data: null, errors: [new GraphQLError('failed')] };
  expect(limitErrors(result)).toBe(result);
});
