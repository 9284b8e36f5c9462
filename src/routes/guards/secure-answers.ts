import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { AppEnvironment } from '../request-log.ts';

/** Half a year, in seconds. */
const TLS_ONLY = 'max-age=15552000';

/**
 * Tells browsers on every answer not to guess its type, frame it, run anything in it, tell others where it
 * came from or keep it; pages with needs of their own say so themselves.
 * @param publicUrl where browsers reach the gateway; by https, they are to do so from then on
 */
export function secureAnswers(publicUrl: string): MiddlewareHandler<AppEnvironment> {
  const secure = secureHeaders({
    overwrite: false,
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    strictTransportSecurity: publicUrl.startsWith('https:') ? TLS_ONLY : false,
    xFrameOptions: 'DENY',
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });
  return async (c, next) => {
    await secure(c, next);
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store');
  };
}
