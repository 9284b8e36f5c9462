import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenOrganization } from '../../connectors/organizations.ts';
import { NotConnected, ReconnectRequired } from '../../errors/connection.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { NotFound } from '../../errors/request.ts';
import { UpstreamForbidden } from '../../errors/upstream.ts';
import type { PauseReason } from '../../store/sync/words.ts';

/** How soon it is tried again, in milliseconds, if nobody says when. */
const OPEN_AGAIN_MS = 5_000;

/** Why a run cannot go on until an administrator acts. */
export interface Obstacle {
  readonly reason: PauseReason;
  /** A sentence that says what to do. */
  readonly message: string;
}

/**
 * Opens the organization of a run, and tries again while waiting may help.
 * @param signal ends the waiting
 * @returns what stands against it. Undefined if the connector is gone, or the signal was aborted.
 */
export async function openForRun(
  open: () => Promise<OpenOrganization>,
  signal: AbortSignal,
): Promise<OpenOrganization | Obstacle | undefined> {
  while (!signal.aborted) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      if (error instanceof NotFound) return undefined;
      if (!error.retryable) return { reason: reasonOf(error), message: error.message };
      const afterMs = error.retryAfter === undefined ? OPEN_AGAIN_MS : 1_000 * error.retryAfter;
      await sleep(afterMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

function reasonOf(error: GatewayError): PauseReason {
  if (error instanceof ReconnectRequired || error instanceof NotConnected) return 'RECONNECT_REQUIRED';
  return error instanceof UpstreamForbidden ? 'FORBIDDEN' : 'ERRORS';
}
