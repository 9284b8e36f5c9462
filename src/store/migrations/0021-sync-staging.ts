import { type Kysely, sql } from 'kysely';

/**
 * Creates the staging tables of synchronization: what a plan has read, and what it makes of that. Each plan has a partition
 * of its own in each of them, unlogged, that is dropped when the plan is made.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...TABLES, ...INDEXES]) await sql.raw(statement).execute(db);
}

const TABLES = [
  `create table sync_source_rows (
    plan_no integer not null,
    row_no integer not null,
    at text not null,
    key text,
    previous_key text,
    emails text[] not null,
    alternates text[] not null,
    former text[] not null,
    qualifies boolean not null,
    state text not null,
    problems jsonb,
    desired jsonb
  ) partition by list (plan_no)`,
  `create table sync_target_rows (
    plan_no integer not null,
    webex_id text not null,
    email text,
    others text[] not null,
    name text not null,
    type text not null,
    observed jsonb not null
  ) partition by list (plan_no)`,
  `create table sync_target_groups (
    plan_no integer not null,
    webex_id text not null,
    name text not null,
    name_key text not null,
    description text,
    complete boolean not null
  ) partition by list (plan_no)`,
  `create table sync_held_members (
    plan_no integer not null,
    group_id text not null,
    webex_id text not null
  ) partition by list (plan_no)`,
  `create table sync_wanted_members (
    plan_no integer not null,
    name_key text not null,
    row_no integer not null
  ) partition by list (plan_no)`,
  `create table sync_matches (
    plan_no integer not null,
    row_no integer,
    webex_id text,
    situation text not null,
    how text,
    candidates jsonb,
    reason text
  ) partition by list (plan_no)`,
  `create table sync_drafts (
    plan_no integer not null,
    draft_no integer not null,
    wave smallint not null,
    kind text not null,
    situation text not null,
    action text not null,
    withheld text,
    reason text,
    name text not null,
    at text,
    source_key text,
    target_id text,
    changes jsonb not null,
    reviewed jsonb,
    link jsonb,
    candidates jsonb,
    needs integer[],
    counts_in jsonb not null,
    seq integer,
    row_no integer,
    manager_row integer,
    takes text[]
  ) partition by list (plan_no)`,
];

const INDEXES = [
  'create index sync_source_rows_row on sync_source_rows (row_no)',
  'create index sync_source_rows_key on sync_source_rows (key)',
  'create index sync_source_rows_first on sync_source_rows ((emails[1]))',
  'create unique index sync_target_rows_id on sync_target_rows (plan_no, webex_id)',
  'create index sync_target_rows_email on sync_target_rows (email)',
  'create unique index sync_target_groups_id on sync_target_groups (plan_no, webex_id)',
  'create index sync_target_groups_name on sync_target_groups (name_key)',
  'create unique index sync_held_members_pair on sync_held_members (plan_no, group_id, webex_id)',
  'create index sync_wanted_members_group on sync_wanted_members (name_key, row_no)',
  'create index sync_matches_row on sync_matches (row_no)',
  'create index sync_matches_target on sync_matches (webex_id)',
  'create unique index sync_drafts_no on sync_drafts (plan_no, draft_no)',
  'create index sync_drafts_seq on sync_drafts (seq)',
];
