import type {
  Action,
  ItemOutcome,
  Json,
  LimitName,
  Situation,
  SyncKind,
  VerdictOutcome,
  Withheld,
} from './words.ts';

/** What plans and runs keep as JSON documents. */

/** How one list that a plan relies on ended. */
export interface ListReport {
  readonly name: 'source' | 'people' | 'licenses' | 'roles' | 'groups' | 'members';
  readonly complete: boolean;
  readonly count: number;
  readonly requests: number;
  /** Why it is incomplete, or what of a complete list may be out of date. */
  readonly reason?: string;
}

export interface PlanCount {
  readonly kind: SyncKind;
  readonly situation: Situation;
  readonly action: Action;
  readonly withheld: Withheld | null;
  readonly count: number;
}

/** One limit of the policy, compared with the plan. */
export interface Verdict {
  readonly limit: LimitName;
  readonly value: number;
  /** The lower of count and percentage, as a count. */
  readonly threshold: number;
  readonly setIn: 'default' | 'policy' | 'request';
  readonly outcome: VerdictOutcome;
  readonly message: string;
  /** Numbers of the first ten items that count. */
  readonly examples: readonly number[];
}

export interface PlanSeats {
  readonly licenseId: string;
  readonly licenseName: string;
  /** Null: unlimited. */
  readonly total: number | null;
  readonly consumed: number;
  readonly freed: number;
  readonly taken: number;
  readonly after: number | null;
  /** Users who would find no seat. */
  readonly lacking: number;
}

export interface PlanProgress {
  readonly sourceRecords: number;
  readonly people: number;
  readonly groups: number;
  readonly requests: number;
}

/** A part of the work on a plan or a run. */
export interface Phase {
  readonly name: 'READING' | 'OBSERVING' | 'COMPARING' | 'WAVE';
  readonly wave?: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly seconds: number;
  readonly requests: number;
  readonly cpuSeconds: number;
}

export interface PlanEstimate {
  readonly requests: number;
  readonly seconds: number;
}

/** Which items of a plan a run carries out. Null: all. */
export interface OnlyItems {
  readonly actions?: readonly Action[];
  readonly seqs?: readonly number[];
}

export interface RunCount {
  readonly action: Action;
  readonly outcome: ItemOutcome;
  readonly count: number;
}

/** A limit that a request lowers. */
export interface NarrowLimit {
  readonly limit: LimitName;
  readonly count?: number;
  readonly percent?: number;
}

/** Makes a plan smaller or stricter than its mapping's policy. */
export interface Narrow {
  readonly emails?: readonly string[];
  readonly keys?: readonly string[];
  readonly domains?: readonly string[];
  readonly groups?: readonly string[];
  readonly actions?: readonly Action[];
  readonly limits?: readonly NarrowLimit[];
}

/** What was asked for with a plan. */
export interface PlanRequest {
  readonly fileId?: string;
  readonly rows?: readonly Json[];
  /** Id of another connector, the source. */
  readonly sourceId?: string;
  /** Id of a run whose items that were not applied are planned again. */
  readonly retryOf?: string;
  readonly mapping: { readonly name: string; readonly version: number } | { readonly text: string };
  readonly narrow?: Narrow;
  readonly extent: 'ALL' | 'CHANGES';
  readonly note?: string;
  /** Whether the caller had the scope `admin`. */
  readonly byAdmin: boolean;
  /** The creator of the schedule that asked for it. */
  readonly onBehalfOf?: string;
}

/** What a schedule plans each time. */
export interface ScheduledRequest extends PlanRequest {
  /** Whether the newest version of the mapping is planned with, and not the one that is named. */
  readonly newestMapping: boolean;
}
