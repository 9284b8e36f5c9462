import type { Selectable } from 'kysely';
import type { StagingTables } from './staging-tables.ts';

/** A row of a staging table, without the number of its plan. */
export type StagingRow<Table extends keyof StagingTables> = Omit<Selectable<StagingTables[Table]>, 'plan_no'>;

export const STAGING_TABLES = [
  'sync_source_rows',
  'sync_target_rows',
  'sync_target_groups',
  'sync_held_members',
  'sync_wanted_members',
  'sync_matches',
  'sync_drafts',
] as const satisfies readonly (keyof StagingTables)[];

/** The tables with their columns, as `jsonb_to_recordset` reads them. */
export const STAGING_COLUMNS: { readonly [Table in keyof StagingTables]: Columns<Table> } = {
  sync_source_rows: {
    ...{ row_no: 'integer', at: 'text', key: 'text', previous_key: 'text', emails: 'text[]' },
    ...{ alternates: 'text[]', former: 'text[]', qualifies: 'boolean', state: 'text' },
    ...{ problems: 'jsonb', desired: 'jsonb' },
  },
  sync_target_rows: {
    ...{ webex_id: 'text', email: 'text', others: 'text[]', name: 'text', type: 'text', observed: 'jsonb' },
  },
  sync_target_groups: {
    ...{ webex_id: 'text', name: 'text', name_key: 'text', description: 'text', complete: 'boolean' },
  },
  sync_held_members: { group_id: 'text', webex_id: 'text' },
  sync_wanted_members: { name_key: 'text', row_no: 'integer' },
  sync_matches: {
    ...{ row_no: 'integer', webex_id: 'text', situation: 'text', how: 'text', candidates: 'jsonb' },
    reason: 'text',
  },
  sync_drafts: {
    ...{ draft_no: 'integer', wave: 'smallint', kind: 'text', situation: 'text', action: 'text' },
    ...{ withheld: 'text', reason: 'text', name: 'text', at: 'text', source_key: 'text', target_id: 'text' },
    ...{ changes: 'jsonb', reviewed: 'jsonb', link: 'jsonb', candidates: 'jsonb' },
    ...{ needs: 'integer[]', counts_in: 'jsonb' },
    ...{ row_no: 'integer', manager_row: 'integer', takes: 'text[]' },
  },
};

type ColumnType = 'text' | 'text[]' | 'integer' | 'integer[]' | 'smallint' | 'boolean' | 'jsonb';
type Columns<Table extends keyof StagingTables> = {
  readonly [Column in keyof StagingRow<Table>]: ColumnType;
};
