import { randomUUID } from 'node:crypto';
import { GatewayError } from '../../errors/gateway-error.ts';
import { InvalidCursor } from '../../errors/request.ts';
import { StoreUnavailable } from '../../errors/start.ts';
import type {
  AuditEvent,
  AuditEventRepository,
  AuditFilter,
  FieldChange,
  NewAuditEvent,
  TargetType,
} from '../../store/audit-events.ts';
import type { ChangedConnector, ChangeRequest, Target } from './change-request.ts';
import type { Recording } from './recording.ts';

export type { AuditEvent, AuditFilter, FieldChange };

/** A change of the gateway's own configuration, or of its keys, that a caller asked for. */
export interface ConfigurationChange {
  /** The mutation, as updateConnector. */
  readonly operation: string;
  readonly actor: string;
  readonly requestId: string;
  readonly idempotencyKey?: string | undefined;
  /** Null if it is about no connector, or about several. */
  readonly connector: { readonly id: string; readonly name: string } | null;
  readonly target: {
    readonly type: Exclude<TargetType, 'User' | 'Group'>;
    /** Null for what does not exist yet. */
    readonly id: string | null;
    readonly name: string | null;
  };
  /** What has changed; holds no secret. */
  readonly changes: readonly FieldChange[];
  /** Why it was not made; undefined if it was. */
  readonly error?: unknown;
}

/** A page of the audit trail, the newest events first. */
export interface AuditPage {
  readonly events: readonly AuditEvent[];
  readonly hasNextPage: boolean;
}

/** What was asked to be changed in Webex and in the configuration, by whom, and what became of it. */
export class AuditTrail {
  readonly #events: AuditEventRepository;
  readonly #recording: Recording;

  constructor(events: AuditEventRepository, recording: Recording) {
    this.#events = events;
    this.#recording = recording;
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

  /** The event with this id; null if it does not exist. Throws StoreUnavailable. */
  get(id: string): Promise<AuditEvent | null> {
    return this.#events.get(id);
  }

  /**
   * Records what was refused before anything was sent. Resolves with the id of the event.
   * @param count of how many changes this tells; undefined for the one of the target
   */
  async refused(
    request: ChangeRequest,
    connector: ChangedConnector,
    target: Target,
    { code }: GatewayError,
    count?: number,
  ): Promise<string> {
    const changes = count === undefined ? [] : [{ field: 'refused', before: null, after: count }];
    const event = newEvent(randomUUID(), request, connector, target, changes);
    await this.#recording.tell({ ...event, settled: { outcome: 'NOT_APPLIED', errorCode: code } });
    return event.id;
  }

  /** Writes down what has become of a change of the configuration, which is made already, or not. */
  configured(change: ConfigurationChange): Promise<void> {
    const { operation, actor, requestId, idempotencyKey, connector, target, changes, error } = change;
    return this.#recording.tell({
      id: randomUUID(),
      ...{ actor, operation, requestId, changes, dryRun: false },
      connectorId: connector?.id ?? null,
      connectorName: connector?.name ?? null,
      targetType: target.type,
      targetId: target.id,
      targetName: target.name,
      idempotencyKey: idempotencyKey ?? null,
      settled: endOf(error, changes.length > 0),
    });
  }

  /** All events, the oldest first, read as they are taken. */
  export(filter: AuditFilter): AsyncIterable<AuditEvent> {
    return this.#events.export(filter);
  }
}

/** The event of a change that is about to be made. */
export function newEvent(
  id: string,
  { actor, operation, requestId, dryRun, idempotencyKey }: ChangeRequest,
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
    idempotencyKey: idempotencyKey?.key ?? null,
    settled: undefined,
  };
}

function endOf(error: unknown, isChanged: boolean): NewAuditEvent['settled'] {
  if (error === undefined) return { outcome: 'APPLIED', errorCode: null };
  const errorCode = error instanceof GatewayError ? error.code : 'INTERNAL';
  if (isChanged) return { outcome: 'PARTIALLY_APPLIED', errorCode };
  // A bug, or a database that goes away, may have struck before or after it was done.
  const isCertain = error instanceof GatewayError && !(error instanceof StoreUnavailable);
  return { outcome: isCertain ? 'NOT_APPLIED' : 'UNKNOWN', errorCode };
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
