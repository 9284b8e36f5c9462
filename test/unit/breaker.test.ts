import { describe, expect, it } from 'vitest';
import { Breaker, type Sign, signOf } from '../../src/datasources/http/breaker.ts';
import type { AttemptOutcome } from '../../src/datasources/http/retry.ts';

/** Sends one request; false when it may not go through. */
function send(breaker: Breaker, sign: Sign, now: number, path = '/people'): boolean {
  const end = breaker.begin(path, now);
  end?.(sign, now);
  return end !== undefined;
}

/** Opened at the time 0, with one request still under way. */
function opened() {
  const breaker = new Breaker();
  const endStraggler = breaker.begin('/people', 0);
  for (let count = 0; count < 5; count += 1) send(breaker, 'failure', 0);
  return { breaker, endStraggler };
}

describe('what an attempt says of the upstream', () => {
  const status = (code: number) => ({ kind: 'status', status: code, retryAfter: undefined }) as const;

  it.each<[string, AttemptOutcome, Sign, boolean?]>([
    ['no answer', { kind: 'no-answer' }, 'failure'],
    ['no answer in time', { kind: 'too-slow' }, 'failure'],
    ['no answer in time where less can be asked for', { kind: 'too-slow' }, 'neither', true],
    ['no answer at all to what is much', { kind: 'no-answer' }, 'failure', true],
    ['502', status(502), 'failure'],
    ['503', status(503), 'failure'],
    ['504', status(504), 'trouble'],
    ['504, where less can be asked for', status(504), 'neither', true],
    ['500', status(500), 'trouble'],
    ['500 to what is much', status(500), 'trouble', true],
    ['429', status(429), 'life'],
    ['200', status(200), 'life'],
    ['404', status(404), 'life'],
    ['401', status(401), 'life'],
  ])('%s', (_what, outcome, sign, isMuch = false) => {
    expect(signOf(outcome, isMuch)).toBe(sign);
  });
});

describe('the circuit breaker', () => {
  it.each<[string, readonly Sign[], boolean]>([
    ['four failures', ['failure', 'failure', 'failure', 'failure'], false],
    ['five failures', ['failure', 'failure', 'failure', 'failure', 'failure'], true],
    [
      'five with an answer in between',
      ['failure', 'failure', 'failure', 'failure', 'life', 'failure'],
      false,
    ],
    [
      'five with what says nothing in between',
      ['failure', 'failure', 'neither', 'failure', 'failure', 'failure'],
      true,
    ],
    ['what says nothing, however often', ['neither', 'neither', 'neither', 'neither', 'neither'], false],
  ])('after %s', (_what, signs, isOpen) => {
    const breaker = new Breaker();
    for (const sign of signs) send(breaker, sign, 0);
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
      const sign = letter === '+' ? 'life' : letter === '-' ? 'neither' : 'trouble';
      send(breaker, sign, index, `/${letter}`);
    }
    expect(breaker.waitMs(signs.join('').length) > 0).toBe(isOpen);
  });

  it('waits as long again after a probe in trouble, which may be its own', () => {
    const { breaker } = opened();
    for (const now of [1_000, 2_000, 3_000]) {
      expect(send(breaker, 'trouble', now)).toBe(true);
      expect(breaker.waitMs(now)).toBe(1_000);
    }
  });

  it('stays closed when many under way are in trouble at one moment', () => {
    const breaker = new Breaker();
    const ends = Array.from({ length: 20 }, (_, index) => breaker.begin(`/people/${index}`, 0));
    for (const end of ends) end?.('trouble', 5);
    expect(breaker.waitMs(5)).toBe(0);
    send(breaker, 'trouble', 200);
    expect(breaker.waitMs(200)).toBe(1_000);
  });

  it('stays closed when many that were under way break at one moment, and opens when the next one fails too', () => {
    const breaker = new Breaker();
    const ends = Array.from({ length: 10 }, () => breaker.begin('/people', 0));
    for (const end of ends) end?.('failure', 5);
    expect(breaker.waitMs(5)).toBe(0);
    send(breaker, 'failure', 200);
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
    send(breaker, 'life', 1_000);
    for (let count = 0; count < 4; count += 1) send(breaker, 'failure', 1_000);
    expect(breaker.waitMs(1_000)).toBe(0);
    send(breaker, 'failure', 1_000);
    expect(breaker.waitMs(1_000)).toBe(1_000);
  });

  it('waits twice as long after each probe that fails, half a minute at most', () => {
    const { breaker } = opened();
    const waits: number[] = [];
    let now = 0;
    for (let probe = 0; probe < 7; probe += 1) {
      now += breaker.waitMs(now);
      expect(send(breaker, 'failure', now)).toBe(true);
      waits.push(breaker.waitMs(now));
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('lets the next one be the probe when the first was given up', () => {
    const { breaker } = opened();
    send(breaker, 'neither', 1_000);
    expect(send(breaker, 'life', 1_000)).toBe(true);
    expect(breaker.waitMs(1_000)).toBe(0);
  });

  it('is not opened for longer by what was under way before and fails too', () => {
    const { breaker, endStraggler } = opened();
    endStraggler?.('failure', 500);
    expect(breaker.waitMs(500)).toBe(500);
  });

  it('closes also when what was under way before is answered', () => {
    const { breaker, endStraggler } = opened();
    endStraggler?.('life', 500);
    expect(breaker.waitMs(500)).toBe(0);
  });
});
