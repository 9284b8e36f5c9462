import type { ColumnType, Generated, Selectable } from 'kysely';
import type { ScheduledRequest } from './documents.ts';
import type { Leased } from './tables.ts';

type Stored<T> = ColumnType<T, string, string>;
type InstantOrNull = ColumnType<Date | null, Date | null, Date | null>;
type Defaulted<T> = ColumnType<T, T | undefined, T>;

export interface SyncSchedulesTable extends Leased {
  id: string;
  connector_id: string;
  name: string;
  cron: string;
  time_zone: string;
  mode: 'PLAN_ONLY' | 'APPLY_WITHIN_LIMITS';
  request: Stored<ScheduledRequest>;
  enabled: boolean;
  next_at: InstantOrNull;
  last_plan_id: Defaulted<string | null>;
  last_outcome: Defaulted<string | null>;
  /** What its last plan or run still has to come to; null: nothing. */
  awaits: Defaulted<'PLAN' | 'RUN' | null>;
  /** Version of the mapping when the schedule was last put; 0 for a mapping that is in the request. */
  mapping_version: Defaulted<number | null>;
  failures: Defaulted<number>;
  created_by: string;
  created_at: Generated<Date>;
}

export type SyncScheduleRow = Selectable<SyncSchedulesTable>;
