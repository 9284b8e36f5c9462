import { once } from 'node:events';
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { Agent, request } from 'undici';
import { answerCommands, readInput } from '../commands.ts';
import type { Upstream } from '../sides.ts';
import { BASELINE_SCHEMA } from './baseline-schema.ts';

// The gateway that one writes in an afternoon: every field fetches what it needs, for itself. It has as
// many connections as ours, so that the two can be compared.

interface Person {
  readonly id: string;
  readonly licenses?: readonly string[];
  readonly roles?: readonly string[];
}

interface PageArguments {
  readonly first?: number;
  readonly after?: string;
}

const { url, token, organizationUuid, connections } = readInput<Upstream>();
const dispatcher = new Agent({ connections, pipelining: 1 });

async function get<Body>(target: string): Promise<{ body: Body; next: string | undefined }> {
  const answer = await request(target, { dispatcher, headers: { authorization: `Bearer ${token}` } });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`Webex answered ${answer.statusCode}.`);
  const body: Body = JSON.parse(text);
  return { body, next: /<([^>]+)>; rel="next"/.exec(String(answer.headers.link ?? ''))?.[1] };
}

async function read<Body>(path: string): Promise<Body> {
  return (await get<Body>(`${url}${path}`)).body;
}

const resolvers = {
  Query: { connector: () => ({}) },
  Connector: {
    users: async (_connector: unknown, { first, after }: PageArguments) => {
      const { body, next } = await get<{ items: Person[] }>(after ?? `${url}/v1/people?max=${first}`);
      return { nodes: body.items, pageInfo: { hasNextPage: next !== undefined, endCursor: next } };
    },
    user: async (_connector: unknown, { id, email }: { id?: string; email?: string }) => {
      if (id !== undefined) return read<Person>(`/v1/people/${id}`);
      const { items } = await read<{ items: Person[] }>(
        `/v1/people?email=${encodeURIComponent(email ?? '')}`,
      );
      return items[0];
    },
    groups: async (_connector: unknown, { first }: PageArguments) => {
      const sorting = 'sortBy=displayName&sortOrder=ascending';
      const { groups } = await read<{ groups: object[] }>(`/v1/groups?count=${first}&${sorting}`);
      return { nodes: groups };
    },
  },
  Group: {
    members: async ({ id }: { id: string }, { first }: PageArguments) => {
      const { members } = await read<{ members: { id: string }[] }>(
        `/v1/groups/${id}/members?count=${first}`,
      );
      return { nodes: Promise.all(members.map((member) => read<Person>(`/v1/people/${member.id}`))) };
    },
  },
  User: {
    webexId: ({ id }: Person) => id,
    licenses: ({ licenses = [] }: Person) => Promise.all(licenses.map((id) => read(`/v1/licenses/${id}`))),
    roles: ({ roles = [] }: Person) => Promise.all(roles.map((id) => read(`/v1/roles/${id}`))),
    groups: async ({ id }: Person) => {
      const uuid = Buffer.from(id, 'base64').toString().split('/').at(-1);
      const filter = encodeURIComponent(`id eq "${uuid}"`);
      const found = await read<{ Resources: { groups?: { display: string }[] }[] }>(
        `/identity/scim/${organizationUuid}/v2/Users?filter=${filter}&returnGroups=true`,
      );
      return (found.Resources[0]?.groups ?? [])
        .map(({ display }) => ({ displayName: display }))
        .filter(({ displayName }) => displayName !== 'All Org Users');
    },
  },
};

const yoga = createYoga({ schema: createSchema({ typeDefs: BASELINE_SCHEMA, resolvers }), logging: false });
const server = createServer(yoga).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
answerCommands({ port: typeof address === 'object' ? address?.port : 0 }, (command) => {
  throw new Error(`There is no command ${command}.`);
});
