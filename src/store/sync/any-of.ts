import { type RawBuilder, sql } from 'kysely';

/** One of these values, for a comparison with `=`. */
export function anyOf<T extends string | number>(values: readonly T[]): RawBuilder<T> {
  return sql<T>`any(${[...values]})`;
}

/** Whether a list is a condition: one that is absent or empty is not. */
export function isGiven<T>(list: readonly T[] | undefined): list is readonly T[] {
  return list !== undefined && list.length > 0;
}
