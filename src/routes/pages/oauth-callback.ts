import type { Context, Hono } from 'hono';
import {
  type ReturnedError,
  readReturnedError,
  refusedAuthorization,
} from '../../connectors/authorization-failures.ts';
import type { Completion, Connect } from '../../connectors/connect.ts';
import { AuthorizationFailed } from '../../errors/connection.ts';
import { isForClients } from '../../errors/start.ts';
import type { AuditTrail } from '../../provisioning/changes/audit-trail.ts';
import { describeError } from '../../telemetry/error-facts.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { AppEnvironment } from '../request-log.ts';
import { page } from './pages.ts';

/** Takes the browser back from Webex's authorization page, at /oauth/callback. */
export function serveOAuthCallback(
  app: Hono<AppEnvironment>,
  connect: Connect,
  audit: AuditTrail,
  logger: Logger,
): void {
  app.get('/oauth/callback', async (c) => {
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'Cache-Control': 'no-store' });
    if (isPrefetch(c)) {
      return page(c, 503, 'Not loaded in advance', 'Open this address to complete the connection.');
    }
    const { state, code, iss, error: errorCode, error_description: description } = c.req.query();
    const error = readReturnedError(errorCode, description);
    if (error !== undefined) noteRefusal(c, logger, error);
    if (state === undefined || state === '') {
      if (error !== undefined) return showFailure(c, logger, refusedAuthorization(error), null);
      return page(
        c,
        400,
        'Nothing to connect',
        'This address is where Webex sends a browser after an administrator has approved a connection. Start with the connect mutation.',
      );
    }
    const completion = await connect.settle({ state, code, error, iss }, c.var.notes.meter);
    await writeDown(audit, completion, c.var.notes.requestId);
    const { result, returnTo } = completion;
    if (result instanceof Error) return showFailure(c, logger, result, returnTo, error);
    const { connector, missingScopes } = result;
    const missing = missingScopes.join(' ');
    if (missing !== '')
      logger.warn({ connector: connector.name, missingScopes }, 'connected without some scopes');
    if (returnTo !== null) {
      const outcome = { status: 'connected', connector: connector.name };
      return redirect(c, returnTo, missing === '' ? outcome : { ...outcome, missingScopes: missing });
    }
    if (missing === '') {
      return page(c, 200, 'Connected', `${connector.name} is connected to Webex. You can close this window.`);
    }
    const sentence = `${connector.name} is connected to Webex, but these scopes were not granted, and what needs them will fail: ${missing}. Add them to the integration at developer.webex.com, sign in as a full administrator, and connect again.`;
    return page(c, 200, 'Connected, with less than was asked for', sentence);
  });
}

/** The browser that returns from Webex has presented a state that is valid once, but no identity. */
async function writeDown(audit: AuditTrail, { connector, changes, result }: Completion, requestId: string) {
  if (connector === null) return;
  const { id, name } = connector;
  await audit.configured({
    ...{ operation: 'completeConnect', actor: 'browser', requestId, changes },
    connector: { id, name },
    target: { type: 'Connector', id, name },
    error: result instanceof Error ? result : undefined,
  });
}

/** A browser that loads ahead, or renders unseen, what nobody has opened yet: a code is good once, and not for that. */
function isPrefetch(c: Context<AppEnvironment>): boolean {
  const purposes = ['Sec-Purpose', 'Purpose', 'X-Purpose', 'X-Moz'].map((name) => c.req.header(name) ?? '');
  return purposes.some((purpose) => /prefetch|prerender|preview/i.test(purpose.slice(0, 100)));
}

function noteRefusal(c: Context<AppEnvironment>, logger: Logger, { code, description }: ReturnedError) {
  logger.warn(
    {
      requestId: c.var.notes.requestId,
      authorizationError: code,
      authorizationErrorDescription: description,
    },
    'the authorization page returned an error',
  );
}

function showFailure(
  c: Context<AppEnvironment>,
  logger: Logger,
  failure: Error,
  returnTo: string | null,
  returned?: ReturnedError,
) {
  const { notes } = c.var;
  const known = isForClients(failure);
  const code = failure instanceof AuthorizationFailed ? failure.reason : known ? failure.code : 'INTERNAL';
  notes.errorCodes = [code];
  if (!known)
    logger.error(
      { requestId: notes.requestId, error: describeError(failure) },
      'the browser received a masked error',
    );
  if (returnTo !== null) {
    const outcome = { status: 'failed', error: code };
    return redirect(
      c,
      returnTo,
      returned === undefined ? outcome : { ...outcome, webexError: returned.code },
    );
  }
  const title = code === 'STATE_USED' ? 'Nothing was done again' : 'Not connected';
  if (known) return page(c, 400, title, failure.message);
  const sentence = `Something went wrong in the gateway. Its log says more under the id ${notes.requestId}.`;
  return page(c, 500, 'Not connected', sentence);
}

/** Sends the browser on, with the outcome in the query; the code and state of Webex's return stay here. */
function redirect(c: Context<AppEnvironment>, returnTo: string, outcome: Readonly<Record<string, string>>) {
  const url = new URL(returnTo);
  for (const [name, value] of Object.entries(outcome)) url.searchParams.set(name, value);
  c.header('Referrer-Policy', 'no-referrer');
  c.header('Cache-Control', 'no-store');
  return c.redirect(url.href, 303);
}
