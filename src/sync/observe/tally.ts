import { createMeter, type Meter } from '../../datasources/http/meter.ts';
import type { ScanEnd } from '../../datasources/rest/scan-list.ts';
import type { ListReport } from '../../store/sync/documents.ts';
import type { ObservationProgress } from './observe.ts';

export type ListName = Exclude<ListReport['name'], 'source'>;
export type ListEnd = ScanEnd;

/** Counts what an observation reads and what it costs, list by list. */
export class Tally {
  people = 0;
  others = 0;
  groups = 0;
  heldMembers = 0;
  readonly #meters = new Map<ListName, Meter>();
  readonly #ends = new Map<ListName, ListEnd>();
  readonly #notes = new Map<ListName, string>();
  readonly #progress: (progress: ObservationProgress) => void;

  constructor(progress: (progress: ObservationProgress) => void) {
    this.#progress = progress;
  }

  /** Counts the requests of a list. */
  meterOf(name: ListName): Meter {
    const meter = this.#meters.get(name) ?? createMeter();
    this.#meters.set(name, meter);
    return meter;
  }

  get requests(): number {
    return [...this.#meters.values()].reduce((sum, { requests }) => sum + requests, 0);
  }

  /** Tells how far the observation is. */
  tell(): void {
    this.#progress({ people: this.people + this.others, groups: this.groups, requests: this.requests });
  }

  ended(name: ListName, end: ListEnd): void {
    this.#ends.set(name, end);
  }

  /** Notes about a list that has ended what of it may be out of date. */
  note(name: ListName, text: string): void {
    this.#notes.set(name, text);
  }

  reports(): ListReport[] {
    // Records that were read again after the list had ended count as well.
    const counts: { readonly [Name in ListName]?: number } = {
      people: this.people + this.others,
      groups: this.groups,
      members: this.heldMembers,
    };
    return [...this.#ends].map(([name, end]) => {
      const reason = end.reason ?? this.#notes.get(name);
      return {
        ...{ name, complete: end.complete, count: counts[name] ?? end.count },
        requests: this.#meters.get(name)?.requests ?? 0,
        ...(reason === undefined ? {} : { reason }),
      };
    });
  }
}
