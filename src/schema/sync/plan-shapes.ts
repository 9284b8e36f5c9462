import type { PlanProgress, PlanSeats, Verdict } from '../../store/sync/documents.ts';
import type { PlanState } from '../../store/sync/words.ts';
import type { ItemShape } from './refs.ts';

/** What the parts of a plan are made of for clients. */

export interface ProgressShape extends PlanProgress {
  readonly phase: PlanState;
  /** Records of the source; undefined if their number is not known. */
  readonly records: number | undefined;
}

export interface VerdictShape {
  readonly verdict: Verdict;
  /** Items that verdicts of the plan name, by their numbers; read once for all verdicts. */
  readonly examples: () => Promise<ReadonlyMap<number, ItemShape>>;
}

export interface SeatsShape {
  readonly seats: PlanSeats;
  readonly connectorId: string;
}

export interface SyncFailure {
  readonly code: string;
  readonly message: string;
}
