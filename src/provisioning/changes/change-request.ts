import type { Refusals } from './audit-thinning.ts';
import type { Seats } from './seats.ts';

/** One change that somebody asks for. */
export interface Attempt {
  /** The mutation, as updateUser. */
  readonly operation: string;
  /** Who asks. */
  readonly actor: string;
  readonly requestId: string;
  /** Whether everything is to be worked out and nothing sent. */
  readonly dryRun: boolean;
  readonly repeat: Repeat | undefined;
  /** Ends waiting for other changes, with the error that says so as its reason. */
  readonly patience: AbortSignal;
  /** The seats that the changes of its request take. */
  readonly seats: Seats;
  /** The changes of its request that were refused. */
  readonly refusals: Refusals;
  /** Whether the audit trail has it, or may have it. */
  isWrittenDown: boolean;
}

/** What is changed, as the audit trail names it. */
export interface Target {
  readonly type: 'User' | 'Group';
  /** Webex's id; null for what does not exist yet. */
  readonly id: string | null;
  /** The address of a user, the name of a group. */
  readonly name: string | null;
}

/** By what a change that is asked for again is recognised. */
export interface Repeat {
  /** The caller's `Idempotency-Key`. */
  readonly key: string;
  /** Which part of the caller's request this is: `updateUser`, or `updateUsers[3]`. */
  readonly place: string;
  /** SHA-256 of what is asked for. */
  readonly requestHash: string;
}

/** The connector that a change goes through. */
export interface ChangedConnector {
  readonly id: string;
  readonly name: string;
  readonly readOnly: boolean;
}
