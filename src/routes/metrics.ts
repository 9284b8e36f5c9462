import { Hono } from 'hono';
import type { Gatekeeper } from '../access/gatekeeper.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { isHostOfMetrics } from './guards/allowed-hosts.ts';
import { authenticate } from './guards/authentication.ts';
import { isCrossSite } from './guards/cross-origin.ts';
import { secureAnswers } from './guards/secure-answers.ts';
import type { AppEnvironment } from './request-log.ts';

const PATH = '/metrics';

/** Serves the metrics to Prometheus, at /metrics, with a key that may read them. */
export function serveMetrics(app: Hono<AppEnvironment>, metrics: Metrics, gatekeeper: Gatekeeper): void {
  app.get(PATH, authenticate(gatekeeper, 'observe'), () => answer(metrics));
}

/**
 * Serves the metrics, and nothing else, on a port of their own, where nobody has to say who they are: only pages of
 * other origins are refused, whose visitors may reach it, and host names that are not the gateway's.
 * @param publicUrl where browsers reach the gateway
 */
export function metricsAlone(
  metrics: Metrics,
  publicUrl: string,
): (request: Request) => Response | Promise<Response> {
  const app = new Hono<AppEnvironment>().use(secureAnswers('http:'));
  app.use(async (c, next) => {
    if (isHostOfMetrics(new URL(c.req.url).hostname, publicUrl)) return next();
    const sentence =
      'The metrics are not known by this host name. Ask by IP address, or by the name in PUBLIC_URL.';
    return c.text(sentence, 421);
  });
  app.get(PATH, async (c) => {
    const isOfPage = c.req.header('Origin') !== undefined || isCrossSite(c);
    return isOfPage ? c.text('The metrics are not for pages of other origins.', 403) : answer(metrics);
  });
  return (request) => app.fetch(request);
}

async function answer(metrics: Metrics): Promise<Response> {
  return new Response(await metrics.read(), { headers: { 'Content-Type': metrics.contentType } });
}
