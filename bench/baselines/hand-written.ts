import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import DataLoader from 'dataloader';
import { createSchema, createYoga } from 'graphql-yoga';
import { Pool } from 'undici';
import { answerCommands, readInput } from '../commands.ts';
import type { Upstream } from '../sides.ts';
import { BASELINE_SCHEMA } from './baseline-schema.ts';

// The gateway that a good engineer writes in two days: GraphQL Yoga, loaders for each request, a connection pool,
// catalogues that are kept. No database, no audit trail, no access rules, and no check of what Webex sends.

interface Person {
  readonly id: string;
  readonly licenses?: readonly string[];
  readonly roles?: readonly string[];
}

interface Group {
  readonly id: string;
  readonly displayName: string;
  readonly memberSize?: number;
  readonly members?: readonly { readonly id: string }[];
}

interface PageArguments {
  readonly first: number;
  readonly after?: string | null;
}

type Query = Readonly<Record<string, string | number | boolean>>;
type Names = ReadonlyMap<string, { readonly name: string }>;

const IDS_PER_REQUEST = 85;
const PEOPLE_PER_SEARCH = 20;
const MEMBERS_PER_REQUEST = 500;
const KEPT_MS = 30_000;
const ATTEMPTS = 10;

const { url, token, organizationUuid, connections } = readInput<Upstream>();
const pool = new Pool(url, { connections, pipelining: 1 });
const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };

/** Sends a request, and again when Webex says that it was too many. */
async function send<Body>(
  method: 'GET' | 'PUT',
  path: string,
  content?: object,
): Promise<{ body: Body; next: string | undefined }> {
  const body = content === undefined ? null : JSON.stringify(content);
  for (let attempt = 1; ; attempt += 1) {
    const answer = await pool.request({
      method,
      path,
      headers: body === null ? headers : { ...headers, 'content-type': 'application/json' },
      body,
    });
    const text = await answer.body.text();
    if (answer.statusCode === 429 && attempt < ATTEMPTS) {
      await sleep(1_000 * Number(answer.headers['retry-after'] ?? 1));
      continue;
    }
    if (answer.statusCode !== 200) throw new Error(`Webex answered ${answer.statusCode}.`);
    const parsed: Body = JSON.parse(text);
    return { body: parsed, next: /<([^>]+)>; rel="next"/.exec(String(answer.headers.link ?? ''))?.[1] };
  }
}

async function get<Body>(path: string, query: Query = {}): Promise<Body> {
  return (await send<Body>('GET', pathOf(path, query))).body;
}

function pathOf(path: string, query: Query): string {
  const entries = Object.entries(query).map(([name, value]) => [name, String(value)]);
  return `${path}?${new URLSearchParams(entries)}`;
}

/** Reads something at most once in thirty seconds. */
function kept<T>(read: () => Promise<T>): () => Promise<T> {
  let current: { readonly value: Promise<T>; readonly until: number } | undefined;
  return () => {
    if (current !== undefined && performance.now() < current.until) return current.value;
    const value = read();
    current = { value, until: performance.now() + KEPT_MS };
    value.catch(() => {
      current = undefined;
    });
    return value;
  };
}

async function catalogue(path: string): Promise<Names> {
  const { items } = await get<{ items: { id: string; name: string }[] }>(path);
  return new Map(items.map((item) => [item.id, item]));
}

const licenses = kept(() => catalogue('/v1/licenses'));
const roles = kept(() => catalogue('/v1/roles'));

/** Everybody's groups, from the groups with their members. */
const groupsByPerson = kept(async () => {
  const byPerson = new Map<string, Group[]>();
  const add = (group: Group, members: Group['members'] = []) => {
    for (const { id } of members) byPerson.set(id, [...(byPerson.get(id) ?? []), group]);
  };
  const rest = async (group: Group, startIndex: number) => {
    const path = `/v1/groups/${group.id}/members`;
    const { members } = await get<Group>(path, { startIndex, count: MEMBERS_PER_REQUEST });
    add(group, members);
  };
  let next: string | undefined = pathOf('/v1/groups', { includeMembers: true, count: 50 });
  const pending: Promise<void>[] = [];
  while (next !== undefined) {
    const page: { body: { groups: Group[] }; next: string | undefined } = await send('GET', next);
    for (const group of page.body.groups) {
      const { members = [], memberSize = 0 } = group;
      add(group, members);
      for (let start = members.length + 1; start <= memberSize; start += MEMBERS_PER_REQUEST)
        pending.push(rest(group, start));
    }
    next = localPath(page.next);
  }
  await Promise.all(pending);
  return byPerson;
});

function localPath(address: string | undefined): string | undefined {
  return address?.slice(new URL(address).origin.length);
}

/** What one GraphQL request reads, once and in batches. */
function createLoaders() {
  const person = new DataLoader<string, Person | null>(
    async (ids) => {
      const [only] = ids;
      if (ids.length === 1 && only !== undefined) return [await get<Person>(`/v1/people/${only}`)];
      const id = ids.join(',');
      const { items } = await get<{ items: Person[] }>('/v1/people', { id, excludeStatus: true });
      const found = new Map(items.map((item) => [item.id, item]));
      return ids.map((wanted) => found.get(wanted) ?? null);
    },
    { maxBatchSize: IDS_PER_REQUEST },
  );
  const groups = new DataLoader<string, readonly { readonly displayName: string }[]>(async (ids) => {
    if (ids.length > PEOPLE_PER_SEARCH) {
      const byPerson = await groupsByPerson();
      return ids.map((id) => byPerson.get(id) ?? []);
    }
    const uuids = ids.map((id) => Buffer.from(id, 'base64').toString().split('/').at(-1) ?? '');
    const filter = uuids.map((uuid) => `id eq "${uuid}"`).join(' or ');
    const { Resources } = await get<{ Resources: { id: string; groups?: { display: string }[] }[] }>(
      `/identity/scim/${organizationUuid}/v2/Users`,
      { filter, returnGroups: true, count: uuids.length },
    );
    const found = new Map(Resources.map((resource) => [resource.id, resource.groups ?? []]));
    return uuids.map((uuid) =>
      (found.get(uuid) ?? [])
        .map(({ display }) => ({ displayName: display }))
        .filter(({ displayName }) => displayName !== 'All Org Users'),
    );
  });
  return { person, groups };
}

type Context = ReturnType<typeof createLoaders>;

/** Fields that Webex shows of a person and does not take. */
const READ_ONLY = [
  ...['id', 'orgId', 'created', 'lastModified', 'timezone', 'lastActivity', 'sipAddresses', 'status'],
  ...['invitePending', 'loginEnabled', 'type', 'nickName', 'userName', 'avatarProvided'],
];

interface UserChange {
  readonly id: string;
  readonly user: object;
}

/** Webex replaces whole people, so the person is read first. */
async function update({ id, user }: UserChange): Promise<Person> {
  const path = `/v1/people/${id}`;
  const { phoneNumbers = [], ...person } = await get<{ phoneNumbers?: readonly { readonly type: string }[] }>(
    path,
  );
  // Webex takes no other numbers.
  const numbers = phoneNumbers.filter(({ type }) => type === 'work');
  const taken = Object.entries({ ...person, phoneNumbers: numbers }).filter(
    ([name]) => !READ_ONLY.includes(name),
  );
  const { body } = await send<Person>('PUT', path, { ...Object.fromEntries(taken), ...user });
  return body;
}

const typeDefs = /* GraphQL */ `
  type Mutation { updateUsers(input: UpdateUsersInput!): UsersChangePayload }
  interface Error { message: String! }
  input UserInput { title: String }
  input UpdateUsersItemInput { id: ID! user: UserInput! }
  input UpdateUsersInput { users: [UpdateUsersItemInput!]! }
  enum ChangeOutcome { APPLIED }
  type UserChangePayload { outcome: ChangeOutcome! user: User }
  type UsersChangePayload { items: [UserChangePayload!]! error: Error }
`;

const found = (known: Names, ids: readonly string[] = []) => ids.flatMap((id) => known.get(id) ?? []);

const resolvers = {
  Query: { connector: () => ({}) },
  Mutation: {
    updateUsers: async (_root: unknown, { input }: { input: { users: readonly UserChange[] } }) => ({
      items: await Promise.all(
        input.users.map(async (each) => ({ outcome: 'APPLIED', user: await update(each) })),
      ),
    }),
  },
  Connector: {
    users: async (_connector: unknown, { first, after }: PageArguments) => {
      const path = after ?? pathOf('/v1/people', { max: first, excludeStatus: true });
      const { body, next } = await send<{ items: Person[] }>('GET', path);
      return { nodes: body.items, pageInfo: { hasNextPage: next !== undefined, endCursor: localPath(next) } };
    },
    user: async (_connector: unknown, asked: { id?: string; email?: string }, { person }: Context) => {
      if (asked.id !== undefined) return person.load(asked.id);
      const query = { email: asked.email ?? '', excludeStatus: true };
      return (await get<{ items: Person[] }>('/v1/people', query)).items[0];
    },
    groups: async (_connector: unknown, { first }: PageArguments) => {
      const sorting = { sortBy: 'displayName', sortOrder: 'ascending' };
      const query = { count: first, includeMembers: true, ...sorting };
      return { nodes: (await get<{ groups: Group[] }>('/v1/groups', query)).groups };
    },
  },
  Group: {
    members: async ({ members = [] }: Group, { first }: PageArguments, { person }: Context) => {
      const nodes = await person.loadMany(members.slice(0, first).map(({ id }) => id));
      return { nodes: nodes.filter((node) => node !== null) };
    },
  },
  User: {
    webexId: ({ id }: Person) => id,
    licenses: async (person: Person) => found(await licenses(), person.licenses),
    roles: async (person: Person) => found(await roles(), person.roles),
    groups: ({ id }: Person, _arguments: unknown, { groups }: Context) => groups.load(id),
  },
};

const yoga = createYoga({
  schema: createSchema({ typeDefs: [BASELINE_SCHEMA, typeDefs], resolvers }),
  context: createLoaders,
  logging: false,
});
const server = createServer(yoga).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
answerCommands({ port: typeof address === 'object' ? address?.port : 0 }, (command) => {
  throw new Error(`There is no command ${command}.`);
});
