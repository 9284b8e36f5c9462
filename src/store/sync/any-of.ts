import { type RawBuilder, sql } from 'kysely';

/** One of these values, for a comparison with `=`. An empty list is one that nothing is in. */
export function anyOf<T extends string | number>(values: readonly T[]): RawBuilder<T> {
  return sql<T>`any(${[...values]})`;
}
