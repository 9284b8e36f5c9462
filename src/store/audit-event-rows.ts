import { sql } from 'kysely';
import type { AuditEventRow, AuditOutcome, FieldChange, TargetType } from './tables.ts';

/** A change that is about to be sent, or that is settled already. */
export interface NewAuditEvent {
  readonly id: string;
  readonly actor: string;
  readonly operation: string;
  readonly requestId: string;
  readonly dryRun: boolean;
  /** Null for what is about no connector, or about more than one. */
  readonly connectorId: string | null;
  readonly connectorName: string | null;
  readonly targetType: TargetType;
  readonly targetId: string | null;
  readonly targetName: string | null;
  readonly changes: readonly FieldChange[];
  readonly idempotencyKey: string | null;
  /** What became of it; undefined if it goes on. */
  readonly settled: Pick<AuditCompletion, 'outcome' | 'errorCode'> | undefined;
}

/** What became of it. */
export interface AuditCompletion {
  readonly id: string;
  readonly outcome: Exclude<AuditOutcome, 'PENDING'>;
  readonly errorCode: string | null;
  /** Webex's id of what was created; undefined leaves what is there. */
  readonly targetId?: string | undefined;
  readonly trackingIds: readonly string[];
}

export interface AuditEvent extends Omit<NewAuditEvent, 'settled'> {
  /** Rises with every event. */
  readonly seq: string;
  readonly requestedAt: Date;
  readonly outcome: AuditOutcome;
  readonly errorCode: string | null;
  readonly trackingIds: readonly string[];
  readonly completedAt: Date | null;
}

/** Characters of a name, an id or a caller. An entry of an index has 2,704 bytes at most. */
const LONGEST_INDEXED = 512;

/** What is inserted for an event. */
export function toRow(event: NewAuditEvent) {
  return {
    id: event.id,
    actor: indexable(event.actor),
    operation: event.operation,
    request_id: event.requestId,
    dry_run: event.dryRun,
    connector_id: event.connectorId,
    connector_name: event.connectorName === null ? null : storable(event.connectorName),
    target_type: event.targetType,
    target_id: event.targetId === null ? null : indexable(event.targetId),
    target_name: event.targetName === null ? null : indexable(event.targetName),
    changes: toJson(event.changes),
    idempotency_key: event.idempotencyKey === null ? null : storable(event.idempotencyKey),
    outcome: event.settled?.outcome ?? ('PENDING' as const),
    error_code: event.settled?.errorCode ?? null,
    completed_at: event.settled === undefined ? null : sql<Date>`now()`,
  };
}

/** What an index takes of a text that callers choose freely; none of its names is as long. */
export function indexable(text: string): string {
  return storable(text.slice(0, LONGEST_INDEXED));
}

/** The JSON text of a value, of what PostgreSQL can hold. */
export function toJson(value: object): string {
  return JSON.stringify(value, (_name, part: unknown) => (typeof part === 'string' ? storable(part) : part));
}

/** Without the characters that PostgreSQL refuses. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

/** An event as it was read. */
export function toEvent(row: AuditEventRow): AuditEvent {
  return {
    id: row.id,
    seq: String(row.seq),
    requestedAt: row.at,
    actor: row.actor,
    operation: row.operation,
    requestId: row.request_id,
    dryRun: row.dry_run,
    connectorId: row.connector_id,
    connectorName: row.connector_name,
    targetType: row.target_type,
    targetId: row.target_id,
    targetName: row.target_name,
    changes: row.changes,
    idempotencyKey: row.idempotency_key,
    outcome: row.outcome,
    errorCode: row.error_code,
    trackingIds: row.tracking_ids,
    completedAt: row.completed_at,
  };
}
