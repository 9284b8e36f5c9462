import { Hono } from 'hono';
import type { Gatekeeper } from '../access/gatekeeper.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { authenticate } from './authentication.ts';
import { isCrossSite } from './cross-origin.ts';
import type { AppEnvironment } from './request-log.ts';
import { secureAnswers } from './secure-answers.ts';

const PATH = '/metrics';

/** Serves the metrics to Prometheus, at /metrics, with a key that may read them. */
export function serveMetrics(app: Hono<AppEnvironment>, metrics: Metrics, gatekeeper: Gatekeeper): void {
  app.get(PATH, authenticate(gatekeeper, 'observe'), () => answer(metrics));
}

/**
 * Serves the metrics, and nothing else, on a port of their own, where nobody has to say who they are: only pages of
 * other origins are refused, whose visitors may reach it.
 */
export function metricsAlone(metrics: Metrics): (request: Request) => Response | Promise<Response> {
  const app = new Hono<AppEnvironment>().use(secureAnswers('http:')).get(PATH, async (c) => {
    const isOfPage = c.req.header('Origin') !== undefined || isCrossSite(c);
    return isOfPage ? c.text('The metrics are not for pages of other origins.', 403) : answer(metrics);
  });
  return (request) => app.fetch(request);
}

async function answer(metrics: Metrics): Promise<Response> {
  return new Response(await metrics.read(), { headers: { 'Content-Type': metrics.contentType } });
}
