import { setTimeout as sleep } from 'node:timers/promises';
import { wasNotCarriedOut } from '../../datasources/webex/failures.ts';
import type { GatewayError } from '../../errors/gateway-error.ts';

/** How long to wait before each look for what may have been created, in milliseconds: lists lag. */
const LOOKS_MS = [0, 500, 1_500];

/**
 * Looks for what may have been created; undefined if it is not there. Throws what `look` throws.
 * @param failure after which it is looked for: once, if that says that nothing was carried out
 */
export async function lookFor<T>(
  failure: GatewayError | undefined,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const wait of wasNotCarriedOut(failure) ? LOOKS_MS.slice(0, 1) : LOOKS_MS) {
    if (wait > 0) await sleep(wait);
    const found = await look();
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Webex tells its time to the second. */
const SECOND_MS = 1_000;

/**
 * Whether a record was created by the request that began then. Webex's clock counts. Within the second that it leaves
 * open, a record that is not alike is another one.
 * @param created when the record came to be
 * @param webexNow when Webex showed the record, by its own clock; undefined: now
 * @param began as of performance.now()
 */
export function isOwnCreation(
  created: Date,
  webexNow: Date | undefined,
  began: number,
  isAlike: () => boolean,
): boolean {
  const earliest = (webexNow ?? new Date()).getTime() - (performance.now() - began);
  const at = created.getTime();
  return at >= earliest + SECOND_MS || (at >= earliest && isAlike());
}
