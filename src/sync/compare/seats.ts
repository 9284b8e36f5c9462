import { canonicalId } from '../../datasources/webex/ids.ts';
import type { License } from '../../datasources/webex/records.ts';
import type { PlanSeats } from '../../store/sync/documents.ts';
import type { SeatDraft } from '../../store/sync/draft-graph.ts';

interface Seats {
  readonly license: License;
  readonly total: number | null;
  readonly consumed: number;
  /** Given back before anybody is created. */
  early: number;
  /** Given back by updates, which come after creations. */
  late: number;
  taken: number;
  lacking: number;
}

const EARLY: ReadonlySet<string> = new Set(['DELETE', 'REMOVE_LICENSES', 'DISABLE_AND_REMOVE_LICENSES']);

/** Counts the seats of a plan. */
export class SeatCount {
  readonly #seats = new Map<string, Seats>();

  /** @param licenses as Webex shows them before the plan */
  constructor(licenses: Iterable<License>) {
    for (const license of licenses) {
      const { totalUnits = -1, consumedUnits = 0 } = license;
      const counted = { total: totalUnits < 0 ? null : totalUnits, consumed: consumedUnits };
      this.#seats.set(canonicalId(license.id), {
        license,
        ...counted,
        early: 0,
        late: 0,
        taken: 0,
        lacking: 0,
      });
    }
  }

  /** Counts the seats that a draft gives back. */
  free({ action, frees, takes }: SeatDraft): void {
    const isEarly = EARLY.has(action) || (action !== 'RENAME' && action !== 'CREATE' && takes.length === 0);
    for (const seats of this.#of(frees)) {
      if (isEarly) seats.early += 1;
      else seats.late += 1;
    }
  }

  /**
   * Takes the seats of a draft. A creation takes all or none; an update takes those there are.
   * @returns ids of the licenses without a free seat
   */
  take({ action, takes }: SeatDraft): readonly string[] {
    const isCreation = action === 'CREATE';
    const lacking = takes.filter((id) => {
      const seats = this.#seats.get(canonicalId(id));
      return seats !== undefined && freeSeats(seats, isCreation) <= 0;
    });
    for (const seats of this.#of(lacking)) seats.lacking += 1;
    if (isCreation && lacking.length > 0) return lacking;
    for (const seats of this.#of(takes.filter((id) => !lacking.includes(id)))) seats.taken += 1;
    return lacking;
  }

  /** Whether anybody can lack a seat, if so many are asked for. @param asked by canonical id */
  isShort(asked: ReadonlyMap<string, number>): boolean {
    return [...asked].some(([id, number]) => {
      const seats = this.#seats.get(id);
      return seats !== undefined && number > freeSeats(seats, true);
    });
  }

  /** Licenses that the plan touches. */
  get all(): PlanSeats[] {
    return [...this.#seats.values()].filter(isTouched).map((seats) => {
      const { license, total, consumed, taken, lacking } = seats;
      const freed = seats.early + seats.late;
      const after = total === null ? null : total - consumed + freed - taken;
      const name = { licenseId: license.id, licenseName: license.name };
      return { ...name, total, consumed, freed, taken, after, lacking };
    });
  }

  #of(ids: readonly string[]): Seats[] {
    return ids.flatMap((id) => this.#seats.get(canonicalId(id)) ?? []);
  }
}

function freeSeats({ total, consumed, early, late, taken }: Seats, isCreation: boolean): number {
  if (total === null) return Number.POSITIVE_INFINITY;
  return total - consumed + early - taken + (isCreation ? 0 : late);
}

function isTouched({ early, late, taken, lacking }: Seats): boolean {
  return early + late + taken + lacking > 0;
}
