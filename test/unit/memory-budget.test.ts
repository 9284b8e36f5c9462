import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { TooMuchUnderWay } from '../../src/errors/limits.ts';
import { DeadlineExceeded } from '../../src/errors/upstream.ts';
import { divideMemory, holdUntilSent, MemoryBudget } from '../../src/routes/graphql/memory-budget.ts';

const LIMITS = { gateway: 100, caller: 60, waiting: 3, waitMs: 60_000 };
const forever = new AbortController().signal;

describe('a budget of memory', () => {
  it('names whose share is used up', () => {
    const budget = new MemoryBudget(LIMITS);
    budget.take('one', 50);
    expect(() => budget.take('one', 20)).toThrow(new TooMuchUnderWay('caller', 60));
    budget.take('two', 50);
    expect(() => budget.take('three', 1)).toThrow(new TooMuchUnderWay('gateway', 100));
    expect(budget.used).toBe(100);
  });

  it('takes back once, and what shrinks gives room at once', () => {
    const budget = new MemoryBudget(LIMITS);
    const reserved = budget.take('one', 60);
    reserved.shrink(10);
    reserved.shrink(40);
    expect(budget.used).toBe(10);
    reserved.release();
    reserved.release();
    expect(budget.used).toBe(0);
  });

  it('lets those who wait in when there is room, small ones before large ones', async () => {
    const budget = new MemoryBudget(LIMITS);
    const [first, second] = [budget.take('one', 60), budget.take('two', 40)];
    const admitted: string[] = [];
    const waiting = [
      budget.wait('three', 60, forever).then(() => admitted.push('large')),
      budget.wait('four', 30, forever).then(() => admitted.push('small')),
    ];
    second.release();
    await waiting[1];
    expect(admitted).toEqual(['small']);
    first.release();
    await Promise.all(waiting);
    expect([admitted, budget.used]).toEqual([['small', 'large'], 90]);
  });

  it('refuses those who find the queue full, and those who have waited too long', async () => {
    const budget = new MemoryBudget({ ...LIMITS, waiting: 1, waitMs: 1 });
    budget.take('one', 60);
    const late = budget.wait('one', 10, forever);
    await expect(budget.wait('one', 10, forever)).rejects.toThrow(new TooMuchUnderWay('caller', 60));
    await expect(late).rejects.toThrow(new TooMuchUnderWay('caller', 60));
  });

  it('keeps nothing for operations that ended while they waited', async () => {
    const budget = new MemoryBudget(LIMITS);
    const full = budget.take('one', 60);
    const ends = new AbortController();
    const waiting = budget.wait('one', 10, ends.signal);
    ends.abort(new DeadlineExceeded(1));
    await expect(waiting).rejects.toThrow(DeadlineExceeded);
    full.release();
    await expect(budget.wait('one', 10, ends.signal)).rejects.toThrow(DeadlineExceeded);
    expect(budget.used).toBe(0);
  });
});

describe('what an answer takes', () => {
  it('is held until it is sent, so that slow readers use up their own share', () => {
    const budget = new MemoryBudget(LIMITS);
    const sender = Object.assign(new EventEmitter(), { destroyed: false });
    holdUntilSent(budget.take('one', 60), 20, sender);
    expect(budget.used).toBe(20);
    sender.emit('close');
    expect(budget.used).toBe(0);
  });

  it('is given back at once if the client has gone, or if nothing is sent', () => {
    const budget = new MemoryBudget(LIMITS);
    holdUntilSent(budget.take('one', 60), 20, Object.assign(new EventEmitter(), { destroyed: true }));
    holdUntilSent(budget.take('one', 60), 20, undefined);
    expect(budget.used).toBe(0);
  });

  it('and what bodies take come out of one budget, of which one caller has half', () => {
    const { bodies, results, mostOfResult } = divideMemory(800);
    expect(() => bodies.take('one', 101)).toThrow(new TooMuchUnderWay('caller', 100));
    expect(() => results.take('one', 301)).toThrow(new TooMuchUnderWay('caller', 300));
    expect(mostOfResult).toBe(300);
  });
});
