import type { World } from './world.ts';

/** What tests look at of the record in an answer. */
const RECORDS = {
  user: 'id webexId displayName emails title department phoneNumbers { type value } extension locationWebexId licenses { name } roles { name } loginEnabled lastModifiedAt manager { emails }',
  group: 'id webexId displayName description memberCount',
} as const;

/** What tests look at of an error, whatever type it has. */
export const ERROR = `__typename code message retryable retryAfter
  ... on InvalidInput { problems { path message } }
  ... on NotFound { kind reference }
  ... on Ambiguous { candidates { id __typename } }
  ... on Conflict { current { id ... on User { emails displayName } ... on Group { displayName } } }
  ... on NoSeatsLeft { license { name } totalUnits availableUnits }
  ... on NotAllowed { requiredScope }
  ... on WebexFailure { webexMessage trackingIds missingScopes }
  ... on Unavailable { throttledUntil }`;

const PAYLOAD = `__typename outcome changes { field before after beforeText afterText applied }
  seats { license { name } needed available } auditEventId replayed error { ${ERROR} }`;

/** What comes back with a change of one user or group. */
export interface Changed {
  readonly __typename: string;
  readonly outcome:
    | 'APPLIED'
    | 'NOTHING_CHANGED'
    | 'DRY_RUN'
    | 'PARTIALLY_APPLIED'
    | 'NOT_APPLIED'
    | 'UNKNOWN';
  readonly changes: readonly ChangedField[];
  readonly seats: readonly { license: { name: string }; needed: number; available: number | null }[];
  readonly error: ChangeFailure | null;
  readonly auditEventId: string | null;
  readonly replayed: boolean;
  /** Of a change of a user. */
  readonly user?: Readonly<Record<string, unknown>> | null;
  /** Of a change of a group. */
  readonly group?: Readonly<Record<string, unknown>> | null;
  /** Of a change of a group: who could not be added or removed. */
  readonly members?: readonly { reference: string; action: string; outcome: string; error: ChangeFailure }[];
  readonly deletedUserId?: string | null;
  readonly deletedGroupId?: string | null;
}

/** One field of a change. */
export interface ChangedField {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly beforeText: string | null;
  readonly afterText: string | null;
  readonly applied: boolean | null;
}

/** Why a change was not made as asked for. */
export interface ChangeFailure extends Readonly<Record<string, unknown>> {
  readonly __typename: string;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfter: number | null;
}

function selectionFor(mutation: string): string {
  const record = mutation.includes('Group') ? 'group' : 'user';
  const deleted = {
    deleteUser: 'deletedUserId',
    deleteUsers: 'deletedUserId',
    deleteGroup: 'deletedGroupId',
  };
  const id = Object.entries(deleted).find(([name]) => name === mutation)?.[1] ?? '';
  const isOfMembers = record === 'group' && mutation !== 'deleteGroup';
  const members = isOfMembers ? `members { reference action outcome error { ${ERROR} } }` : '';
  return `${PAYLOAD} ${id} ${members} ${record} { ${RECORDS[record]} }`;
}

function headersWith(key: string | undefined) {
  return { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) };
}

/** Asks for one change and returns its whole payload. Throws if the field has none. */
export async function change(world: World, mutation: string, input: object, key?: string): Promise<Changed> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!`;
  const query = `mutation ($input: ${type}) { ${mutation}(input: $input) { ${selectionFor(mutation)} } }`;
  const { data, errors } = await world.query<Record<string, Changed | null>>(
    query,
    { input },
    { headers: headersWith(key) },
  );
  const payload = data?.[mutation];
  if (payload == null) throw new Error(`Unexpected: ${JSON.stringify(errors)}`);
  return payload;
}

/** What comes back with a list of changes. */
export interface ChangedList {
  readonly items: readonly Changed[];
  readonly counts: readonly { readonly outcome: Changed['outcome']; readonly count: number }[];
  readonly error: ChangeFailure | null;
}

/** As `change` for a list, with its counts and the error of the whole. */
export async function changeList(
  world: World,
  mutation: string,
  input: object,
  key?: string,
): Promise<ChangedList> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!`;
  const query = `mutation ($input: ${type}) { ${mutation}(input: $input) {
    items { ${selectionFor(mutation)} } counts { outcome count } error { ${ERROR} } } }`;
  const { data, errors } = await world.query<Record<string, ChangedList | null>>(
    query,
    { input },
    { headers: headersWith(key) },
  );
  const payload = data?.[mutation];
  if (payload == null) throw new Error(`Unexpected: ${JSON.stringify({ data, errors })}`);
  return payload;
}

/** As `changeList`: the payloads of the items in order. Throws if the list failed as a whole. */
export async function changeAll(
  world: World,
  mutation: string,
  input: object,
  key?: string,
): Promise<readonly Changed[]> {
  const { items, error } = await changeList(world, mutation, input, key);
  if (error !== null) throw new Error(`Unexpected: ${JSON.stringify(error)}`);
  return items;
}

/** The gateway's id of a user or group, by Webex's. */
export async function idOf(world: World, type: 'user' | 'group', webexId: string): Promise<string> {
  const { connector } = await world.ask<{ connector: Record<string, { id: string } | null> }>(
    `query ($id: ID!) { connector { ${type}(id: $id) { id } } }`,
    { id: webexId },
  );
  const id = connector[type]?.id;
  if (id === undefined) throw new Error(`There is no ${type} ${webexId}.`);
  return id;
}

/** The routes of the requests to Webex since the last look. */
export function routesOf(world: World): string[] {
  const routes = world.webex.requests.all.map(({ route }) => route);
  world.webex.requests.clear();
  return routes;
}

/** The names of the fields of a change that are, or are not, as asked for. */
export function appliedIn({ changes }: Changed, isApplied: boolean): string[] {
  return changes.filter(({ applied }) => applied === isApplied).map(({ field }) => field);
}

/** What is wrong with the input of a change; empty if nothing is. */
export function problemsOf({
  error,
}: Changed): readonly { readonly path: string; readonly message: string }[] {
  const problems = error?.problems;
  return Array.isArray(problems) ? problems : [];
}
