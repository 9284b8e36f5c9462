import type { ColumnType, Generated, GeneratedAlways, Selectable } from 'kysely';
import type {
  ListReport,
  OnlyItems,
  Phase,
  PlanCount,
  PlanEstimate,
  PlanProgress,
  PlanRequest,
  PlanSeats,
  RunCount,
  Verdict,
} from './documents.ts';
import type { SyncScheduleRow, SyncSchedulesTable } from './schedules-table.ts';
import type { StagingTables } from './staging-tables.ts';
import type {
  Action,
  Candidate,
  FieldChange,
  ItemError,
  ItemLink,
  ItemState,
  Json,
  PauseReason,
  PlanState,
  RunState,
  Situation,
  SyncFileFormat,
  SyncKind,
  SyncProblem,
  Wanted,
  Withheld,
} from './words.ts';

/** Written as JSON text. */
type Stored<T> = ColumnType<T, string, string>;
type StoredOrNull<T> = ColumnType<T | null, string | null, string | null>;
type Instant = ColumnType<Date, Date, Date>;
type InstantOrNull = ColumnType<Date | null, Date | null, Date | null>;
type TextList = ColumnType<string[], readonly string[], readonly string[]>;
type Defaulted<T> = ColumnType<T, T | undefined, T>;

export interface SyncFilesTable {
  id: string;
  name: string;
  format: SyncFileFormat;
  state: 'RECEIVING' | 'READY';
  /** Of the inflated content. */
  bytes: ColumnType<string, number, number>;
  rows: number;
  /** Of the inflated content; null while it is received. */
  sha256: Buffer | null;
  columns: Defaulted<string[]>;
  /** The first twenty. */
  problems: ColumnType<readonly SyncProblem[], string | undefined, string>;
  problem_count: Defaulted<number>;
  uploaded_by: string;
  created_at: Generated<Date>;
  expires_at: Instant;
}

export interface SyncFileChunksTable {
  /** What the body is sealed for. */
  id: string;
  file_id: string;
  seq: number;
  /** Compressed, then sealed. */
  body: string;
}

export interface SyncMappingsTable {
  name: string;
  version: number;
  text: string;
  digest: Buffer;
  created_by: string;
  created_at: Generated<Date>;
  /** A deleted version stays as long as a plan shows it. */
  deleted_at: Defaulted<Date | null>;
}

/** What a worker needs to own a piece of work. The epoch rises with each owner. */
export interface Leased {
  holder: Defaulted<string | null>;
  epoch: Defaulted<number>;
  lease_until: Defaulted<Date | null>;
}

export interface SyncPlansTable extends Leased {
  id: string;
  /** Names the partitions of the staging tables. */
  plan_no: GeneratedAlways<number>;
  connector_id: string;
  organization_id: string | null;
  state: PlanState;
  wanted: Defaulted<Wanted>;
  request: Stored<PlanRequest>;
  /** SHA-256 of the idempotency key, hexadecimal; null without one. */
  request_key: Defaulted<string | null>;
  /** SHA-256 of what was asked for with that key, hexadecimal. */
  request_hash: Defaulted<string | null>;
  mapping_name: string | null;
  /** 0 for a mapping that came with the request. */
  mapping_version: number | null;
  digest: Defaulted<Buffer | null>;
  lists: StoredOrNull<readonly ListReport[]>;
  counts: StoredOrNull<readonly PlanCount[]>;
  seats: StoredOrNull<readonly PlanSeats[]>;
  verdicts: StoredOrNull<readonly Verdict[]>;
  estimate: StoredOrNull<PlanEstimate>;
  has_changes: Defaulted<boolean | null>;
  progress: StoredOrNull<PlanProgress>;
  phases: StoredOrNull<readonly Phase[]>;
  requested_by: string;
  requested_at: Generated<Date>;
  observed_at: Defaulted<Date | null>;
  ready_at: Defaulted<Date | null>;
  expires_at: Defaulted<Date | null>;
  approved_by: Defaulted<string | null>;
  approved_at: Defaulted<Date | null>;
  approval_reason: Defaulted<string | null>;
  error_code: Defaulted<string | null>;
  error_message: Defaulted<string | null>;
  revision: Defaulted<number>;
  tries: Defaulted<number>;
}

export interface SyncItemsTable {
  plan_id: string;
  seq: number;
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
  /** Managed fields as the plan shows them. */
  reviewed: StoredOrNull<Readonly<Record<string, Json>>>;
  link: StoredOrNull<ItemLink>;
  needs: number[] | null;
  candidates: StoredOrNull<readonly Candidate[]>;
  sha256: Buffer;
  state: Defaulted<ItemState>;
  not_before: Defaulted<Date | null>;
  tries: Defaulted<number>;
  /** How often it was looked for an outcome that is not known. */
  looks: Defaulted<number>;
  epoch: Defaulted<number | null>;
  event_id: Defaulted<string | null>;
  error: StoredOrNull<ItemError>;
  drift: StoredOrNull<readonly FieldChange[]>;
  settled_at: Defaulted<Date | null>;
  /** Of its run, when it was settled. */
  revision: Defaulted<number | null>;
}

export interface SyncRunsTable extends Leased {
  id: string;
  plan_id: string;
  connector_id: string;
  organization_id: string;
  state: RunState;
  wanted: Defaulted<Wanted>;
  reason: Defaulted<PauseReason | null>;
  message: Defaulted<string | null>;
  only_items: StoredOrNull<OnlyItems>;
  /** As the caller asked. */
  stop_after: number | null;
  /** After how many settled items it pauses; null once it has. */
  stop_at: number | null;
  /** Items that the run sends. */
  total: number;
  /** Of these, how many have an outcome. */
  settled: Defaulted<number>;
  counts: Stored<readonly RunCount[]>;
  wave: Defaulted<number | null>;
  requests: Defaulted<number>;
  retries: Defaulted<number>;
  throttled_ms: ColumnType<string, number | undefined, number>;
  phases: Stored<readonly Phase[]>;
  started_by: string;
  created_at: Generated<Date>;
  started_at: Defaulted<Date | null>;
  /** When it was last paused. */
  paused_at: Defaulted<Date | null>;
  ended_at: Defaulted<Date | null>;
  revision: Defaulted<number>;
}

export interface SyncLinksTable {
  connector_id: string;
  organization_id: string;
  mapping_name: string;
  kind: SyncKind;
  source_key: string;
  webex_id: string;
  /** All addresses that the user had here, canonical. */
  emails: TextList;
  created_by_us: boolean;
  missing_since: InstantOrNull;
  confirmed_at: Instant;
}

export interface SyncTables extends StagingTables {
  sync_files: SyncFilesTable;
  sync_file_chunks: SyncFileChunksTable;
  sync_mappings: SyncMappingsTable;
  sync_plans: SyncPlansTable;
  sync_items: SyncItemsTable;
  sync_runs: SyncRunsTable;
  sync_links: SyncLinksTable;
  sync_schedules: SyncSchedulesTable;
}

export type SyncFileRow = Selectable<SyncFilesTable>;
export type SyncMappingRow = Selectable<SyncMappingsTable>;
export type SyncPlanRow = Selectable<SyncPlansTable>;
export type SyncItemRow = Selectable<SyncItemsTable>;
export type SyncRunRow = Selectable<SyncRunsTable>;
export type { SyncScheduleRow };
