import type { WebexDatasource } from '../datasources/webex/datasource.ts';
import { seatsLeft } from '../datasources/webex/licenses.ts';
import type { License } from '../datasources/webex/records.ts';
import { NoSeatsLeft } from '../errors.ts';
import type { SeatNeed } from './outcome.ts';

/**
 * The seats that a change takes and frees. Pure.
 * @param licenses all of the organization
 */
export function seatNeeds(
  held: readonly string[],
  wanted: readonly string[],
  licenses: readonly License[],
): SeatNeed[] {
  return licenses.flatMap((license) => {
    const needed = Number(wanted.includes(license.id)) - Number(held.includes(license.id));
    return needed === 0 ? [] : [{ license, needed }];
  });
}

/**
 * Sees that there are seats enough, before anything is sent. What is known may be some seconds old, so that
 * it is read again before anybody is refused.
 * Throws NoSeatsLeft.
 */
export async function assertSeats(webex: WebexDatasource, needs: readonly SeatNeed[]): Promise<void> {
  const isShort = needs.some(({ license, needed }) => needed > 0 && seatsLeft(license) === 0);
  if (isShort) await assertSeatsNow(webex, needs);
}

/** As `assertSeats`, always by what Webex counts at this moment. */
export async function assertSeatsNow(webex: WebexDatasource, needs: readonly SeatNeed[]): Promise<void> {
  const wanted = new Set(needs.flatMap(({ license, needed }) => (needed > 0 ? [license.id] : [])));
  if (wanted.size === 0) return;
  const licenses = await webex.writes.listLicenses();
  const full = licenses.find((license) => wanted.has(license.id) && seatsLeft(license) === 0);
  if (full !== undefined) throw new NoSeatsLeft(full.name, full.id, full.totalUnits);
}
