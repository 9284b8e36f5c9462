import type { Hono } from 'hono';
import type { AppEnvironment } from './request-log.ts';

/**
 * /health: the process answers. /ready: it can serve, so a load balancer may send it requests.
 * @param isReady why it cannot serve, or undefined when it can
 */
export function serveHealth(app: Hono<AppEnvironment>, isReady: () => Promise<string | undefined>): void {
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.get('/ready', async (c) => {
    const reason = await isReady();
    return reason === undefined ? c.json({ status: 'ready' }) : c.json({ status: 'not ready', reason }, 503);
  });
}
