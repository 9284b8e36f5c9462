import type { Context, MiddlewareHandler } from 'hono';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { TooManyOperations, TooManyRequests } from '../errors.ts';
import { refuseForNow } from './refusal.ts';
import type { AppEnvironment } from './request-log.ts';

/** What one caller may ask of one process. */
export interface CallerLimits {
  /** Operations a minute. */
  readonly rate: number;
  /** Operations at once. */
  readonly concurrent: number;
}

const MINUTE = 60;
/** Seconds after which one of many operations has ended, most likely. */
const SOON = 1;

/**
 * Refuses callers who ask for too much, before anything of the request is read.
 * @param callerId who it is; one who is not known by name is counted with all others like that
 */
export function limitCallers(
  { rate, concurrent }: CallerLimits,
  callerId: (c: Context<AppEnvironment>) => string,
): MiddlewareHandler<AppEnvironment> {
  const limiter = new RateLimiterMemory({ points: rate, duration: MINUTE });
  const running = new Map<string, number>();
  return async (c, next) => {
    const id = callerId(c);
    const before = running.get(id) ?? 0;
    if (before >= concurrent) return refuseForNow(c, new TooManyOperations(concurrent, SOON));
    running.set(id, before + 1);
    const leave = () => {
      const left = (running.get(id) ?? 1) - 1;
      if (left === 0) running.delete(id);
      else running.set(id, left);
    };
    try {
      const wait = await waitOf(limiter, id);
      if (wait !== undefined) return refuseForNow(c, new TooManyRequests(rate, wait));
      return await next();
    } finally {
      // A client that has gone has its place taken by what it began.
      const { settled } = c.var.notes;
      if (settled === undefined) leave();
      else void settled.then(leave);
    }
  };
}

/** Seconds that the caller has to wait; undefined where none. */
async function waitOf(limiter: RateLimiterMemory, id: string): Promise<number | undefined> {
  try {
    await limiter.consume(id);
    return undefined;
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    return Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000));
  }
}
