import { describe, expect, it } from 'vitest';
import { Pace } from '../../src/datasources/http/pace.ts';

/** A token bucket, and how it is reached. */
interface Upstream {
  /** Requests a second that it bears, and how many at once before that counts. */
  readonly rate: number;
  readonly burst: number;
  /** Seconds. */
  readonly retryAfter: number;
  /** Milliseconds that each answer takes. */
  readonly latency: number;
  /** The number of a request that gets a 429 for no reason. */
  readonly stray?: number;
}

const CONNECTIONS = 10;
/** The middle of the jitter that a pause gets. */
const JITTER_MS = 50;

/** Sends a job as fast as connections, pauses and pace allow. Time is simulated. */
function simulate(upstream: Upstream, requests: number) {
  const pace = new Pace();
  const underWay: { endsAt: number; isAccepted: boolean }[] = [];
  const bucket = { tokens: upstream.burst, filledAt: 0 };
  let [now, pausedUntil, pauses] = [0, 0, 0];
  let [waiting, sent, done] = [requests, 0, 0];

  const isAccepted = (arrival: number) => {
    const refilled = ((arrival - bucket.filledAt) / 1_000) * upstream.rate;
    bucket.tokens = Math.min(upstream.burst, bucket.tokens + refilled);
    bucket.filledAt = arrival;
    if (bucket.tokens < 1 - 1e-9 || sent === upstream.stray) return false;
    bucket.tokens -= 1;
    return true;
  };
  const send = () => {
    pace.sent(now);
    waiting -= 1;
    sent += 1;
    // It arrives after half of the time that the answer takes.
    underWay.push({
      endsAt: now + upstream.latency,
      isAccepted: isAccepted(now + upstream.latency / 2),
    });
  };
  const end = (accepted: boolean) => {
    if (accepted) {
      done += 1;
      pace.succeeded(now, CONNECTIONS);
      return;
    }
    waiting += 1;
    const pauseMs = upstream.retryAfter * 1_000 + JITTER_MS;
    if (now >= pausedUntil) {
      pauses += 1;
      pace.throttled(now, pauseMs, CONNECTIONS);
    }
    pausedUntil = Math.max(pausedUntil, now + pauseMs);
  };

  while (done < requests) {
    const [first] = underWay;
    const mayAt = Math.max(now + pace.waitMs(now), pausedUntil);
    const maySend = waiting > 0 && underWay.length < CONNECTIONS;
    if (maySend && mayAt < (first?.endsAt ?? Number.POSITIVE_INFINITY)) {
      now = mayAt;
      send();
    } else if (first !== undefined) {
      underWay.shift();
      now = first.endsAt;
      end(first.isAccepted);
    }
  }
  return { seconds: now / 1_000, extra: sent - requests, pauses, rate: pace.rate };
}

/** What a client takes that knows the limit, in seconds: the bucket's time, or that of the connections. */
function idealSeconds({ rate, burst, latency }: Upstream, requests: number): number {
  const ofBucket = Math.max(requests - burst, 0) / rate;
  return Math.max(ofBucket, (requests * latency) / 1_000 / CONNECTIONS);
}

const combinations: readonly Upstream[] = [5, 50].flatMap((rate) =>
  [1, 5, 10, 100].flatMap((burst) =>
    [1, 2].flatMap((retryAfter) =>
      [10, 300].map((latency) => ({ rate, burst, retryAfter, latency }) satisfies Upstream),
    ),
  ),
);

/**
 * Where a job of 300 takes six seconds at best, the second pause alone is a third of that; and without one
 * nobody learns a limit that shows itself at no other time. Such a job is ten times as long here.
 */
const isTooShort = ({ rate, burst, latency }: Upstream) => rate === 50 && burst < 100 && latency === 10;

describe('the pace after a 429', () => {
  it.each(
    combinations.map((upstream) => ({ ...upstream, requests: isTooShort(upstream) ? 3_000 : 300 })),
  )('$requests requests to $rate a second, $burst at once, Retry-After $retryAfter, $latency ms: nearly as fast as can be', (job) => {
    const { seconds, extra, pauses } = simulate(job, job.requests);
    const firstPause = pauses > 0 ? job.retryAfter + JITTER_MS / 1_000 : 0;
    expect((seconds - firstPause) / idealSeconds(job, job.requests)).toBeLessThan(1.2);
    expect(extra / job.requests).toBeLessThan(0.2);
  });

  it.each(
    combinations.filter(({ latency }) => latency === 10),
  )('$rate a second, $burst at once, Retry-After $retryAfter: a 429 is rare in the long run', (upstream) => {
    // What a long job has in its second half alone.
    const extra = simulate(upstream, 6_000).extra - simulate(upstream, 3_000).extra;
    expect(extra / 3_000).toBeLessThan(0.02);
  });

  it.each([
    20, 30, 40,
  ])('100 updates (200 requests) to 50 a second, 50 at once, answers in %i ms: one pause, and little more than the ideal 3 seconds', (latency) => {
    const { seconds, pauses } = simulate({ rate: 50, burst: 50, retryAfter: 1, latency }, 200);
    expect(pauses).toBe(1);
    expect(seconds).toBeLessThan(3.4);
  });

  it.each([1, 500])('one 429 without a limit behind it (the %ith answer) is got over in seconds', (stray) => {
    const free = { rate: 1e9, burst: 1e9, retryAfter: 1, latency: 10 };
    const { seconds, extra, rate } = simulate({ ...free, stray }, 2_000 + stray);
    expect(extra).toBe(1);
    expect(seconds - idealSeconds(free, 2_000 + stray)).toBeLessThan(5);
    expect(simulate({ ...free, stray }, 4_000).rate).toBe(Number.POSITIVE_INFINITY);
    expect(rate).toBeGreaterThan(500);
  });

  it('does not space anything before the first 429', () => {
    const pace = new Pace();
    for (let index = 0; index < 100; index += 1) {
      pace.sent(0);
      expect(pace.waitMs(0)).toBe(0);
    }
  });

  it('is as many requests a second as the upstream took before the first 429, the pause included', () => {
    const pace = new Pace();
    pace.sent(0);
    for (let index = 0; index < 60; index += 1) pace.succeeded(1_000, 10);
    pace.throttled(1_000, 2_000, 10);
    expect(pace.rate).toBe(20);
    expect(pace.waitMs(1_000)).toBe(2_000);
    // What the upstream bears in two seconds of pause is not spaced.
    for (let index = 0; index < 40; index += 1) {
      expect(pace.waitMs(3_000)).toBe(0);
      pace.sent(3_000);
    }
    pace.sent(3_000);
    expect(pace.waitMs(3_000)).toBeCloseTo(50);
  });

  it('is not made slower by a silence before the job that met the first 429', () => {
    const pace = new Pace();
    pace.sent(0);
    pace.succeeded(30, 10);
    pace.sent(5_000);
    for (let index = 0; index < 60; index += 1) pace.succeeded(6_000, 10);
    pace.throttled(6_000, 2_000, 10);
    expect(pace.rate).toBe(20);
  });

  it('the pace is the minimum if a 429 comes before anything is known', () => {
    const pace = new Pace();
    pace.sent(0);
    pace.throttled(10, 1_000, 10);
    expect(pace.rate).toBe(10);
  });

  it('is given up when no 429 has come for a minute', () => {
    const pace = new Pace();
    pace.throttled(0, 1_000, 10);
    pace.succeeded(61_000, 10);
    expect(pace.rate).toBeLessThan(Number.POSITIVE_INFINITY);
    pace.succeeded(61_001, 10);
    expect(pace.rate).toBe(Number.POSITIVE_INFINITY);
    expect(pace.waitMs(61_001)).toBe(0);
  });
});
