import type { WebexAdmin } from '../../datasources/webex/admin.ts';
import { seatsLeft } from '../../datasources/webex/catalogues/licenses.ts';
import type { License } from '../../datasources/webex/records.ts';
import { NoSeatsLeft, OutcomeUnknown, PartiallyApplied } from '../../errors/changes.ts';
import type { UpstreamCall } from '../../errors/upstream.ts';
import type { SeatNeed } from './outcome.ts';

/** An organization, as far as its licenses are counted; the same object for all changes of a request. */
export type LicenseReader = Pick<WebexAdmin, 'listLicenses'>;

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

/** Counts the seats of several changes together. */
export interface SeatCount {
  /**
   * Makes a change that takes and frees seats, if there are enough. Throws NoSeatsLeft before it is made, and what `make`
   * throws.
   * @param admin the organization; only its licenses are read
   */
  during<T>(admin: LicenseReader, needs: readonly SeatNeed[], make: () => T | Promise<T>): Promise<T>;
}

/**
 * The seats that the changes of one request take, so that a list of them is not given more than there are.
 * Seats that the same list frees are not counted on: its changes are made side by side, in no order.
 */
export class Seats implements SeatCount {
  readonly #isForMany: boolean;
  readonly #taken = new Map<string, number>();
  readonly #licenses = new Map<LicenseReader, Promise<readonly License[]>>();
  /** The changes under way that have taken seats. */
  readonly #making = new Set<Promise<unknown>>();

  /** @param isForMany whether the request holds a list of changes */
  constructor(isForMany: boolean) {
    this.#isForMany = isForMany;
  }

  /**
   * Takes the seats that a change needs while it is made, before anything of it is sent, and gives them back
   * if it was not made. What is known may be some seconds old, so that Webex is asked for its count before
   * anybody is refused, and once in each organization of a list.
   * Throws NoSeatsLeft, and what `make` throws.
   */
  async during<T>(admin: LicenseReader, needs: readonly SeatNeed[], make: () => T | Promise<T>): Promise<T> {
    const wanted = needs.flatMap(({ license, needed }) => (needed > 0 ? [license] : []));
    const counts = wanted.length === 0 ? [] : await this.#currentCounts(admin, wanted);
    // Those under way may give their seats back, as for users who are there already.
    while (this.#making.size > 0 && counts.some((license) => this.#isFull(license) && this.#isTaken(license)))
      await Promise.race(this.#making);
    // From here to the count nothing may be waited for, or two changes would take the same seat.
    const full = counts.find((license) => this.#isFull(license));
    refuse(full, full === undefined ? 0 : this.#taken.get(full.id));
    this.#count(wanted, 1);
    const made = this.#make(wanted, make);
    const settled = made
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => this.#making.delete(settled));
    if (wanted.length > 0) this.#making.add(settled);
    return made;
  }

  /** Gives the seats back if the change was not made. */
  async #make<T>(wanted: readonly License[], make: () => T | Promise<T>): Promise<T> {
    try {
      return await make();
    } catch (error) {
      const mayHold = error instanceof PartiallyApplied || error instanceof OutcomeUnknown;
      if (!mayHold) this.#count(wanted, -1);
      throw error;
    }
  }

  async #currentCounts(admin: LicenseReader, wanted: readonly License[]): Promise<readonly License[]> {
    const isShort = wanted.some((license) => seatsLeft(license) === 0);
    if (!this.#isForMany && !isShort) return wanted;
    const all = await this.#licensesOf(admin);
    return all.filter((license) => wanted.some(({ id }) => id === license.id));
  }

  /** Asked for once in each organization, and again if that failed. */
  #licensesOf(admin: LicenseReader): Promise<readonly License[]> {
    const known = this.#licenses.get(admin);
    if (known !== undefined) return known;
    const asked = admin.listLicenses();
    this.#licenses.set(admin, asked);
    asked.catch(() => this.#licenses.delete(admin));
    return asked;
  }

  #isFull(license: License): boolean {
    const left = seatsLeft(license);
    return left !== undefined && left <= (this.#taken.get(license.id) ?? 0);
  }

  /** Whether changes of this request hold seats of a license. */
  #isTaken({ id }: License): boolean {
    return (this.#taken.get(id) ?? 0) > 0;
  }

  #count(licenses: readonly License[], by: 1 | -1): void {
    for (const { id } of licenses) this.#taken.set(id, (this.#taken.get(id) ?? 0) + by);
  }
}

/**
 * Finds out whether a change was refused because there was no seat, by what Webex counts at this moment.
 * @param call what Webex has refused
 * Throws NoSeatsLeft, and the errors of an upstream.
 */
export async function explainBySeats(
  admin: LicenseReader,
  needs: readonly SeatNeed[],
  call: UpstreamCall | undefined,
): Promise<void> {
  const wanted = new Set(needs.flatMap(({ license, needed }) => (needed > 0 ? [license.id] : [])));
  if (wanted.size === 0) return;
  const licenses = await admin.listLicenses();
  refuse(
    licenses.find((license) => wanted.has(license.id) && seatsLeft(license) === 0),
    0,
    call,
  );
}

/** @param taken seats that other changes of the request take */
function refuse(full: License | undefined, taken = 0, call?: UpstreamCall): void {
  if (full?.totalUnits === undefined) return;
  throw new NoSeatsLeft(full, full.totalUnits, (seatsLeft(full) ?? 0) - taken, call);
}
