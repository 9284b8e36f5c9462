import type { Json } from '../../store/sync/words.ts';

/** An expression that cannot be evaluated for a record. The message has no value of the record. */
export class ExpressionFailed extends Error {}

/** A value of a record as CEL takes it: whole numbers are ints, so that `n + 1` works. */
export function toCel(value: Json | undefined): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCel);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toCel(each)]));
}

/**
 * What an expression gives, as JSON.
 * @param budget characters and entries that it may have in all
 * Throws ExpressionFailed if it is something else or too large.
 */
export function fromCel(value: unknown, budget: number): Json {
  let left = budget;
  return read(value);

  function spend(amount: number): void {
    left -= amount;
    if (left < 0) throw new ExpressionFailed('it gives too much');
  }

  function read(each: unknown): Json {
    spend(typeof each === 'string' ? each.length : 1);
    if (each === null || typeof each === 'string' || typeof each === 'boolean') return each;
    if (typeof each === 'bigint') return Number(each);
    if (typeof each === 'number' && Number.isFinite(each)) return each;
    if (Array.isArray(each)) return each.map(read);
    if (each instanceof Date) return each.toISOString();
    if (each instanceof Map)
      return Object.fromEntries([...each].map(([key, part]) => [textOf(key), read(part)]));
    if (typeof each === 'object' && Object.getPrototypeOf(each) === Object.prototype)
      return Object.fromEntries(Object.entries(each).map(([key, part]) => [key, read(part)]));
    throw new ExpressionFailed('it gives neither a text, a number, true or false, a list nor an object');
  }

  function textOf(key: unknown): string {
    if (typeof key !== 'string')
      throw new ExpressionFailed('it gives an object with a key that is not a text');
    spend(key.length);
    return key;
  }
}
