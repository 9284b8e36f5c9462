import type { AuditOutcome } from '../../store/audit-events.ts';
import type { DoubtfulWrite } from '../../store/undecided-writes.ts';

/** Where writes are remembered that may undo those of others. */
export interface DoubtfulWrites {
  /** One was given up, and may still be made. Never fails. */
  givenUp(write: DoubtfulWrite): Promise<void>;
  /** One was made after the lock of its record was lost, perhaps between the steps of another write. Never fails. */
  madeUnlocked(write: DoubtfulWrite): Promise<void>;
  /** Whether one that began then, as of performance.now(), and was not answered may still be made. */
  mayBeMade(begunAt: number): boolean;
  /** One of which nobody knows what became is about to be sent once more. Throws StoreUnavailable. */
  sentAgain(write: DoubtfulWrite): Promise<void>;
}

/**
 * Remembers, for all who change the same record, what a change may still do or may have done to theirs.
 * @param isUndecided whether a call of it was given up that Webex may still carry out
 * @param hasLostLock whether its record was not its own all the time
 */
export async function remember(
  writes: DoubtfulWrites,
  write: DoubtfulWrite,
  outcome: AuditOutcome,
  isUndecided: boolean,
  hasLostLock: boolean,
): Promise<void> {
  if (outcome === 'NOT_APPLIED') return;
  // All of it is to be seen if it is APPLIED, and no call is carried out twice.
  const isOpen = outcome === 'UNKNOWN' || (isUndecided && outcome !== 'APPLIED');
  if (isOpen) await writes.givenUp(write);
  else if (hasLostLock) await writes.madeUnlocked(write);
}
