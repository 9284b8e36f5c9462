import { createHash } from 'node:crypto';
import type { Refusals } from './audit-thinning.ts';
import type { ChangeReport } from './change-report.ts';
import type { Seats } from './seats.ts';

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
  /** Ends waiting for other changes, with the error that says so as its reason. */
  readonly patience: AbortSignal;
  /** The seats that the changes of its request take. */
  readonly seats: Seats;
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
