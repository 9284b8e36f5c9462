import type { Context, MiddlewareHandler } from 'hono';
import type { CallerRates } from '../../access/caller-rates.ts';
import { TooManyChanges, TooManyOperations, TooManyRequests } from '../../errors/limits.ts';
import { refuseForNow } from '../guards/refusal.ts';
import type { AppEnvironment } from '../request-log.ts';

/** What one caller may ask for. */
export interface CallerLimits {
  /** Operations a minute. */
  readonly rate: number;
  /** Changes a minute, dry runs included. */
  readonly changeRate: number;
  /** Operations at once, in one process. */
  readonly concurrent: number;
}

/** Seconds after which one of many operations has ended, most likely. */
const SOON = 1;

/**
 * Refuses callers who ask for too much, before anything of the request is read.
 * @param callerId who it is; one who is not known by name is counted with all others like that
 */
export function limitCallers(
  { rate, concurrent }: CallerLimits,
  rates: CallerRates,
  callerId: (c: Context<AppEnvironment>) => string,
): MiddlewareHandler<AppEnvironment> {
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
      const wait = await rates.consume('operations', id);
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

/** Counts the changes that callers ask for; what it gives back rejects with TooManyChanges. */
export function limitChanges({ changeRate }: CallerLimits, rates: CallerRates) {
  return async (caller: string, changes: number): Promise<void> => {
    const wait = await rates.consume('changes', caller, changes);
    if (wait !== undefined) throw new TooManyChanges(changeRate, wait);
  };
}
