import { PartiallyApplied } from '../../errors/changes.ts';
import type { GatewayError } from '../../errors/gateway-error.ts';
import type { FieldChange, Outcome, SeatNeed } from './outcome.ts';
import type { outcomeOf } from './outcome-of.ts';

/** A member who could not be added to a group, or removed from it. */
export interface FailedMember {
  /** Webex's id. */
  readonly id: string;
  readonly action: 'ADD' | 'REMOVE';
  readonly outcome: 'NOT_APPLIED' | 'UNKNOWN';
  /** As the caller named the member; undefined if that is not known any more. */
  readonly given?: string | undefined;
  readonly error: GatewayError;
}

/** What there is to report of one change beside its outcome, filled in while it is made. */
export class ChangeReport {
  /** The event of the audit trail; undefined before there is one, or if it is not known whether there is. */
  auditEventId: string | undefined;
  /** Field by field, as recorded in the audit trail; empty until it was worked out. */
  changes: readonly FieldChange[] = [];
  /** The seats that a dry run would take. */
  seats: readonly SeatNeed[] = [];
  failedMembers: readonly FailedMember[] = [];
  /** Whether the answer is the one to an earlier request with the same key. */
  isReplayed = false;
  /** Whether an earlier request with the same key was answered, and that answer cannot be decrypted. */
  isAnswerUnreadable = false;
  /** Whether the audit trail has the change, or may have it. */
  isRecorded = false;
}

/** How a change ended: made, already so, worked out only, made in part, not made, or unknown. */
export type ChangeOutcome = Outcome<unknown>['kind'] | ReturnType<typeof outcomeOf>;

/** One field of a change, and whether it is as asked for now; null if that is not known, or of a dry run. */
export interface ReportedChange extends FieldChange {
  readonly applied: boolean | null;
}

/**
 * The changes of a report, each with whether it is applied. Pure.
 * @param error what the change failed with; undefined if it did not
 */
export function reportedChanges(
  { changes }: Pick<ChangeReport, 'changes'>,
  outcome: ChangeOutcome,
  error: unknown,
): ReportedChange[] {
  return changes.map((change) => ({ ...change, applied: isApplied(change.field, outcome, error) }));
}

function isApplied(field: string, outcome: ChangeOutcome, error: unknown): boolean | null {
  if (outcome === 'APPLIED') return true;
  if (outcome === 'NOT_APPLIED') return false;
  if (!(error instanceof PartiallyApplied)) return null;
  const parts = error.parts.filter((part) => part.field === field);
  return parts.length === 0 ? null : parts.every((part) => part.isApplied);
}
