import type { License } from '../../datasources/webex/records.ts';
import type { FieldChange, Json } from '../../store/audit-events.ts';

export type { FieldChange, Json };

/** How many seats of a license a change takes. */
export interface SeatNeed {
  readonly license: License;
  /** Negative where seats become free. */
  readonly needed: number;
}

/** All was as asked for already; nothing was sent. */
export class NothingChanged<Record> {
  readonly connectorId: string;
  readonly message: string;
  /** Null where what was to be gone is gone. */
  readonly record: Record | null;
  constructor(connectorId: string, message: string, record: Record | null) {
    this.connectorId = connectorId;
    this.message = message;
    this.record = record;
  }
}

/** What a change would do; nothing was sent. */
export class DryRun<Record> {
  readonly connectorId: string;
  readonly changes: readonly FieldChange[];
  readonly seats: readonly SeatNeed[];
  /** As it is; null where it does not exist yet. */
  readonly record: Record | null;
  constructor(
    connectorId: string,
    changes: readonly FieldChange[],
    seats: readonly SeatNeed[],
    record: Record | null,
  ) {
    this.connectorId = connectorId;
    this.changes = changes;
    this.seats = seats;
    this.record = record;
  }
}

/** The record as it is after the change; or that there was nothing to change, or that it was a dry run. */
export type Outcome<Record> = Record | NothingChanged<Record> | DryRun<Record>;
