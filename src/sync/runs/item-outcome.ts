import {
  Drifted,
  EmailTaken,
  ModifiedMeanwhile,
  NotApplied,
  OutcomeUnknown,
  PartiallyApplied,
} from '../../errors/changes.ts';
import { NotConnected, ReconnectRequired } from '../../errors/connection.ts';
import type { GatewayError } from '../../errors/gateway-error.ts';
import { NameTaken, NotFound, ReadOnlyConnector } from '../../errors/request.ts';
import { RateLimited, UpstreamDown, UpstreamError, UpstreamForbidden } from '../../errors/upstream.ts';
import type { SyncItemRow } from '../../store/sync/tables.ts';
import type { FieldChange, ItemError, ItemOutcome, PauseReason } from '../../store/sync/words.ts';

/** What is to be done with an item after an attempt. */
export type ItemVerdict =
  | {
      readonly kind: 'SETTLED';
      readonly outcome: ItemOutcome;
      readonly error: ItemError | null;
      readonly drift: readonly FieldChange[] | null;
      /** Webex's id of what there is now; null if it is not known. */
      readonly targetId: string | null;
      /** Fields that Webex did not take. */
      readonly refused: readonly string[];
    }
  | {
      readonly kind: 'AGAIN';
      /** RETRY: with another audit event. RESUME: with the same, as something of it may have been sent. LOOK: as RESUME, without sending. */
      readonly how: 'RETRY' | 'RESUME' | 'LOOK';
      readonly error: ItemError;
      readonly afterMs: number;
      readonly targetId: string | null;
      /** Whether this attempt does not count. */
      readonly isFree: boolean;
      /** Milliseconds in which nothing else of the run is worth sending. */
      readonly holdMs: number;
      readonly pause: PauseReason | undefined;
    };

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;
const MOST_TRIES = 8;
const PARTLY_AGAIN_MS = 5_000;
/** When an outcome that is not known is looked for, in milliseconds after the attempt or the look before. */
const LOOKS_MS = [10_000, 60_000, 300_000];

/** An item that was attempted. `looks` counts what was done since for the same audit event: above 0 looks, below 0 attempts. */
export interface AttemptedItem extends Pick<SyncItemRow, 'action' | 'tries' | 'looks' | 'target_id'> {
  /** The error of the try before. */
  readonly error: ItemError | null;
  /** Whether an audit event from before this attempt is still open. */
  readonly isOpen: boolean;
}

/**
 * What an error says is to be done with an item. Pure but for the jitter.
 * @param random from 0 to 1
 */
export function verdictOf(item: AttemptedItem, error: GatewayError, random = Math.random()): ItemVerdict {
  const told = errorOf(error);
  const targetId = createdBy(error);
  const settled = (outcome: ItemOutcome, drift: readonly FieldChange[] | null = null): ItemVerdict => ({
    ...{ kind: 'SETTLED', outcome, error: told, drift, targetId, refused: refusedFields(error) },
  });
  const again = (how: 'RETRY' | 'RESUME' | 'LOOK', afterMs: number, more: object = {}): ItemVerdict => ({
    ...{ kind: 'AGAIN', how, error: told, afterMs, targetId },
    ...{ isFree: false, holdMs: 0, pause: undefined, ...more },
  });
  const isLook = item.looks > 0;
  const how = isLook ? 'LOOK' : item.isOpen ? 'RESUME' : 'RETRY';
  const look = () => {
    const afterMs = LOOKS_MS[Math.max(0, item.looks)];
    return afterMs === undefined ? settled('UNKNOWN') : again('LOOK', afterMs);
  };
  if (error instanceof OutcomeUnknown) return look();
  if (error instanceof PartiallyApplied) {
    const isSecond = item.error?.code === error.code;
    return isSecond ? settled('PARTIALLY_APPLIED') : again('RETRY', PARTLY_AGAIN_MS);
  }
  const pause = pauseFor(error);
  // Webex may forbid the change of one record only: asked once more after the pause, it is that record.
  if (pause !== undefined && !(pause === 'FORBIDDEN' && item.error?.code === error.code))
    return again(how, 0, { isFree: true, pause });
  if (error instanceof UpstreamDown || (error instanceof RateLimited && error.call.status === undefined)) {
    const holdMs = 1_000 * error.retryAfter;
    return again(how, holdMs, { isFree: true, holdMs });
  }
  if (error.retryable) {
    if (isLook) return look();
    const tries = item.isOpen ? 1 - item.looks : item.tries;
    if (tries >= MOST_TRIES) return settled(item.isOpen ? 'UNKNOWN' : 'FAILED');
    const backoff = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1)) * (0.75 + random / 2);
    return again(how, Math.max(1_000 * (error.retryAfter ?? 0), backoff));
  }
  if (error instanceof Drifted) return settled('DRIFTED', error.drift);
  return settled(isDrift(item, error) ? 'DRIFTED' : 'FAILED');
}

/** The count of looks after an attempt. Pure. */
export function looksAfter(looks: number, verdict: ItemVerdict): number {
  if (verdict.kind === 'SETTLED' || verdict.isFree) return looks;
  if (verdict.how === 'RETRY') return 0;
  return verdict.how === 'LOOK' ? Math.max(0, looks) + 1 : looks - 1;
}

/** An item that needs no more than was there. */
export function settledAs(outcome: ItemOutcome, targetId: string | null = null): ItemVerdict {
  return { kind: 'SETTLED', outcome, error: null, drift: null, targetId, refused: [] };
}

/** An item that is not carried out. */
export function skipped(code: string, message: string): ItemVerdict {
  const error = { code, message, trackingIds: [] };
  return { kind: 'SETTLED', outcome: 'SKIPPED', error, drift: null, targetId: null, refused: [] };
}

/** What there is to tell of an error. Nothing internal is in it. Pure. */
function errorOf(error: GatewayError): ItemError {
  const own = error instanceof PartiallyApplied ? error.failure : undefined;
  const call = callOf(error) ?? (own && callOf(own));
  const { said, trackingId } = call ?? {};
  const [field] = refusedFields(error);
  return {
    code: error.code,
    message: error.message,
    trackingIds: trackingId === undefined ? [] : [trackingId],
    ...(said === undefined ? {} : { webexMessage: said }),
    ...(field === undefined ? {} : { field }),
  };
}

/** Whether the error comes from a change of the record since the plan. */
function isDrift(item: AttemptedItem, error: GatewayError): boolean {
  if (error instanceof ModifiedMeanwhile) return true;
  if (error instanceof NotFound) return item.target_id !== null && error.reference === item.target_id;
  const isCreation = item.action === 'CREATE' || item.action === 'CREATE_GROUP';
  if (error instanceof EmailTaken) return isCreation && error.userId !== undefined;
  return error instanceof NameTaken && isCreation;
}

function pauseFor(error: GatewayError): PauseReason | undefined {
  if (error instanceof ReconnectRequired || error instanceof NotConnected) return 'RECONNECT_REQUIRED';
  if (error instanceof ReadOnlyConnector) return 'READ_ONLY';
  return error instanceof UpstreamForbidden ? 'FORBIDDEN' : undefined;
}

function refusedFields(error: GatewayError): string[] {
  if (error instanceof NotApplied) return [...error.notApplied];
  if (!(error instanceof PartiallyApplied) || error.failure !== undefined) return [];
  return error.parts.filter(({ isApplied }) => !isApplied).map(({ field }) => field);
}

function createdBy(error: GatewayError): string | null {
  if (!(error instanceof PartiallyApplied || error instanceof OutcomeUnknown)) return null;
  const { record } = error;
  const isRecord = typeof record === 'object' && record !== null && 'id' in record;
  return isRecord && typeof record.id === 'string' ? record.id : null;
}

function callOf(error: GatewayError) {
  if (error instanceof UpstreamError) return error.call;
  const hasCall =
    error instanceof PartiallyApplied ||
    error instanceof OutcomeUnknown ||
    error instanceof NotApplied ||
    error instanceof EmailTaken ||
    error instanceof NameTaken;
  return hasCall ? error.call : undefined;
}
