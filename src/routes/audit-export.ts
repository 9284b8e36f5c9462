import type { Hono } from 'hono';
import type { Gatekeeper } from '../access/gatekeeper.ts';
import type { AuditEvent, AuditTrail } from '../provisioning/audit-trail.ts';
import { describeError, type Logger } from '../telemetry/logger.ts';
import { authenticate } from './authentication.ts';
import type { AppEnvironment } from './request-log.ts';

/**
 * Serves the whole audit trail at /audit/events, the oldest event first: one JSON object a line, sent as it is
 * read, to whoever administers all connectors. `from` and `to`, ISO 8601, bound it. What breaks off in the middle ends without the last chunk.
 */
export function serveAuditExport(
  app: Hono<AppEnvironment>,
  audit: AuditTrail,
  gatekeeper: Gatekeeper,
  logger: Logger,
): void {
  app.get('/audit/events', authenticate(gatekeeper, 'admin'), async (c) => {
    const from = readMoment(c.req.query('from'));
    const to = readMoment(c.req.query('to'));
    if (from === null || to === null) {
      const message = 'from and to must be moments like 2026-11-25T08:30:00Z.';
      return c.json({ errors: [{ message, extensions: { code: 'INVALID_INPUT' } }] }, 400);
    }
    const events = audit.export({ from, to })[Symbol.asyncIterator]();
    // Where the database is away, that is answered before anything is.
    const first = await events.next();
    return c.body(linesOf(first, events, logger), 200, {
      'Content-Type': 'application/x-ndjson',
      'Cache-Control': 'no-store',
    });
  });
}

/** A line for each event, read as they are taken. A failure breaks the answer off, so that nobody takes a part for the whole. */
function linesOf(
  first: IteratorResult<AuditEvent>,
  rest: AsyncIterator<AuditEvent>,
  logger: Logger,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next: IteratorResult<AuditEvent> | undefined = first;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = next ?? (await rest.next());
        next = undefined;
        if (done === true) return controller.close();
        const { seq: _, ...event } = value;
        controller.enqueue(encoder.encode(`${JSON.stringify(event)}\n`));
      } catch (error) {
        logger.error({ error: describeError(error) }, 'the export of the audit trail broke off');
        controller.error(error);
      }
    },
  });
}

/** Undefined where there is none; null for what is no moment. */
function readMoment(text: string | undefined): Date | undefined | null {
  if (text === undefined) return undefined;
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : new Date(ms);
}
