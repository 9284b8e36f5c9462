import { createHash } from 'node:crypto';
import type { LockHandle } from '../../store/locks/with-lock.ts';
import type { Refusals } from './audit-thinning.ts';
import type { ChangeReport } from './change-report.ts';
import type { SeatCount } from './seats.ts';

/** One change that a caller, or a worker, asks for. Knows nothing of GraphQL. */
export interface ChangeRequest {
  /** The mutation: `updateUser`. */
  readonly operation: string;
  /** The caller, as the audit trail names them. */
  readonly actor: string;
  readonly requestId: string;
  /** Whether everything is to be worked out and nothing sent. */
  readonly dryRun: boolean;
  /** Undefined if the caller gave none: the change is then made each time it is asked for. */
  readonly idempotencyKey: IdempotencyKey | undefined;
  /**
   * Id of its audit event, for a worker that keeps track of its changes itself: asked for again with the same id, the change
   * is not made twice. Needs no idempotency key, and is good for as long as the audit trail is kept. An event with the
   * outcome NOT_APPLIED is over; the next attempt takes another id.
   */
  readonly once?: string | undefined;
  /** When the first attempt of a creation began, as of performance.now(): what was created since then is its own. */
  readonly firstBegunAt?: number | undefined;
  /** Whether only to find out what became of an earlier attempt, without sending anything. */
  readonly looksOnly?: boolean | undefined;
  /** Nothing is sent once this is not held any more. Default: nothing of the kind. */
  readonly lease?: LockHandle | undefined;
  /** Ends waiting for other changes, with the error that says so as its reason. */
  readonly patience: AbortSignal;
  /** The seats that the changes of its request take. */
  readonly seats: SeatCount;
  /** The changes of its request that were refused. */
  readonly refusals: Refusals;
  /** What there is to report of it, filled in while it is made. */
  readonly report: ChangeReport;
}

/** What is changed, as the audit trail names it. */
export interface Target {
  readonly type: 'User' | 'Group';
  /** Webex's id; null for what does not exist yet. */
  readonly id: string | null;
  /** The address of a user, the name of a group. */
  readonly name: string | null;
}

/** Recognises a change that is asked for again. */
export interface IdempotencyKey {
  /** The caller's `Idempotency-Key`. */
  readonly key: string;
  /** Which part of the caller's request this is: `updateUser`, or `updateUsers[3]`. */
  readonly place: string;
}

/** The connector that a change goes through. */
export interface ChangedConnector {
  readonly id: string;
  readonly name: string;
  readonly readOnly: boolean;
}

/** Goes into each hash. Raise it when the same change is read in another way: keys of older versions are then refused as reused. */
const FORMAT_VERSION = 2;

/**
 * What tells two requests with the same idempotency key apart: SHA-256 of what was read from them. Spellings that are read
 * alike, and the order of fields, make no difference. Pure.
 * @param asked what is asked for, as it was read: JSON values and dates
 */
export function requestHash(operation: string, connectorId: string, asked: unknown): string {
  const text = JSON.stringify([FORMAT_VERSION, operation, connectorId, asked], inOrder);
  return createHash('sha256').update(text).digest('hex');
}

/** Brings the fields of each object into one order. */
function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
