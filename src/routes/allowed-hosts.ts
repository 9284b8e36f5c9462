import type { MiddlewareHandler } from 'hono';
import { refuse } from './refusal.ts';
import type { AppEnvironment } from './request-log.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
/** A load balancer, or Prometheus, asks for these by address. */
const PROBES = new Set(['/health', '/ready', '/metrics']);

/**
 * Answers only under the names that the gateway is known by. Another page's name may be made to resolve
 * to this machine (DNS rebinding), and its scripts would then be taken for ours.
 * @param publicUrl where browsers reach the gateway
 */
export function allowHosts(publicUrl: string): MiddlewareHandler<AppEnvironment> {
  const allowed = new Set([...LOOPBACK, new URL(publicUrl).hostname]);
  return async (c, next) => {
    const { hostname, pathname } = new URL(c.req.url);
    if (allowed.has(hostname) || PROBES.has(pathname)) return next();
    const message = 'The gateway is not known by this host name. Use the one in its PUBLIC_URL, or set that.';
    return refuse(c, 421, 'HOST_NOT_ALLOWED', message);
  };
}
