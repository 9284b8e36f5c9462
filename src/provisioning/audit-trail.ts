import { randomUUID } from 'node:crypto';
import { type GatewayError, InvalidCursor } from '../errors.ts';
import type {
  AuditEvent,
  AuditEventRepository,
  AuditFilter,
  FieldChange,
  NewAuditEvent,
} from '../store/audit-events.ts';
import type { Attempt, ChangedConnector, Target } from './attempt.ts';

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

  /** Writes down what was refused before anything was sent. Throws StoreUnavailable. */
  async refused(
    attempt: Attempt,
    connector: ChangedConnector,
    target: Target,
    { code }: GatewayError,
  ): Promise<void> {
    const event = newEvent(randomUUID(), attempt, connector, target, []);
    await this.#events.begin({ ...event, refusedWith: code });
  }

  /** All events, the oldest first, read as they are taken. */
  export(filter: AuditFilter): AsyncIterable<AuditEvent> {
    return this.#events.export(filter);
  }
}

/** The event of a change that is about to be made. */
export function newEvent(
  id: string,
  { actor, operation, requestId, dryRun, repeat }: Attempt,
  connector: ChangedConnector,
  target: Target,
  changes: readonly FieldChange[],
): NewAuditEvent {
  return {
    id,
    actor,
    operation,
    requestId,
    dryRun,
    connectorId: connector.id,
    connectorName: connector.name,
    targetType: target.type,
    targetId: target.id,
    targetName: target.name,
    changes,
    idempotencyKey: repeat?.key ?? null,
    refusedWith: undefined,
  };
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
