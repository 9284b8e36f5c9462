import { InvalidCursor } from '../errors.ts';
import type { AuditEvent, AuditEventRepository, AuditFilter } from '../store/audit-events.ts';

export type { AuditEvent, AuditFilter };

/** A page of the audit trail, the newest events first. */
export interface AuditPage {
  readonly events: readonly AuditEvent[];
  readonly hasNextPage: boolean;
}

/** What was asked to be changed in Webex, by whom, and what became of it. */
export class AuditTrail {
  readonly #events: AuditEventRepository;

  constructor(events: AuditEventRepository) {
    this.#events = events;
  }

  /**
   * @param first how many events at most
   * @param after the cursor of the last event seen
   * Throws InvalidCursor.
   */
  async page(filter: AuditFilter, first: number, after: string | undefined): Promise<AuditPage> {
    const before = after === undefined ? undefined : seqOf(after);
    const events = await this.#events.list(filter, first + 1, before);
    return { events: events.slice(0, first), hasNextPage: events.length > first };
  }

  /** All events, the oldest first, read as they are taken. */
  export(filter: AuditFilter): AsyncIterable<AuditEvent> {
    return this.#events.export(filter);
  }
}

/** Where an event stands in the trail, for a client to go on behind. */
export function cursorOf({ seq }: AuditEvent): string {
  return Buffer.from(`audit:${seq}`).toString('base64url');
}

function seqOf(cursor: string): string {
  const seq = /^audit:(\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'))?.[1];
  if (seq === undefined) throw new InvalidCursor();
  return seq;
}
