import type { World } from './world.ts';

/** What tests look at in the answer to a change. */
const FIELDS = {
  User: 'id webexId displayName emails title department phoneNumbers { type value } extension locationId licenses { name } roles { name } loginEnabled lastModified manager { emails }',
  Group: 'id webexId displayName description memberCount',
  NothingChanged: 'message',
  DryRun: 'changes { field before after } seats { license { name } needed available }',
  InvalidInput: 'problems { field message }',
  PartiallyApplied: 'applied notApplied webexMessage trackingId',
  NotApplied: 'notApplied',
  OutcomeUnknown: 'visible notVisible',
  EmailTaken: 'email user { emails } webexMessage trackingId',
  NameTaken: 'takenName webexMessage trackingId',
  NoSeatsLeft: 'license totalUnits webexMessage trackingId',
  Ambiguous: 'candidates',
  UpstreamForbidden: 'scopes webexMessage',
  UpstreamRejected: 'webexMessage trackingId',
  OtherOrganization: 'expectedOrganizationWebexId organizationWebexId recordWebexId',
  Error: 'code message',
} as const;

const OF_USERS = [
  'NothingChanged',
  'DryRun',
  'InvalidInput',
  'PartiallyApplied',
  'NotApplied',
  'EmailTaken',
] as const;
const OF_GROUPS = [
  'NothingChanged',
  'DryRun',
  'InvalidInput',
  'PartiallyApplied',
  'NotApplied',
  'NameTaken',
] as const;
const MORE_OF_USERS = ['NoSeatsLeft', 'Ambiguous'] as const;
const MORE = [
  'OutcomeUnknown',
  'UpstreamForbidden',
  'UpstreamRejected',
  'OtherOrganization',
  'Error',
] as const;

function selection(types: readonly (keyof typeof FIELDS)[]): string {
  return types.map((type) => `... on ${type} { ${FIELDS[type]} }`).join('\n');
}

const USER = selection(['User', ...OF_USERS, ...MORE_OF_USERS, ...MORE]);
const GROUP = selection(['Group', ...OF_GROUPS, ...MORE]);

export type Changed = { readonly __typename: string } & Readonly<Record<string, unknown>>;

/** Asks for one change and returns its outcome, whatever type it has. */
export async function change(world: World, mutation: string, input: object, key?: string): Promise<Changed> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!`;
  const fields = mutation.includes('Group') ? GROUP : USER;
  const query = `mutation ($input: ${type}) { ${mutation}(input: $input) { __typename ${fields} } }`;
  const headers = {
    'content-type': 'application/json',
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  };
  const { data, errors } = await world.query<Record<string, Changed>>(query, { input }, { headers });
  const outcome = data?.[mutation];
  if (outcome === undefined) throw new Error(`Unexpected: ${JSON.stringify(errors)}`);
  return outcome;
}

/** As `change` for a list: the outcomes in order. */
export async function changeAll(
  world: World,
  mutation: string,
  input: object,
  key?: string,
): Promise<readonly Changed[]> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}`;
  const result = { createUsers: 'CreatedUsers', updateUsers: 'UpdatedUsers', deleteUsers: 'DeletedUsers' }[
    mutation
  ];
  const query = `mutation ($input: ${type}Input!) { ${mutation}(input: $input) {
    ... on ${result} { results { __typename ${USER} } } ... on Error { message } } }`;
  const headers = {
    'content-type': 'application/json',
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  };
  const { data, errors } = await world.query<Record<string, { results?: readonly Changed[] }>>(
    query,
    { input },
    { headers },
  );
  const results = data?.[mutation]?.results;
  if (results === undefined) throw new Error(`Unexpected: ${JSON.stringify({ data, errors })}`);
  return results;
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
