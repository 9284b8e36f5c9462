import { Hono } from 'hono';
import type { Metrics } from '../telemetry/metrics.ts';
import type { AppEnvironment } from './request-log.ts';

/** Serves the metrics to Prometheus, at /metrics. */
export function serveMetrics(app: Hono<AppEnvironment>, metrics: Metrics): void {
  app.get('/metrics', async (c) =>
    c.text(await metrics.read(), 200, { 'Content-Type': metrics.contentType }),
  );
}

/** Serves the metrics, and nothing else, on a port of their own. */
export function metricsAlone(metrics: Metrics): (request: Request) => Response | Promise<Response> {
  const app = new Hono<AppEnvironment>();
  serveMetrics(app, metrics);
  return (request) => app.fetch(request);
}
