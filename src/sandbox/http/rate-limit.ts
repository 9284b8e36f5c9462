import { Refusal } from './errors.ts';

/** How fast the buckets fill, and what a refusal says. */
export interface Rate {
  /** Infinity for no limit. */
  readonly rateLimitPerSecond: number;
  readonly rateLimitBurst: number;
  /** The header Retry-After: the true number of seconds, a text of its own, or none. */
  readonly rateLimitRetryAfter: 'exact' | (string & {}) | null;
}

/** A token bucket for each access token. */
export class RateLimit {
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  clear(): void {
    this.#buckets.clear();
  }

  /**
   * Takes one request out of the bucket; throws a 429 Refusal when it is empty.
   * @param now milliseconds since 1970
   */
  take(token: string, now: number, settings: Rate): void {
    const rate = settings.rateLimitPerSecond;
    if (!Number.isFinite(rate)) return;
    const burst = Math.max(1, settings.rateLimitBurst);
    const bucket = this.#buckets.get(token) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1_000) * rate);
    bucket.at = now;
    this.#buckets.set(token, bucket);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return;
    }
    const seconds = Math.max(1, Math.ceil((1 - bucket.tokens) / rate));
    const retryAfter =
      settings.rateLimitRetryAfter === 'exact' ? String(seconds) : settings.rateLimitRetryAfter;
    throw new Refusal(429, 'Too many requests have been sent with this token.', {
      headers: retryAfter === null ? {} : { 'retry-after': retryAfter },
    });
  }
}
