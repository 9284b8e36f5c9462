import { describe, expect, it } from 'vitest';
import { type Extra, RetryBudget } from '../../src/datasources/http/retry-budget.ts';

/** Spends until no more is allowed; answers with how many extra requests that were. */
function spend(budget: RetryBudget, now: number, connections: number): number {
  for (let count = 0; ; count += 1) {
    if (!budget.allows('repeated', now, connections)) return count;
    budget.spend('repeated');
  }
}

/** So many first requests at one moment. */
function send(budget: RetryBudget, firsts: number, now: number, connections: number): void {
  for (let index = 0; index < firsts; index += 1) budget.first(now, connections);
}

describe('the retry budget', () => {
  it.each([
    ['at first: one for each connection, and ten', { firsts: 0, minutes: 0 }, 20],
    ['the reserve is spent: none', { firsts: 0, minutes: 0, spent: true }, 0],
    ['then four requests: none', { firsts: 4, minutes: 0, spent: true }, 0],
    ['then five requests: one', { firsts: 5, minutes: 0, spent: true }, 1],
    ['then a minute: one', { firsts: 0, minutes: 1, spent: true }, 1],
    ['then two minutes with ten requests: four', { firsts: 10, minutes: 2, spent: true }, 4],
    [
      'then much traffic that goes well: no more than the reserve',
      { firsts: 1_000, minutes: 0, spent: true },
      20,
    ],
    ['then an hour of rest: no more than the reserve', { firsts: 0, minutes: 60, spent: true }, 20],
  ])('%s', (_what, {
    firsts,
    minutes,
    spent,
  }: { firsts: number; minutes: number; spent?: boolean }, extra) => {
    const budget = new RetryBudget();
    if (spent === true) spend(budget, 0, 10);
    send(budget, firsts, 0, 10);
    expect(spend(budget, minutes * 60_000, 10)).toBe(extra);
  });

  it.each([
    ['little traffic that always fails', { perMinute: 1, minutes: 1_000 }],
    ['some', { perMinute: 60, minutes: 100 }],
    ['much', { perMinute: 3_000, minutes: 10 }],
  ])('allows a fifth, the reserve, and one a minute, in the long run: %s', (_what, {
    perMinute,
    minutes,
  }) => {
    const budget = new RetryBudget();
    const firsts = perMinute * minutes;
    let extra = 0;
    for (let index = 0; index < firsts; index += 1) {
      const now = (index * 60_000) / perMinute;
      budget.first(now, 10);
      // Each fails, and so do all repeats.
      for (let repeat = 0; repeat < 2 && budget.allows('repeated', now, 10); repeat += 1) {
        budget.spend('repeated');
        extra += 1;
      }
    }
    expect(extra).toBeLessThanOrEqual(firsts / 5 + 20 + minutes);
    expect(extra).toBeGreaterThan(firsts / 5);
  });

  it.each<[string, readonly Extra[]]>([
    ['repeats', ['repeated']],
    ['requests in vain, asked in parts', ['asked-in-parts']],
    ['both in turn', ['repeated', 'asked-in-parts']],
  ])('counts as first ones only those that are no extra ones: %s', (_what, kinds) => {
    const budget = new RetryBudget();
    let firsts = 0;
    let extra = 0;
    for (let index = 0; index < 1_000; index += 1) {
      budget.first(0, 10);
      const kind = kinds[index % kinds.length] ?? 'repeated';
      const isExtra = budget.allows(kind, 0, 10);
      if (isExtra) budget.spend(kind);
      if (isExtra) extra += 1;
      if (!isExtra || kind === 'repeated') firsts += 1;
    }
    expect(extra).toBeLessThanOrEqual(firsts / 5 + 20);
    expect(extra).toBeGreaterThan(firsts / 5 + 18);
  });

  it('lets a full pool repeat everything at once', () => {
    const budget = new RetryBudget();
    send(budget, 100, 0, 100);
    expect(spend(budget, 0, 100)).toBeGreaterThanOrEqual(100);
  });
});
