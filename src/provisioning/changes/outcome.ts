import type { License } from '../../datasources/webex/records.ts';
import type { FieldChange, Json } from '../../store/audit-events.ts';

export type { FieldChange, Json };

/** How many seats of a license a change takes. */
export interface SeatNeed {
  readonly license: License;
  /** Negative if seats become free. */
  readonly needed: number;
}

/** What came of a change that did not fail. */
export interface Outcome<Record> {
  readonly kind: 'APPLIED' | 'NOTHING_CHANGED' | 'DRY_RUN';
  /**
   * The record as it is after the change; after a deletion, and for a dry run, as it was before. Null without a record:
   * it was gone already, or a dry run would create it.
   */
  readonly record: Record | null;
}

/** A change was made, or had been made by an earlier attempt of the same request. */
export function applied<Record>(record: Record): Outcome<Record> {
  return { kind: 'APPLIED', record };
}
