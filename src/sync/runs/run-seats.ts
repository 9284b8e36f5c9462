import { setTimeout as sleep } from 'node:timers/promises';
import { seatsLeft } from '../../datasources/webex/catalogues/licenses.ts';
import type { License } from '../../datasources/webex/records.ts';
import { NoSeatsLeft, OutcomeUnknown, PartiallyApplied } from '../../errors/changes.ts';
import type { SeatNeed } from '../../provisioning/changes/outcome.ts';
import type { LicenseReader, SeatCount } from '../../provisioning/changes/seats.ts';

/** How often Webex is asked for its count at most, in milliseconds: it lags by seconds. */
const ASK_EVERY_MS = 5_000;
/** How long a license counts as used up after Webex refused it, in milliseconds. */
const USED_UP_MS = 60_000;

interface LicenseCount {
  readonly license: License;
  /** Seats that are free as far as this run knows; undefined if there is no limit. */
  free: number | undefined;
  /** Seats that changes under way may still give back. */
  underWay: number;
  /** Until when nobody is given one, as of performance.now(). */
  usedUpUntil: number;
}

/**
 * The seats of one run: Webex's count when the run began, and what the run itself takes and frees. A change that finds no
 * seat waits for the changes under way, and for Webex's next count, before it is refused.
 */
export class RunSeats implements SeatCount {
  readonly #counts = new Map<string, LicenseCount>();
  readonly #underWay = new Set<Promise<unknown>>();
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  /**
   * Makes a change with the seats that it needs. Throws NoSeatsLeft before it is made, and what `make` throws.
   * @param admin the organization; its licenses are read when there is no seat left, every five seconds at most
   */
  async during<T>(admin: LicenseReader, needs: readonly SeatNeed[], make: () => T | Promise<T>): Promise<T> {
    if (needs.length === 0) return make();
    if (this.#counts.size === 0) await this.#ask(admin);
    const wanted = needs.filter(({ needed }) => needed > 0).map(({ license }) => license.id);
    const freed = needs.filter(({ needed }) => needed < 0).map(({ license }) => license.id);
    await this.#waitFor(admin, wanted);
    // From here to the count nothing may be waited for, or two changes would take the same seat.
    this.#take(wanted);
    const made = this.#made(wanted, freed, make);
    const settled = made
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
    return made;
  }

  async #made<T>(
    wanted: readonly string[],
    freed: readonly string[],
    make: () => T | Promise<T>,
  ): Promise<T> {
    try {
      const made = await make();
      this.#end(wanted, 0);
      for (const count of this.#of(freed)) if (count.free !== undefined) count.free += 1;
      return made;
    } catch (error) {
      const mayHold = error instanceof PartiallyApplied || error instanceof OutcomeUnknown;
      this.#end(wanted, mayHold ? 0 : 1);
      // Others take seats, and Webex's own count says nothing of it yet.
      if (error instanceof NoSeatsLeft && error.call !== undefined) {
        for (const count of this.#of([error.license.id])) {
          count.free = 0;
          count.usedUpUntil = performance.now() + USED_UP_MS;
        }
      }
      throw error;
    }
  }

  /** Throws NoSeatsLeft. */
  async #waitFor(admin: LicenseReader, wanted: readonly string[]): Promise<void> {
    for (let isAsked = false; ; ) {
      const full = this.#of(wanted).find(({ free }) => free !== undefined && free <= 0);
      if (full === undefined) return;
      if (full.usedUpUntil > performance.now()) throw noSeats(full);
      if (this.#underWay.size > 0 && full.underWay > 0) await Promise.race(this.#underWay);
      else if (isAsked) throw noSeats(full);
      else {
        await this.#askAgain(admin);
        isAsked = true;
      }
    }
  }

  /** All who wait at the same time ask once. */
  async #askAgain(admin: LicenseReader): Promise<void> {
    this.#asking ??= (async () => {
      await sleep(Math.max(0, this.#askedAt + ASK_EVERY_MS - performance.now()));
      await this.#ask(admin);
    })().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(admin: LicenseReader): Promise<void> {
    const licenses = await admin.listLicenses();
    this.#askedAt = performance.now();
    for (const license of licenses) {
      const left = seatsLeft(license);
      const known = this.#counts.get(license.id);
      if (known === undefined) {
        this.#counts.set(license.id, { license, free: left, underWay: 0, usedUpUntil: 0 });
      } else if (left === undefined || (known.free !== undefined && known.free <= 0)) {
        known.free = left === undefined ? undefined : Math.max(0, left - known.underWay);
      }
    }
  }

  #take(ids: readonly string[]): void {
    for (const count of this.#of(ids)) {
      count.underWay += 1;
      if (count.free !== undefined) count.free -= 1;
    }
  }

  #end(ids: readonly string[], givenBack: 0 | 1): void {
    for (const count of this.#of(ids)) {
      count.underWay -= 1;
      if (count.free !== undefined) count.free += givenBack;
    }
  }

  #of(ids: readonly string[]): LicenseCount[] {
    return ids.flatMap((id) => this.#counts.get(id) ?? []);
  }
}

function noSeats({ license }: LicenseCount): NoSeatsLeft {
  return new NoSeatsLeft(license, license.totalUnits ?? 0, 0);
}
