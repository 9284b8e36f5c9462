import { GraphQLError } from 'graphql';
import { expect, it } from 'vitest';
import { limitErrors, Workload } from '../../src/schema/execution/workload.ts';

it('gives fields that fail after the hundredth one error for all, which costs nothing to locate', () => {
  const workload = new Workload();
  const errors = Array.from({ length: 5_000 }, (_, index) => workload.admit(new Error(String(index))));
  expect(new Set(errors).size).toBe(101);
  // By its path GraphQL takes it for an error that is located already.
  expect(errors.at(-1)).toMatchObject({ path: [] });
});

it('shows ninety-nine errors and counts the others, of whatever kind', () => {
  const workload = new Workload();
  const failed = Array.from({ length: 250 }, () => workload.admit(new GraphQLError('failed')));
  const errors = failed.filter((error) => error instanceof GraphQLError);
  const limited = limitErrors({ data: null, errors }).errors ?? [];
  expect(limited).toHaveLength(100);
  expect(limited.at(-1)?.message).toBe('151 more errors are not shown: an answer holds at most 100.');
  expect(new Set(limited.slice(0, 99).map(({ message }) => message))).toEqual(new Set(['failed']));
});

it('leaves results with few errors as they are', () => {
  const result = { data: null, errors: [new GraphQLError('failed')] };
  expect(limitErrors(result)).toBe(result);
});
