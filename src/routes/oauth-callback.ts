import type { Hono } from 'hono';
import type { Connect } from '../connectors/connect.ts';
import { AuthorizationFailed, isForClients } from '../errors.ts';
import { describeError, type Logger } from '../telemetry/logger.ts';
import { page } from './pages.ts';
import type { AppEnvironment } from './request-log.ts';

/** Takes the browser back from Webex's authorization page, at /oauth/callback. */
export function serveOAuthCallback(app: Hono<AppEnvironment>, connect: Connect, logger: Logger): void {
  app.get('/oauth/callback', async (c) => {
    const { state, code, error } = c.req.query();
    if (state === undefined || state === '') {
      return page(
        c,
        400,
        'Nothing to connect',
        'This address is where Webex sends a browser after an administrator has approved a connection. Start with the connect mutation.',
      );
    }
    try {
      const connector = await connect.complete({ state, code, error });
      return page(c, 200, 'Connected', `${connector.name} is connected to Webex. You can close this window.`);
    } catch (failure) {
      if (isForClients(failure)) {
        c.var.notes.errorCodes = [failure instanceof AuthorizationFailed ? failure.reason : failure.code];
        return page(c, 400, 'Not connected', failure.message);
      }
      const { requestId } = c.var.notes;
      logger.error({ requestId, error: describeError(failure) }, 'masked to the browser');
      return page(
        c,
        500,
        'Not connected',
        `Something went wrong in the gateway. Its log says more under the id ${requestId}.`,
      );
    }
  });
}
