import { UpstreamTimeout } from '../../errors/upstream.ts';
import type { HttpRequest, HttpResponse } from './exchange.ts';
import { laneOf } from './lanes.ts';
import type { Lane } from './meter.ts';

/** What one attempt ended in, as far as repeating it is concerned. */
export type AttemptOutcome =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter: string | undefined }
  /** No answer: not reached, refused, reset, cut off. Whether it was carried out is unknown. */
  | { readonly kind: 'no-answer' }
  /** Reached, but no answer in time. */
  | { readonly kind: 'too-slow' };

/** @param result the answer, or the error in its place */
export function outcomeOf(result: HttpResponse | Error): AttemptOutcome {
  if (isTooSlow(result)) return { kind: 'too-slow' };
  if (result instanceof Error) return { kind: 'no-answer' };
  return { kind: 'status', status: result.status, retryAfter: result.header('retry-after') };
}

/** Whether an upstream that was reached took too long; it may answer in time if less is asked for. */
export function isTooSlow(result: unknown): boolean {
  return result instanceof UpstreamTimeout && result.call.brokenBy === undefined;
}

export type RetryDecision =
  | { readonly action: 'stop' }
  /** Wait so many milliseconds, then repeat. */
  | { readonly action: 'repeat'; readonly afterMs: number; readonly pause: false }
  /** The same, and no other request is sent in the meantime either. `askedMs`: without the jitter. */
  | {
      readonly action: 'repeat';
      readonly afterMs: number;
      readonly pause: true;
      readonly askedMs: number;
    }
  /** The upstream wants a pause, and this request does not wait for its end: it is too long, or there were too many. */
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
  /** Maximum number of attempts, including the first, if an answer is missing or a server fails. */
  readonly attempts: number;
  /** Maximum number of attempts, including the first, if the upstream asks to wait. */
  readonly throttledAttempts: number;
  /** The longest wait for a pause, a Retry-After or the retry budget, in milliseconds. */
  readonly longestWaitMs: number;
  /** Whether a request that took too long is repeated. False if the caller then asks for less. */
  readonly repeatsSlow: boolean;
}

const BY_LANE: Readonly<Record<Lane, RetryLimits>> = {
  // A person gives up after a minute and prefers to be told when to come back.
  interactive: { attempts: 3, throttledAttempts: 5, longestWaitMs: 60_000, repeatsSlow: true },
  background: { attempts: 3, throttledAttempts: 10, longestWaitMs: 15 * 60_000, repeatsSlow: true },
};

/** How a request may be repeated. Its lane counts as it is now: a background request can become interactive. */
export function retryLimitsOf({ lane, retry }: Pick<HttpRequest, 'lane' | 'retry'>): RetryLimits {
  const limits = BY_LANE[laneOf(lane)];
  // A 429 is then an error, and still holds everybody back.
  if (retry === 'never') return { ...limits, attempts: 1, throttledAttempts: 1 };
  return retry === 'unless-slow' ? { ...limits, repeatsSlow: false } : limits;
}

const FIRST_BACKOFF_MS = 200;
const SAFE_METHODS = new Set(['GET', 'HEAD']);
/** 423 means that a resource is locked for a moment. Source: Webex's reference of status codes. */
const PASSING_FAILURES = new Set([423, 500, 502, 503, 504]);

/**
 * Decides whether an attempt is repeated. Pure: time, chance and budget are passed in.
 *
 * A 429 was not processed, so any method may be repeated after the pause that Webex asks for, and nobody else
 * asks in the meantime. Everything else is repeated for reads only, because a write may have been carried out
 * although its answer does not say so; a Retry-After then holds for the one request. Jitter is added to what
 * Webex asks for, never subtracted.
 *
 * If nothing may be repeated, a failure stays as it is and a 429 is a refusal.
 *
 * @param attempt number of this attempt, from 1
 */
export function decideRetry(
  outcome: AttemptOutcome,
  method: string,
  attempt: number,
  { now, random, mayRepeat }: RetryMoment,
  limits: RetryLimits = BY_LANE.interactive,
): RetryDecision {
  const status = outcome.kind === 'status' ? outcome.status : undefined;
  const askedMs = outcome.kind === 'status' ? parseRetryAfter(outcome.retryAfter, now) : undefined;
  if (status === 429) {
    const pauseMs = askedMs ?? PAUSE_WHEN_NOT_TOLD_MS;
    if (!mayRepeat || pauseMs > limits.longestWaitMs || attempt >= limits.throttledAttempts) {
      return { action: 'refuse', retryAfterMs: pauseMs };
    }
    const afterMs = jittered(pauseMs, random, limits.longestWaitMs);
    return { action: 'repeat', afterMs, pause: true, askedMs: pauseMs };
  }
  const passing = status === undefined || PASSING_FAILURES.has(status);
  // Webex's reference advises smaller pages after a 504.
  const slow = outcome.kind === 'too-slow' || status === 504;
  if (slow && !limits.repeatsSlow) return { action: 'stop' };
  const isRepeatable = passing && SAFE_METHODS.has(method) && attempt < limits.attempts;
  if (!isRepeatable || !mayRepeat || (askedMs ?? 0) > limits.longestWaitMs) return { action: 'stop' };
  const backoff = Math.ceil(FIRST_BACKOFF_MS * 2 ** (attempt - 1) * (0.5 + random / 2));
  const waitMs = askedMs === undefined ? 0 : jittered(askedMs, random, limits.longestWaitMs);
  return { action: 'repeat', afterMs: Math.max(backoff, waitMs), pause: false };
}

/** The least that chance may add to a wait, in milliseconds: an upstream's buckets overflow meanwhile. */
const LEAST_JITTER_MS = 100;

/** Jitter does not make a wait longer than anybody waits. */
function jittered(askedMs: number, random: number, longestMs: number): number {
  return Math.ceil(
    Math.max(askedMs, Math.min(askedMs + random * Math.max(LEAST_JITTER_MS, askedMs * 0.1), longestMs)),
  );
}

const SHORTEST_PAUSE_MS = 1_000;
/** Larger values are not meant, and overflow timers. */
const LONGEST_ASKED_MS = 24 * 3_600_000;
const PAUSE_WHEN_NOT_TOLD_MS = 5_000;

/**
 * How long a Retry-After header asks to wait, in milliseconds: at least a second (Webex has been seen to say 0),
 * at most a day, and the longest of several values, because some proxies repeat headers. Undefined if the header
 * is missing or unreadable.
 * @param header seconds or an HTTP date (RFC 9110, 10.2.3), several joined by commas
 * @param now epoch milliseconds
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const asked = valuesOf(header ?? '')
    .map((value) => (/^\d+(\.\d+)?$/.test(value) ? Number(value) * 1_000 : dateOf(value) - now))
    .filter((milliseconds) => !Number.isNaN(milliseconds));
  if (asked.length === 0) return undefined;
  return Math.min(Math.max(...asked, SHORTEST_PAUSE_MS), LONGEST_ASKED_MS);
}

/** The parts between commas. An HTTP date has a comma behind the name of its day. */
function valuesOf(header: string): string[] {
  const values: string[] = [];
  let day = '';
  for (const part of header.split(',').map((text) => text.trim())) {
    if (/^(mon|tue|wed|thu|fri|sat|sun)[a-z]*$/i.test(part)) day = `${part}, `;
    else {
      values.push(day + part);
      day = '';
    }
  }
  return values;
}

/** Date.parse also takes "-5" for a year, but an HTTP date begins with the name of a day. */
function dateOf(text: string): number {
  return /^[A-Za-z]{3,}/.test(text) ? Date.parse(text) : Number.NaN;
}
