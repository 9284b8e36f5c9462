import type { FieldChange, Json } from '../tables.ts';

/** The words of synchronization, as they are stored. What they mean is told in src/sync and in docs/sync.md. */

export type SyncKind = 'USER' | 'GROUP';

export type SyncFileFormat = 'CSV' | 'JSON_LINES' | 'JSON';

export type PlanState =
  | 'QUEUED'
  | 'READING'
  | 'OBSERVING'
  | 'COMPARING'
  | 'READY'
  | 'UNCHANGED'
  | 'BLOCKED'
  | 'APPLIED'
  | 'FAILED'
  | 'CANCELED'
  | 'EXPIRED';

export type RunState =
  | 'QUEUED'
  | 'RUNNING'
  | 'PAUSED'
  | 'COMPLETED'
  | 'COMPLETED_WITH_ERRORS'
  | 'CANCELED'
  | 'FAILED';

/** Why a run is paused. */
export type PauseReason =
  | 'BY_CALLER'
  | 'ERRORS'
  | 'RECONNECT_REQUIRED'
  | 'FORBIDDEN'
  | 'READ_ONLY'
  | 'STOP_AFTER';

/** What a caller wants of a plan or a run. Its worker obeys between two steps. */
export type Wanted = 'RUN' | 'PAUSE' | 'CANCEL';

export type Situation =
  | 'INVALID'
  | 'DUPLICATE_SOURCE'
  | 'SOURCE_IGNORED'
  | 'UNQUALIFIED'
  | 'AMBIGUOUS'
  | 'FOUND_ALREADY_LINKED'
  | 'CONFIRMED'
  | 'FOUND'
  | 'MISSING'
  | 'ABSENT'
  | 'SOURCE_MISSING'
  | 'UNASSIGNED'
  | 'TARGET_IGNORED';

export type Action =
  | 'CREATE'
  | 'UPDATE'
  | 'RENAME'
  | 'ENABLE'
  | 'DISABLE'
  | 'REMOVE_LICENSES'
  | 'DISABLE_AND_REMOVE_LICENSES'
  | 'DELETE'
  | 'LINK'
  | 'RELINK'
  | 'UNLINK'
  | 'SET_MANAGER'
  | 'CREATE_GROUP'
  | 'UPDATE_GROUP'
  | 'CHANGE_MEMBERS'
  | 'DELETE_GROUP'
  | 'REPORT'
  | 'NONE';

export type Withheld =
  | 'PROTECTED'
  | 'INCOMPLETE'
  | 'SECOND_LOOK'
  | 'NO_SEATS'
  | 'NAME_TAKEN'
  | 'ADDRESS_SWAP'
  | 'DEPENDENCY'
  | 'DIRECTORY_SYNCHRONIZED'
  | 'IN_GRACE'
  | 'CREATE_ONLY'
  | 'READ_ONLY'
  | 'NARROWED';

export type ItemOutcome =
  | 'APPLIED'
  | 'ALREADY'
  | 'PARTIALLY_APPLIED'
  | 'DRIFTED'
  | 'FAILED'
  | 'UNKNOWN'
  | 'SKIPPED';

/** An outcome once the item has one. SENDING: something of it may have been sent. */
export type ItemState = 'PLANNED' | 'SENDING' | ItemOutcome;

export type LimitName =
  | 'DELETE'
  | 'DISABLE'
  | 'REMOVE_LICENSES'
  | 'REMOVE_MEMBERS'
  | 'EMPTY_GROUP'
  | 'RENAME'
  | 'UPDATE'
  | 'CREATE'
  | 'ROLES'
  | 'RELINK'
  | 'SOURCE_SHRUNK'
  | 'INVALID_RECORDS'
  | 'SOURCE_EMPTY';

export type VerdictOutcome = 'PASSED' | 'NEEDS_APPROVAL' | 'APPROVED' | 'FORBIDDEN';

/** A part of a source that could not be used. */
export interface SyncProblem {
  /** Where it is: `line 17`, `byte 2048`, `_id 4f1c…`. */
  readonly at: string;
  readonly code: string;
  /** Never holds the value. */
  readonly message: string;
}

/** A problem of a record or of a mapping, by field. */
export interface RecordProblem {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** A user or group of Webex that a record may stand for. */
export interface Candidate {
  readonly webexId: string;
  readonly name: string;
  readonly how: 'LINK' | 'EMAIL' | 'ALTERNATE_EMAIL' | 'PREVIOUS_EMAIL';
}

/** What an item stores in the table of links once it is applied. */
export interface ItemLink {
  /** All addresses that the user had here, canonical. For a group its canonical name. */
  readonly emails: readonly string[];
  /** The key whose link moves to this one. */
  readonly previousKey?: string;
}

export interface ItemError {
  readonly code: string;
  readonly message: string;
  readonly webexMessage?: string;
  readonly trackingIds: readonly string[];
  readonly field?: string;
}

export type { FieldChange, Json };
