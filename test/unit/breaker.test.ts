import { describe, expect, it } from 'vitest';
import { Breaker, type HealthSignal, healthSignalOf } from '../../src/datasources/http/breaker.ts';
import type { AttemptOutcome } from '../../src/datasources/http/retry.ts';

/** Sends one request; false when it may not go through. */
function send(breaker: Breaker, signal: HealthSignal, now: number, path = '/people'): boolean {
  const end = breaker.begin(path, now);
  end?.(signal, now);
  return end !== undefined;
}

/** Opened at the time 0, with one request still under way. */
function opened() {
  const breaker = new Breaker();
  const endStraggler = breaker.begin('/people', 0);
  for (let count = 0; count < 5; count += 1) send(breaker, 'down', 0);
  return { breaker, endStraggler };
}

describe('what an attempt says of the upstream', () => {
  const status = (code: number) => ({ kind: 'status', status: code, retryAfter: undefined }) as const;

  it.each<[string, AttemptOutcome, HealthSignal, boolean?]>([
    ['no answer', { kind: 'no-answer' }, 'down'],
    ['no answer in time', { kind: 'too-slow' }, 'down'],
    ['no answer in time where less can be asked for', { kind: 'too-slow' }, 'unknown', true],
    ['no answer at all to what is much', { kind: 'no-answer' }, 'down', true],
    ['502', status(502), 'down'],
    ['503', status(503), 'down'],
    ['504', status(504), 'suspect'],
    ['504, where less can be asked for', status(504), 'unknown', true],
    ['500', status(500), 'suspect'],
    ['500 to what is much', status(500), 'suspect', true],
    ['429', status(429), 'alive'],
    ['200', status(200), 'alive'],
    ['404', status(404), 'alive'],
    ['401', status(401), 'alive'],
  ])('%s', (_what, outcome, signal, isMuch = false) => {
    expect(healthSignalOf(outcome, isMuch)).toBe(signal);
  });
});

describe('the circuit breaker', () => {
  it.each<[string, readonly HealthSignal[], boolean]>([
    ['four failures', ['down', 'down', 'down', 'down'], false],
    ['five failures', ['down', 'down', 'down', 'down', 'down'], true],
    ['five with an answer in between', ['down', 'down', 'down', 'down', 'alive', 'down'], false],
    ['five with what says nothing in between', ['down', 'down', 'unknown', 'down', 'down', 'down'], true],
    ['what says nothing, however often', ['unknown', 'unknown', 'unknown', 'unknown', 'unknown'], false],
  ])('after %s', (_what, signs, isOpen) => {
    const breaker = new Breaker();
    for (const signal of signs) send(breaker, signal, 0);
    expect(breaker.waitMs(0) > 0).toBe(isOpen);
    expect(breaker.openLeftMs(0)).toBe(isOpen ? 1_000 : 0);
  });

  it.each<[string, readonly string[], boolean]>([
    ['ten on one path', ['aaaaaaaaaa'], false],
    ['a thousand on one path', ['a'.repeat(1_000)], false],
    ['ten on two paths', ['ababababab'], false],
    ['nine on three paths', ['abcabcabc'], false],
    ['ten on three paths', ['abcabcabca'], true],
    ['nine on one path, then two others', ['aaaaaaaaabc'], true],
    ['ten on three paths with an answer in between', ['abcabcabc', '+', 'a'], false],
    ['ten on three paths with what says nothing in between', ['abcabcabc', '-', 'a'], true],
  ])('in trouble, %s', (_what, signs, isOpen) => {
    const breaker = new Breaker();
    for (const [index, letter] of [...signs.join('')].entries()) {
      const signal = letter === '+' ? 'alive' : letter === '-' ? 'unknown' : 'suspect';
      send(breaker, signal, index, `/${letter}`);
    }
    expect(breaker.waitMs(signs.join('').length) > 0).toBe(isOpen);
  });

  it('waits as long again after a probe in trouble, which may be its own', () => {
    const { breaker } = opened();
    for (const now of [1_000, 2_000, 3_000]) {
      expect(send(breaker, 'suspect', now)).toBe(true);
      expect(breaker.waitMs(now)).toBe(1_000);
    }
  });

  it('stays closed when many under way are in trouble at one moment', () => {
    const breaker = new Breaker();
    const ends = Array.from({ length: 20 }, (_, index) => breaker.begin(`/people/${index}`, 0));
    for (const end of ends) end?.('suspect', 5);
    expect(breaker.waitMs(5)).toBe(0);
    send(breaker, 'suspect', 200);
    expect(breaker.waitMs(200)).toBe(1_000);
  });

  it('stays closed when many that were under way break at one moment, and opens when the next one fails too', () => {
    const breaker = new Breaker();
    const ends = Array.from({ length: 10 }, () => breaker.begin('/people', 0));
    for (const end of ends) end?.('down', 5);
    expect(breaker.waitMs(5)).toBe(0);
    send(breaker, 'down', 200);
    expect(breaker.waitMs(200)).toBe(1_000);
  });

  it('lets nothing through for a second, and then one request', () => {
    const { breaker } = opened();
    expect(breaker.waitMs(400)).toBe(600);
    expect(breaker.begin('/people', 999)).toBeUndefined();
    const end = breaker.begin('/people', 1_000);
    expect(end).toBeDefined();
    expect(breaker.begin('/people', 5_000)).toBeUndefined();
    expect(breaker.waitMs(5_000)).toBeGreaterThan(0);
  });

  it('closes when the probe is answered, and counts from nought again', () => {
    const { breaker } = opened();
    send(breaker, 'alive', 1_000);
    for (let count = 0; count < 4; count += 1) send(breaker, 'down', 1_000);
    expect(breaker.waitMs(1_000)).toBe(0);
    send(breaker, 'down', 1_000);
    expect(breaker.waitMs(1_000)).toBe(1_000);
  });

  it('waits twice as long after each probe that fails, half a minute at most', () => {
    const { breaker } = opened();
    const waits: number[] = [];
    let now = 0;
    for (let probe = 0; probe < 7; probe += 1) {
      now += breaker.waitMs(now);
      expect(send(breaker, 'down', now)).toBe(true);
      waits.push(breaker.waitMs(now));
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('lets the next one be the probe when the first was given up', () => {
    const { breaker } = opened();
    send(breaker, 'unknown', 1_000);
    expect(send(breaker, 'alive', 1_000)).toBe(true);
    expect(breaker.waitMs(1_000)).toBe(0);
  });

  it('is not opened for longer by what was under way before and fails too', () => {
    const { breaker, endStraggler } = opened();
    endStraggler?.('down', 500);
    expect(breaker.waitMs(500)).toBe(500);
  });

  it('closes also when what was under way before is answered', () => {
    const { breaker, endStraggler } = opened();
    endStraggler?.('alive', 500);
    expect(breaker.waitMs(500)).toBe(0);
  });
});
