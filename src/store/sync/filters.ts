import type { Action, ItemOutcome, PlanState, RunState, Situation, SyncKind, Withheld } from './words.ts';

/** Which plans of a connector to list. A plan has to match all conditions. An empty list is no condition. */
export interface PlanFilter {
  readonly states?: readonly PlanState[] | undefined;
  /** Requested at this time or later. */
  readonly from?: Date | undefined;
  /** Requested before this time. */
  readonly to?: Date | undefined;
  readonly requestedBy?: string | undefined;
  /** Name of the mapping. */
  readonly mapping?: string | undefined;
}

/** Which runs of a connector to list. */
export interface RunFilter {
  readonly states?: readonly RunState[] | undefined;
  /** Created at this time or later. */
  readonly from?: Date | undefined;
  /** Created before this time. */
  readonly to?: Date | undefined;
  readonly startedBy?: string | undefined;
}

/** Which items of a plan to list. */
export interface ItemFilter {
  readonly actions?: readonly Action[] | undefined;
  readonly situations?: readonly Situation[] | undefined;
  readonly outcomes?: readonly ItemOutcome[] | undefined;
  readonly withheld?: readonly Withheld[] | undefined;
  readonly kinds?: readonly SyncKind[] | undefined;
  readonly nameStartsWith?: string | undefined;
  readonly sourceKey?: string | undefined;
  /** Items that change this field, by its name in `changes`. */
  readonly field?: string | undefined;
  readonly errorCode?: string | undefined;
  /** Settled after this revision of the run. */
  readonly settledAfter?: number | undefined;
  /** Only items that a run carries out: not withheld, and to be done at all. */
  readonly ofRun?: boolean | undefined;
}
