import { describe, expect, it } from 'vitest';
import { decideRetry, outcomeOf, parseRetryAfter, retryLimitsOf } from '../../src/datasources/http/retry.ts';
import { UpstreamTimeout, UpstreamUnavailable } from '../../src/errors/upstream.ts';

const NOW = Date.parse('2026-11-25T08:00:00Z');

describe('Retry-After', () => {
  it.each([
    ['a number of seconds', '7', 7_000],
    ['zero, which Webex has been seen to send: still a second', '0', 1_000],
    ['a date', 'Wed, 25 Nov 2026 08:00:30 GMT', 30_000],
    ['a date that is past', 'Wed, 25 Nov 2026 07:00:00 GMT', 1_000],
    ['nothing', undefined, undefined],
    ['an empty text', '', undefined],
    ['a negative number', '-5', undefined],
    ['a text without sense', 'soon', undefined],
    ['a number that a proxy has repeated', '8, 8', 8_000],
    ['several numbers: the largest', '3,12 , 7', 12_000],
    ['several dates', 'Wed, 25 Nov 2026 08:00:30 GMT, Wed, 25 Nov 2026 08:00:50 GMT', 50_000],
    ['a date and a number', 'Wed, 25 Nov 2026 08:00:30 GMT, 40', 40_000],
    ['a number beside a text without sense', 'soon, 9', 9_000],
    ['only commas and names of days', 'Wed, , Thu,,', undefined],
    ['an absurd number: a day at most', '1000000000', 86_400_000],
    ['a number too large to count with', '9'.repeat(400), 86_400_000],
  ])('understands %s', (_what, header, milliseconds) => {
    expect(parseRetryAfter(header, NOW)).toBe(milliseconds);
  });
});

describe('what an attempt ended in', () => {
  const call = { method: 'GET', path: '/people' };

  it.each([
    ['no answer in time', new UpstreamTimeout('', call), 'too-slow'],
    [
      'no connection in time, which asking for less does not help',
      new UpstreamTimeout('', { ...call, brokenBy: 'UND_ERR_CONNECT_TIMEOUT' }),
      'no-answer',
    ],
    [
      'a connection that broke',
      new UpstreamUnavailable('', { ...call, brokenBy: 'ECONNRESET' }),
      'no-answer',
    ],
    ['an answer', { status: 204, text: '', header: () => undefined, trackingId: undefined }, 'status'],
  ])('%s', (_what, result, kind) => {
    expect(outcomeOf(result).kind).toBe(kind);
  });
});

describe('deciding whether a request is repeated', () => {
  const ONE_ATTEMPT = retryLimitsOf({ retry: 'never' });
  const NONE_WHEN_SLOW = retryLimitsOf({ retry: 'unless-slow' });
  const IN_BACKGROUND = retryLimitsOf({ lane: 'background' });
  const throttled = (retryAfter?: string) => ({ kind: 'status', status: 429, retryAfter }) as const;
  const failed = (status: number, retryAfter?: string) => ({ kind: 'status', status, retryAfter }) as const;
  const noAnswer = { kind: 'no-answer' } as const;
  const moment = { now: NOW, random: 0.5, mayRepeat: true };

  it.each([
    [
      'a read that was throttled',
      throttled('2'),
      'GET',
      1,
      { action: 'repeat', afterMs: 2_100, pause: true, askedMs: 2_000 },
    ],
    [
      'a write that was throttled: it was not processed',
      throttled('2'),
      'POST',
      1,
      { action: 'repeat', afterMs: 2_100, pause: true, askedMs: 2_000 },
    ],
    ['a read whose server failed', failed(503), 'GET', 1, { action: 'repeat', afterMs: 150, pause: false }],
    [
      'a read whose server failed twice',
      failed(503),
      'GET',
      2,
      { action: 'repeat', afterMs: 300, pause: false },
    ],
    ['a read whose server failed thrice', failed(503), 'GET', 3, { action: 'stop' }],
    ['a read without an answer', noAnswer, 'GET', 1, { action: 'repeat', afterMs: 150, pause: false }],
    ['a write whose server failed: it may have been carried out', failed(503), 'POST', 1, { action: 'stop' }],
    ['a write without an answer: it may have been carried out', noAnswer, 'PUT', 1, { action: 'stop' }],
    ['a read that was refused', failed(400), 'GET', 1, { action: 'stop' }],
    ['a read that was answered', failed(200), 'GET', 1, { action: 'stop' }],
    [
      'a pause nobody would sit through',
      throttled('3600'),
      'GET',
      1,
      { action: 'refuse', retryAfterMs: 3_600_000 },
    ],
    ['throttling without end', throttled('1'), 'GET', 5, { action: 'refuse', retryAfterMs: 1_000 }],
  ])('%s', (_what, outcome, method, attempt, decision) => {
    expect(decideRetry(outcome, method, attempt, moment)).toEqual(decision);
  });

  it.each([
    ['a read that was throttled is refused', throttled('2'), { action: 'refuse', retryAfterMs: 2_000 }],
    ['a read whose server failed stays failed', failed(503), { action: 'stop' }],
    ['a read without an answer stays without', noAnswer, { action: 'stop' }],
    ['a read that was too slow stays so', { kind: 'too-slow' } as const, { action: 'stop' }],
    ['a read that was answered is as ever', failed(200), { action: 'stop' }],
  ])('where nothing may be repeated, %s', (_what, outcome, decision) => {
    expect(decideRetry(outcome, 'GET', 1, { ...moment, mayRepeat: false })).toEqual(decision);
  });

  it.each([
    ['a 500', failed(500), 'repeat'],
    ['a 502', failed(502), 'repeat'],
    ['a 504', failed(504), 'repeat'],
    ['what took too long', { kind: 'too-slow' } as const, 'repeat'],
    ['a 501', failed(501), 'stop'],
    ['a 404', failed(404), 'stop'],
  ])('a read that ended in %s', (_what, outcome, action) => {
    expect(decideRetry(outcome, 'GET', 1, moment)).toMatchObject({ action });
    expect(decideRetry(outcome, 'GET', 1, moment, ONE_ATTEMPT)).toEqual({ action: 'stop' });
  });

  it('refuses a 429 to what is sent once', () => {
    expect(decideRetry(throttled('2'), 'POST', 1, moment, ONE_ATTEMPT)).toEqual({
      action: 'refuse',
      retryAfterMs: 2_000,
    });
  });

  it('a request that took too long is not repeated if a smaller one follows', () => {
    for (const slow of [failed(504), { kind: 'too-slow' } as const]) {
      expect(decideRetry(slow, 'GET', 1, moment)).toMatchObject({ action: 'repeat' });
      expect(decideRetry(slow, 'GET', 1, moment, NONE_WHEN_SLOW)).toEqual({ action: 'stop' });
    }
    expect(decideRetry(failed(503), 'GET', 1, moment, NONE_WHEN_SLOW)).toMatchObject({ action: 'repeat' });
  });

  it.each([423, 500, 502, 503, 504])('waits as long as a %i asks, for this one request only', (status) => {
    expect(decideRetry(failed(status, '4'), 'GET', 1, moment)).toEqual({
      action: 'repeat',
      afterMs: 4_200,
      pause: false,
    });
    expect(decideRetry(failed(status, '4'), 'PUT', 1, moment)).toEqual({ action: 'stop' });
    expect(decideRetry(failed(status, '90'), 'GET', 1, moment)).toEqual({ action: 'stop' });
  });

  it('takes the backoff if a Retry-After makes no sense, and five seconds after a 429', () => {
    expect(decideRetry(failed(503, 'soon'), 'GET', 1, moment)).toMatchObject({ afterMs: 150 });
    expect(decideRetry(throttled('soon'), 'GET', 1, moment)).toMatchObject({ afterMs: 5_250 });
  });

  it.each([
    ['429', throttled('900')],
    ['503', failed(503, '900')],
    ['423', failed(423, '900')],
  ])('waits up to 15 minutes after a %s in the background', (_status, outcome) => {
    const decide = (asked: string) =>
      decideRetry({ ...outcome, retryAfter: asked }, 'GET', 1, moment, IN_BACKGROUND);
    expect(decide('900')).toMatchObject({ action: 'repeat', afterMs: 900_000 });
    expect(decide('901').action).not.toBe('repeat');
  });

  it('adds jitter to a pause that Webex asks for and never takes from it', () => {
    for (const random of [0, 0.25, 0.5, 0.999]) {
      expect(decideRetry(throttled('10'), 'GET', 1, { ...moment, random })).toMatchObject({
        afterMs: Math.ceil(10_000 + random * 1_000),
      });
    }
  });
});
