/** The operations of the command, and what they answer with. */

export interface Count {
  readonly kind: string;
  readonly situation: string;
  readonly action: string;
  readonly withheld: string | null;
  readonly count: number;
}

export interface Verdict {
  readonly limit: string;
  readonly outcome: string;
  readonly message: string;
  readonly examples: readonly { readonly name: string }[];
}

export interface Plan {
  readonly id: string;
  readonly state: string;
  readonly digest: string | null;
  readonly hasChanges: boolean;
  readonly progress: {
    readonly sourceRecords: number;
    readonly people: number;
    readonly groups: number;
    readonly requests: number;
  } | null;
  readonly lists: readonly {
    readonly name: string;
    readonly complete: boolean;
    readonly count: number;
    readonly reason: string | null;
  }[];
  readonly counts: readonly Count[];
  readonly verdicts: readonly Verdict[];
  readonly seats: readonly {
    readonly license: { readonly name: string } | null;
    readonly taken: number;
    readonly freed: number;
    readonly after: number | null;
    readonly lacking: number;
  }[];
  readonly estimate: { readonly requests: number; readonly seconds: number } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly run: { readonly id: string } | null;
  readonly exports: { readonly jsonLines: string; readonly csv: string; readonly markdown: string };
}

export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly beforeText: string | null;
  readonly afterText: string | null;
}

export interface Item {
  readonly seq: number;
  readonly kind: string;
  readonly situation: string;
  readonly action: string;
  readonly withheld: string | null;
  readonly reason: string | null;
  readonly name: string;
  readonly at: string | null;
  readonly changes: readonly FieldChange[];
  readonly outcome: string | null;
  readonly drift: readonly FieldChange[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface Run {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly message: string | null;
  readonly total: number;
  readonly settled: number;
  readonly counts: readonly { readonly action: string; readonly outcome: string; readonly count: number }[];
  readonly secondsLeft: number | null;
  readonly throttledUntil: string | null;
  readonly requests: number;
}

const PLAN_FIELDS = `
  id state digest hasChanges
  progress { sourceRecords people groups requests }
  lists { name complete count reason }
  counts { kind situation action withheld count }
  verdicts { limit outcome message examples { name } }
  seats { license { name } taken freed after lacking }
  estimate { requests seconds }
  error { code message }
  run { id }
  exports { jsonLines csv markdown }`;
const CHANGE_FIELDS = 'field before after beforeText afterText';
const ITEM_FIELDS = `
  seq kind situation action withheld reason name at outcome
  changes { ${CHANGE_FIELDS} } drift { ${CHANGE_FIELDS} } error { code message }`;
const RUN_FIELDS = `
  id state reason message total settled requests secondsLeft throttledUntil
  counts { action outcome count }`;
const ERROR_FIELDS = 'code message retryable ... on InvalidInput { problems { path message } }';

export const PLAN_SYNC = `mutation Plan($input: PlanSyncInput!) {
  planSync(input: $input) { plan { ${PLAN_FIELDS} } error { ${ERROR_FIELDS} } }
}`;

export const READ_PLAN = `query Plan($id: ID!) { node(id: $id) { ... on SyncPlan { ${PLAN_FIELDS} } } }`;

export const READ_ITEMS = `query Items($id: ID!, $first: Int!, $after: String, $filter: SyncItemFilter) {
  node(id: $id) {
    ... on SyncPlan {
      items(first: $first, after: $after, filter: $filter) {
        nodes { ${ITEM_FIELDS} } pageInfo { hasNextPage endCursor }
      }
    }
  }
}`;

export const READ_RUN_ITEMS = READ_ITEMS.replace('on SyncPlan', 'on SyncRun');

export const READ_RUN = `query Run($id: ID!) { node(id: $id) { ... on SyncRun { ${RUN_FIELDS} } } }`;

export const APPROVE_SYNC = `mutation Approve($input: ApproveSyncInput!) {
  approveSync(input: $input) { plan { ${PLAN_FIELDS} } error { ${ERROR_FIELDS} } }
}`;

export const APPLY_SYNC = `mutation Apply($input: ApplySyncInput!) {
  applySync(input: $input) { run { ${RUN_FIELDS} } error { ${ERROR_FIELDS} } }
}`;

export const PAUSE_SYNC = `mutation Pause($input: PauseSyncInput!) {
  pauseSync(input: $input) { run { ${RUN_FIELDS} } error { ${ERROR_FIELDS} } }
}`;

export const RESUME_SYNC = `mutation Resume($input: ResumeSyncInput!) {
  resumeSync(input: $input) { run { ${RUN_FIELDS} } error { ${ERROR_FIELDS} } }
}`;

export const CANCEL_SYNC = `mutation Cancel($input: CancelSyncInput!) {
  cancelSync(input: $input) { run { ${RUN_FIELDS} } plan { id state } error { ${ERROR_FIELDS} } }
}`;

export const PUT_MAPPING = `mutation PutMapping($input: PutSyncMappingInput!) {
  putSyncMapping(input: $input) {
    mapping { name version warnings { path message } }
    error { ${ERROR_FIELDS} }
  }
}`;

export const PREVIEW_MAPPING = `query Preview($input: PreviewSyncMappingInput!) {
  previewSyncMapping(input: $input) {
    preview {
      records {
        at qualifies key licenses groups
        fields { field after afterText } problems { path message }
      }
    }
    error { ${ERROR_FIELDS} }
  }
}`;

export const READ_SCHEDULES = `query Schedules($connector: ID, $name: String) {
  connector(id: $connector, name: $name) {
    syncSchedules { name cron timeZone mode enabled next lastOutcome }
  }
}`;
