import { describe, expect, it } from 'vitest';
import { RetryBudget } from '../../src/datasources/http/retry-budget.ts';

/** Repeats, each of which is sent, until no more are allowed; answers with how many. */
function spend(budget: RetryBudget, now: number, reserve: number): number {
  for (let count = 0; ; count += 1) {
    if (!budget.allows(now, reserve)) return count;
    budget.repeated(now);
    budget.sent(now);
  }
}

describe('the retry budget', () => {
  it.each([
    ['no traffic: the reserve, and a fifth of the repeats themselves', 0, 20, 24],
    ['little traffic: nearly the same', 10, 20, 27],
    ['much traffic: a fifth of it beside', 1_000, 20, 274],
    ['no reserve', 100, 0, 24],
    ['no reserve and no traffic: none', 0, 0, 0],
  ])('%s', (_what, sent, reserve, repeats) => {
    const budget = new RetryBudget();
    for (let index = 0; index < sent; index += 1) budget.sent(0);
    expect(spend(budget, 0, reserve)).toBe(repeats);
  });

  it('lets a full pool repeat everything at once', () => {
    const budget = new RetryBudget();
    for (let index = 0; index < 100; index += 1) budget.sent(0);
    expect(spend(budget, 0, 100 + 10)).toBeGreaterThanOrEqual(100);
  });

  it('forgets, so that the reserve is whole again after a minute of rest', () => {
    const budget = new RetryBudget();
    expect(spend(budget, 0, 20)).toBe(24);
    expect(spend(budget, 1_000, 20)).toBeLessThan(4);
    expect(spend(budget, 120_000, 20)).toBe(24);
  });

  it('counts traffic of long ago no more', () => {
    const budget = new RetryBudget();
    for (let index = 0; index < 1_000; index += 1) budget.sent(0);
    expect(spend(budget, 120_000, 20)).toBe(24);
  });
});
