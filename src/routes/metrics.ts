import { Hono } from 'hono';
import type { Gatekeeper } from '../access/gatekeeper.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { authenticate } from './authentication.ts';
import type { AppEnvironment } from './request-log.ts';

const PATH = '/metrics';

/** Serves the metrics to Prometheus, at /metrics, with the key of whoever administers all connectors. */
export function serveMetrics(app: Hono<AppEnvironment>, metrics: Metrics, gatekeeper: Gatekeeper): void {
  app.get(PATH, authenticate(gatekeeper, 'admin'), () => answer(metrics));
}

/** Serves the metrics, and nothing else, on a port of their own, where nobody has to say who they are. */
export function metricsAlone(metrics: Metrics): (request: Request) => Response | Promise<Response> {
  const app = new Hono().get(PATH, () => answer(metrics));
  return (request) => app.fetch(request);
}

async function answer(metrics: Metrics): Promise<Response> {
  return new Response(await metrics.read(), { headers: { 'Content-Type': metrics.contentType } });
}
