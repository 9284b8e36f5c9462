import type { Context, MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { AppEnvironment } from '../request-log.ts';
import { refuse } from './refusal.ts';

/** Headers for which a browser asks the gateway before it sends them from a page of another origin. */
const ASKED_FOR = [
  ...['Authorization', 'Idempotency-Key', 'Webex-Deadline', 'Webex-Lane', 'Webex-Explain'],
  ...['Traceparent', 'X-Apollo-Operation-Name', 'Apollo-Require-Preflight', 'GraphQL-Require-Preflight'],
];
/** Headers that pages of allowed origins may send, beside those that every page may. */
const REQUEST_HEADERS = ['Content-Type', ...ASKED_FOR];
/** What scripts of those pages may read of an answer. */
const RESPONSE_HEADERS = [
  ...['X-Request-Id', 'Retry-After', 'Webex-Requests', 'Webex-Batched-Keys', 'Webex-Cache-Hits'],
  ...['Webex-Shared', 'Webex-Retries', 'Webex-Queued-Ms', 'Webex-Throttled-Ms'],
];
/** Seconds that a browser need not ask again. */
const REMEMBERED = 600;

/**
 * Lets the pages of some origins, and of no others, send requests and read the answers. Never with cookies:
 * the gateway has none.
 * @param origins as browsers write them: https://admin.example.com
 */
export function allowOrigins(origins: readonly string[]): MiddlewareHandler<AppEnvironment> {
  const allowed = new Set(origins);
  const answer = cors({
    origin: (origin) => origin,
    allowMethods: ['GET', 'POST'],
    allowHeaders: REQUEST_HEADERS,
    exposeHeaders: RESPONSE_HEADERS,
    maxAge: REMEMBERED,
  });
  return async (c, next) => {
    if (allowed.has(c.req.header('Origin') ?? '')) return answer(c, next);
    await next();
    if (allowed.size > 0) c.res.headers.append('Vary', 'Origin');
  };
}

/**
 * Refuses a GET, or a HEAD, that a page of somewhere else makes a browser send, as with an image. Such a page could not
 * read the answer, but it could make the gateway work. A POST needs no such care: it has to be JSON, for which
 * the browser asks first.
 * @param origins those whose pages may
 */
export function refuseCrossSite(origins: readonly string[]): MiddlewareHandler<AppEnvironment> {
  const allowed = new Set(origins);
  return async (c, next) => {
    if (allowed.has(c.req.header('Origin') ?? '') || !isCrossSite(c)) return next();
    const message =
      'A page of another origin made the browser send this. Send it by POST, or with the header GraphQL-Require-Preflight: 1.';
    return refuse(c, 403, 'CROSS_SITE_REFUSED', message);
  };
}

/** Whether it is a GET, or a HEAD, that a page of another origin may have made a browser send, without having to ask for it. */
export function isCrossSite(c: Context): boolean {
  const header = (name: string) => c.req.header(name) ?? '';
  const site = header('Sec-Fetch-Site').toLowerCase();
  if (!['GET', 'HEAD'].includes(c.req.method) || site === 'same-origin' || site === 'none') return false;
  // Browsers leave the header out where the gateway is reached without TLS and not on their own machine.
  const isBrowser = site !== '' || header('User-Agent').startsWith('Mozilla/');
  const hasAsked =
    /^application\/json\s*(;|$)/i.test(header('Content-Type')) ||
    ASKED_FOR.some((name) => header(name) !== '');
  return isBrowser && !hasAsked;
}
