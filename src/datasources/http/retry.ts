import { UpstreamTimeout } from '../../errors.ts';
import type { HttpResponse } from './exchange.ts';

/** What one attempt ended in, as far as repeating it is concerned. */
export type AttemptOutcome =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter: string | undefined }
  /** No answer: not reached, refused, reset, cut off. Whether it was carried out is unknown. */
  | { readonly kind: 'no-answer' }
  /** Reached, but no answer in time. */
  | { readonly kind: 'too-slow' };

/** @param result the answer, or why there is none */
export function outcomeOf(result: HttpResponse | Error): AttemptOutcome {
  if (isTooSlow(result)) return { kind: 'too-slow' };
  if (result instanceof Error) return { kind: 'no-answer' };
  return { kind: 'status', status: result.status, retryAfter: result.header('retry-after') };
}

/** Whether an upstream that was reached took too long; it may answer in time where less is asked for. */
export function isTooSlow(result: unknown): boolean {
  return result instanceof UpstreamTimeout && result.call.brokenBy === undefined;
}

export type RetryDecision =
  | { readonly action: 'stop' }
  /** Wait so many milliseconds, then repeat. `pause`: nobody else may ask in the meantime either. */
  | { readonly action: 'repeat'; readonly afterMs: number; readonly pause: boolean }
  /** Webex wants a pause, and this request does not wait for its end: it is too long, or there were too many. */
  | { readonly action: 'refuse'; readonly retryAfterMs: number };

/** What is handed in of the moment in which it is decided. */
export interface RetryMoment {
  /** Epoch milliseconds, to read a Retry-After date. */
  readonly now: number;
  /** A number from 0 to 1. */
  readonly random: number;
  /** Whether repeats are wanted at all: the retry budget has some left, and the upstream is not left alone. */
  readonly mayRepeat: boolean;
}

export interface RetryLimits {
  /** Attempts at most, the first included, where an answer was missing or a server failed. */
  readonly attempts: number;
  /** Attempts at most, the first included, where Webex asked to wait. */
  readonly throttledAttempts: number;
  /** The longest pause that is waited for, in milliseconds. */
  readonly longestPauseMs: number;
  /** Whether what took too long is repeated; not where the caller asks for less then. */
  readonly repeatsSlow: boolean;
}

const DEFAULT_RETRY_LIMITS: RetryLimits = {
  attempts: 3,
  throttledAttempts: 5,
  longestPauseMs: 60_000,
  repeatsSlow: true,
};

/** For what is sent once; a 429 is an error then, and still holds everybody back. */
export const ONE_ATTEMPT: RetryLimits = { ...DEFAULT_RETRY_LIMITS, attempts: 1, throttledAttempts: 1 };

/** For what is asked for again by halves when it takes too long. */
export const NONE_WHEN_SLOW: RetryLimits = { ...DEFAULT_RETRY_LIMITS, repeatsSlow: false };

const FIRST_BACKOFF_MS = 200;
const SAFE_METHODS = new Set(['GET', 'HEAD']);
const PASSING_FAILURES = new Set([500, 502, 503, 504]);

/**
 * Decides whether an attempt is repeated. Pure: time, chance and budget are handed in.
 *
 * A 429 was not processed, so any method may be repeated after the pause that Webex asks for; jitter
 * is added to that pause, never taken from it. Everything else is repeated for reads only, because a
 * write may have been carried out although its answer says or shows nothing of it.
 *
 * Where nothing may be repeated a failure stays as it is, and a 429 is a refusal.
 *
 * @param attempt which attempt this was, from 1
 */
export function decideRetry(
  outcome: AttemptOutcome,
  method: string,
  attempt: number,
  { now, random, mayRepeat }: RetryMoment,
  limits: RetryLimits = DEFAULT_RETRY_LIMITS,
): RetryDecision {
  if (outcome.kind === 'status' && outcome.status === 429) {
    const asked = parseRetryAfter(outcome.retryAfter, now);
    if (!mayRepeat || asked > limits.longestPauseMs || attempt >= limits.throttledAttempts) {
      return { action: 'refuse', retryAfterMs: asked };
    }
    // What chance adds does not make it longer than anybody waits.
    const jittered = Math.min(asked + random * Math.max(250, asked * 0.1), limits.longestPauseMs);
    return { action: 'repeat', afterMs: Math.ceil(Math.max(asked, jittered)), pause: true };
  }
  const passing = outcome.kind !== 'status' || PASSING_FAILURES.has(outcome.status);
  // Webex's reference advises smaller pages after a 504.
  const slow = outcome.kind === 'too-slow' || (outcome.kind === 'status' && outcome.status === 504);
  if (slow && !limits.repeatsSlow) return { action: 'stop' };
  const isRepeatable = passing && SAFE_METHODS.has(method) && attempt < limits.attempts;
  if (!isRepeatable || !mayRepeat) return { action: 'stop' };
  const backoff = FIRST_BACKOFF_MS * 2 ** (attempt - 1);
  return { action: 'repeat', afterMs: Math.ceil(backoff * (0.5 + random / 2)), pause: false };
}

const SHORTEST_PAUSE_MS = 1_000;
/** Beyond this it is no answer any more, and timers overflow. */
const LONGEST_ASKED_MS = 24 * 3_600_000;
const PAUSE_WHEN_NOT_TOLD_MS = 5_000;

/**
 * How long a Retry-After header asks to wait, in milliseconds; never less than a second (Webex has
 * been seen to say 0) and never more than a day; five seconds where it is absent or makes no sense.
 * @param header seconds or an HTTP date (RFC 9110, 10.2.3)
 */
export function parseRetryAfter(header: string | undefined, now: number): number {
  const text = header?.trim() ?? '';
  // Date.parse also takes "-5" for a year; an HTTP date begins with the name of a day.
  const date = /^[A-Za-z]{3,}/.test(text) ? Date.parse(text) : Number.NaN;
  const asked = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : date - now;
  if (Number.isNaN(asked)) return PAUSE_WHEN_NOT_TOLD_MS;
  return Math.min(Math.max(asked, SHORTEST_PAUSE_MS), LONGEST_ASKED_MS);
}
