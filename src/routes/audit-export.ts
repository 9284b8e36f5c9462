import type { Hono } from 'hono';
import type { Gatekeeper } from '../access/gatekeeper.ts';
import { InvalidInput } from '../errors/request.ts';
import type { AuditEvent, AuditTrail } from '../provisioning/changes/audit-trail.ts';
import { shownEvent } from '../schema/audit/shown-event.ts';
import { parseMoment } from '../schema/base/moments.ts';
import { describeError } from '../telemetry/error-facts.ts';
import type { Logger } from '../telemetry/logger.ts';
import { authenticate } from './guards/authentication.ts';
import { refuse } from './guards/refusal.ts';
import type { AppEnvironment } from './request-log.ts';

/**
 * Serves the whole audit trail at /audit/events to callers with the scope admin for all connectors: oldest event first,
 * one JSON object a line with the names of the API's AuditEvent. `from` and `to` (ISO 8601) limit it. If it fails in the
 * middle, the answer ends without the last chunk.
 */
export function serveAuditExport(
  app: Hono<AppEnvironment>,
  audit: AuditTrail,
  gatekeeper: Gatekeeper,
  logger: Logger,
): void {
  app.get('/audit/events', authenticate(gatekeeper, 'admin'), async (c) => {
    const bounds = readBounds((name) => c.req.query(name));
    if (bounds instanceof InvalidInput) return refuse(c, 400, bounds.code, bounds.message, bounds.facts());
    const events = audit.export(bounds)[Symbol.asyncIterator]();
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
        controller.enqueue(encoder.encode(`${JSON.stringify(shownEvent(value))}\n`));
      } catch (error) {
        logger.error({ error: describeError(error) }, 'the export of the audit trail broke off');
        // What it is given here, the HTTP server prints and sends.
        controller.error(new Error('The export broke off.'));
      }
    },
  });
}

function readBounds(
  query: (name: string) => string | undefined,
): { from: Date | undefined; to: Date | undefined } | InvalidInput {
  try {
    return { from: readMoment('from', query('from')), to: readMoment('to', query('to')) };
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
}

/** A day alone is its beginning in UTC. Undefined if it was not given. Throws InvalidInput, also for a day that does not exist. */
function readMoment(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const isDay = text.length === '2026-11-25'.length;
  const moment = parseMoment(isDay ? `${text}T00:00:00Z` : text);
  if (moment instanceof Date) return moment;
  throw new InvalidInput(
    name,
    'must be a day like 2026-11-25, or a time with its time zone like 2026-11-25T08:30:00Z. In an address, write %2B instead of +.',
  );
}
