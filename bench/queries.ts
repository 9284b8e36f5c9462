import { type Outcome, timed } from './compare.ts';
import { assertData, readData, type Server } from './sides.ts';

// The queries, the same for our gateway and for the naive one, and what their answers come to.

interface UserAnswer {
  readonly licenses?: readonly object[];
  readonly roles?: readonly object[];
  readonly groups?: readonly object[];
}

interface UsersAnswer {
  readonly connector: {
    readonly users: {
      readonly nodes: readonly UserAnswer[];
    };
  };
}

const BASICS = 'webexId displayName emails title department';
const CATALOGUES = 'licenses { name } roles { name }';

/** A page of users with licenses and roles, and with groups where asked for. */
export function usersQuery(groups = false): string {
  return `query Users($connector: String, $first: Int, $after: String) { connector(name: $connector) {
    users(first: $first, after: $after) {
      nodes { ${BASICS} ${CATALOGUES} ${groups ? 'groups { displayName }' : ''} }
      pageInfo { hasNextPage endCursor }
    }
  } }`;
}

/** One user by id, without anything that takes another request. */
export const USER_BY_ID = `query User($connector: String, $id: ID) { connector(name: $connector) {
  user(id: $id) { displayName title department }
} }`;

/** One user by address with everything. */
export const USER_BY_EMAIL = `query User($connector: String, $email: EmailAddress) { connector(name: $connector) {
  user(email: $email) { ${BASICS} ${CATALOGUES} groups { displayName } }
} }`;

/** The first members of groups. */
export const MEMBERS = `query Groups($connector: String, $groups: Int, $each: Int) { connector(name: $connector) {
  groups(first: $groups) { nodes { displayName members(first: $each) { nodes { displayName emails } } } }
} }`;

/** Sends a query and times it up to the last byte of the answer; what it came to is counted afterwards. */
export async function timedQuery<Data>(
  server: Server,
  query: string,
  variables: object,
  contentOf: (data: Data) => string,
): Promise<Outcome> {
  let text = '';
  const { ms } = await timed(async () => {
    text = await server.send(query, variables);
    return '';
  });
  return { ms, content: contentOf(readData(text)) };
}

/** What a page of users came to, in the words of the floor. */
export function contentOfUsers({ connector }: UsersAnswer): string {
  return contentOf(connector.users.nodes);
}

/** What one user came to, in the words of the floor. */
export function contentOfUser({ connector }: { connector: { user: UserAnswer } }): string {
  return contentOf([connector.user]);
}

/** What groups and members came to, in the words of the floor. */
export function contentOfMembers(data: {
  connector: { groups: { nodes: { members: { nodes: object[] } }[] } };
}): string {
  const { nodes } = data.connector.groups;
  return `${nodes.length} groups, ${nodes.flatMap((group) => group.members.nodes).length} members`;
}

function contentOf(users: readonly UserAnswer[]): string {
  const total = createTally();
  total.add(users);
  return total.content();
}

/** How much of the organization is read, and how. */
export interface Export {
  /** How many users are enough. Default: all. */
  readonly count?: number;
  readonly groups?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How many users a page of an export holds. */
export const EXPORT_PAGE = 1_000;

/** Reads users page by page, as a client does that keeps nothing; answers with what they come to. */
export async function exportUsers(server: Server, options: Export): Promise<string> {
  const total = createTally();
  for await (const page of exportPages(server, options)) total.add(usersIn(page));
  return total.content();
}

/** The same, timed up to the last byte of the last page; what they come to is counted afterwards. */
export async function timedExport(server: Server, options: Export): Promise<Outcome> {
  const pages: string[] = [];
  const { ms } = await timed(async () => {
    for await (const page of exportPages(server, options)) pages.push(page);
    return '';
  });
  const total = createTally();
  for (const page of pages) total.add(usersIn(page));
  return { ms, content: total.content() };
}

/** Page by page, as they come. Only the end of each is read, because parsing it would cost what others need. */
async function* exportPages(server: Server, options: Export): AsyncGenerator<string> {
  const { count = Number.POSITIVE_INFINITY, groups = false, headers } = options;
  const query = usersQuery(groups);
  let after: string | null = null;
  for (let read = EXPORT_PAGE; ; read += EXPORT_PAGE) {
    const page: string = await server.send(query, { first: EXPORT_PAGE, after }, headers);
    assertData(page);
    yield page;
    const end = page.slice(page.lastIndexOf('"pageInfo":'));
    if (!end.includes('"hasNextPage":true') || read >= count) return;
    after = cursorIn(end);
  }
}

/** The cursor at the end of a page. Throws for a page without one. */
export function cursorIn(text: string): string {
  const cursor = /"endCursor":"([^"]+)"/.exec(text)?.[1];
  if (cursor === undefined) throw new Error('The list ended before all was read.');
  return cursor;
}

/** Adds up what users come to, in the words of the floor. */
function createTally() {
  const counts = { users: 0, licenses: 0, roles: 0, groups: 0 };
  return {
    add(users: readonly UserAnswer[]): void {
      counts.users += users.length;
      for (const user of users) {
        counts.licenses += user.licenses?.length ?? 0;
        counts.roles += user.roles?.length ?? 0;
        counts.groups += user.groups?.length ?? 0;
      }
    },
    content: () =>
      `${counts.users} users, ${counts.licenses} licenses, ${counts.roles} roles, ${counts.groups} groups`,
  };
}

function usersIn(page: string): readonly UserAnswer[] {
  return readData<UsersAnswer>(page).connector.users.nodes;
}

/** The ids of the first users. */
export const USER_IDS = `query ($connector: String, $first: Int) {
  connector(name: $connector) { users(first: $first) { nodes { id } } }
}`;

/** A change for each of many users. */
export const UPDATE_USERS = `mutation ($users: [UpdateUsersItemInput!]!) {
  updateUsers(input: { users: $users }) { items { outcome user { id title } } error { message } }
}`;
