import type { ColumnType } from 'kysely';
import type {
  Action,
  Candidate,
  FieldChange,
  ItemLink,
  Json,
  RecordProblem,
  Situation,
  SyncKind,
  Withheld,
} from './words.ts';

/** Staging: each plan has one unlogged partition of each of these tables, which is dropped when the plan is made. */

/** Written as JSON text. */
type Stored<T> = ColumnType<T, string, string>;
type StoredOrNull<T> = ColumnType<T | null, string | null, string | null>;
type TextList = ColumnType<string[], readonly string[], readonly string[]>;

/** Records of the source, mapped. */
export interface SyncSourceRowsTable {
  plan_no: number;
  row_no: number;
  at: string;
  key: string | null;
  previous_key: string | null;
  /** Canonical; the first signs in. */
  emails: TextList;
  alternates: TextList;
  former: TextList;
  qualifies: boolean;
  state: 'OK' | 'INVALID' | 'UNCHANGED' | 'DELETED';
  problems: StoredOrNull<readonly RecordProblem[]>;
  /** As src/sync/words.ts has it; null unless the state is OK. */
  desired: StoredOrNull<Json>;
}

export interface SyncTargetRowsTable {
  plan_no: number;
  webex_id: string;
  /** Canonical first address. */
  email: string | null;
  /** Canonical other addresses. */
  others: TextList;
  name: string;
  /** Webex's type: `person`, `bot`, `appuser`. */
  type: string;
  /** Managed fields as src/sync/words.ts has them. */
  observed: Stored<Json>;
}

export interface SyncTargetGroupsTable {
  plan_no: number;
  webex_id: string;
  name: string;
  /** Canonical name. */
  name_key: string;
  description: string | null;
  /** Whether all its members were read. */
  complete: boolean;
}

export interface SyncHeldMembersTable {
  plan_no: number;
  group_id: string;
  webex_id: string;
}

export interface SyncWantedMembersTable {
  plan_no: number;
  /** Canonical name of the group. */
  name_key: string;
  row_no: number;
}

/** Whom each record stands for. */
export interface SyncMatchesTable {
  plan_no: number;
  row_no: number | null;
  webex_id: string | null;
  situation: Situation;
  how: Candidate['how'] | null;
  candidates: StoredOrNull<readonly Candidate[]>;
  reason: string | null;
}

/** Items before they have their order. */
export interface SyncDraftsTable {
  plan_no: number;
  draft_no: number;
  wave: number;
  kind: SyncKind;
  situation: Situation;
  action: Action;
  withheld: Withheld | null;
  reason: string | null;
  name: string;
  at: string | null;
  source_key: string | null;
  target_id: string | null;
  changes: Stored<readonly FieldChange[]>;
  reviewed: StoredOrNull<Readonly<Record<string, Json>>>;
  link: StoredOrNull<ItemLink>;
  candidates: StoredOrNull<readonly Candidate[]>;
  /** Numbers of drafts that must succeed first. */
  needs: number[] | null;
  /** Limits that the draft counts in, and how much. */
  counts_in: Stored<Readonly<Record<string, number>>>;
  /** Of its source record. */
  row_no: number | null;
  /** Of the source record of the manager, if the manager is to be created. */
  manager_row: number | null;
  /** Canonical addresses that the user is to get. */
  takes: string[] | null;
}

export interface StagingTables {
  sync_source_rows: SyncSourceRowsTable;
  sync_target_rows: SyncTargetRowsTable;
  sync_target_groups: SyncTargetGroupsTable;
  sync_held_members: SyncHeldMembersTable;
  sync_wanted_members: SyncWantedMembersTable;
  sync_matches: SyncMatchesTable;
  sync_drafts: SyncDraftsTable;
}
