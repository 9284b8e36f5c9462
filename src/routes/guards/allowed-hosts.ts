import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import type { AppEnvironment } from '../request-log.ts';
import { refuse } from './refusal.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
/** A load balancer asks for these by address, and Prometheus for the metrics if that takes a key. */
const PROBES = ['/health', '/ready'];

/**
 * Answers only under the names that the gateway is known by. Another page's name may be made to resolve
 * to this machine (DNS rebinding), and its scripts would then be taken for ours.
 * @param publicUrl where browsers reach the gateway
 * @param isGuarded whether callers have to say who they are
 */
export function allowHosts(publicUrl: string, isGuarded: boolean): MiddlewareHandler<AppEnvironment> {
  const allowed = new Set([...LOOPBACK, new URL(publicUrl).hostname]);
  const probes = new Set(isGuarded ? [...PROBES, '/metrics'] : PROBES);
  return async (c, next) => {
    const { hostname, pathname } = new URL(c.req.url);
    if (allowed.has(hostname) || probes.has(pathname)) return next();
    const message = 'The gateway is not known by this host name. Use the one in its PUBLIC_URL, or set that.';
    return refuse(c, 421, 'HOST_NOT_ALLOWED', message);
  };
}

/**
 * Whether a request to the port of the metrics may name this host. Prometheus asks by address or by a container's
 * name, which has no dot; a name that a page elsewhere could have made to resolve to this machine has one.
 * @param publicUrl where browsers reach the gateway
 */
export function isHostOfMetrics(host: string, publicUrl: string): boolean {
  const isAddress = host.startsWith('[') || isIP(host) !== 0;
  return isAddress || !host.includes('.') || host === new URL(publicUrl).hostname;
}
