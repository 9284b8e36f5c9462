import { Agent, request } from 'undici';
import { answerCommands, readInput } from '../commands.ts';
import type { Outcome } from '../compare.ts';
import { clients, timed } from '../compare.ts';
import type { Upstream } from '../sides.ts';

// The least that has to be done: a bare client that knows the fewest requests beforehand, sends them side
// by side where one does not need the other, parses the answers and keeps the same data.

interface WirePerson {
  readonly id: string;
  readonly displayName: string;
  readonly emails: readonly string[];
  readonly title?: string;
  readonly department?: string;
  readonly phoneNumbers?: readonly { readonly type: string }[];
  readonly licenses?: readonly string[];
  readonly roles?: readonly string[];
}

interface WireGroup {
  readonly id: string;
  readonly displayName: string;
  readonly memberSize: number;
  readonly members?: readonly { readonly id: string }[];
}

interface Kept {
  readonly displayName: string;
  readonly emails: readonly string[];
  readonly title: string | undefined;
  readonly department: string | undefined;
  readonly licenses: readonly (string | undefined)[];
  readonly roles: readonly (string | undefined)[];
  groups: readonly (string | undefined)[];
}

type Names = ReadonlyMap<string, string>;
type Items<T> = { readonly items: readonly T[] };

const LIST = { max: '1000', excludeStatus: 'true' };
const IDS_PER_REQUEST = 85;
const MEMBERS_PER_REQUEST = 500;

const { url, token, organizationUuid, connections } = readInput<Upstream>();
const dispatcher = new Agent({ connections, pipelining: 1 });
const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
let kept: { readonly licenses: Names; readonly roles: Names } | undefined;

async function get<Body>(
  address: string,
  content?: object,
): Promise<{ body: Body; next: string | undefined }> {
  const answer = await request(address, {
    dispatcher,
    ...(content === undefined
      ? { headers }
      : {
          method: 'PUT',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(content),
        }),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${text}`);
  const body: Body = JSON.parse(text);
  return { body, next: /<([^>]+)>; rel="next"/.exec(String(answer.headers.link ?? ''))?.[1] };
}

function address(path: string, query: Readonly<Record<string, string>> = {}): string {
  return `${url}${path}?${new URLSearchParams(query)}`;
}

/** Names of licenses or roles by id. */
async function names(path: string): Promise<Names> {
  const { body } = await get<Items<{ id: string; name: string }>>(address(path));
  return new Map(body.items.map(({ id, name }) => [id, name]));
}

async function catalogues(): Promise<{ licenses: Names; roles: Names }> {
  const [licenses, roles] = await Promise.all([names('/v1/licenses'), names('/v1/roles')]);
  kept = { licenses, roles };
  return kept;
}

async function join(people: readonly WirePerson[], known = kept): Promise<Kept[]> {
  const { licenses, roles } = known ?? (await catalogues());
  return people.map((person) => ({
    displayName: person.displayName,
    emails: person.emails,
    title: person.title,
    department: person.department,
    licenses: (person.licenses ?? []).map((id) => licenses.get(id)),
    roles: (person.roles ?? []).map((id) => roles.get(id)),
    groups: [],
  }));
}

function contentOf(people: readonly Kept[]): string {
  const sum = (count: (person: Kept) => number) => people.reduce((total, person) => total + count(person), 0);
  const licenses = sum((person) => person.licenses.length);
  const roles = sum((person) => person.roles.length);
  const groups = sum((person) => person.groups.length);
  return `${people.length} users, ${licenses} licenses, ${roles} roles, ${groups} groups`;
}

/** A page of users, with or without catalogues that are kept. */
async function users({ count, warm }: { count: number; warm: boolean }): Promise<string> {
  const page = get<Items<WirePerson>>(address('/v1/people', { ...LIST, max: String(count) }));
  const [{ body }, known] = await Promise.all([page, warm ? kept : catalogues()]);
  return contentOf(await join(body.items, known));
}

/** Everybody, page by page: one link leads to the next, so it cannot be quicker. */
async function exportUsers(input: { count: number; groups: boolean; warm: boolean }): Promise<string> {
  const known = input.warm ? kept : catalogues();
  const memberships = input.groups ? groupNamesByPerson() : undefined;
  const people: WirePerson[] = [];
  let next: string | undefined = address('/v1/people', LIST);
  while (next !== undefined && people.length < input.count) {
    const page: { body: Items<WirePerson>; next: string | undefined } = await get(next);
    people.push(...page.body.items);
    next = page.next;
  }
  const result = await join(people, await known);
  const byPerson = await memberships;
  for (const [index, person] of people.entries()) {
    const one = result[index];
    if (one !== undefined) one.groups = byPerson?.get(person.id) ?? [];
  }
  return contentOf(result);
}

/** All groups with their members: those that ride along, and the rest in pages side by side. */
async function groupNamesByPerson(): Promise<Map<string, string[]>> {
  const byPerson = new Map<string, string[]>();
  const add = (group: WireGroup, members: readonly { readonly id: string }[]) => {
    for (const { id } of members) {
      const known = byPerson.get(id);
      if (known === undefined) byPerson.set(id, [group.displayName]);
      else known.push(group.displayName);
    }
  };
  const rest: Promise<void>[] = [];
  let next: string | undefined = address('/v1/groups', { includeMembers: 'true', count: '50' });
  while (next !== undefined) {
    const page: { body: { groups: readonly WireGroup[] }; next: string | undefined } = await get(next);
    for (const group of page.body.groups) {
      const members = group.members ?? [];
      add(group, members);
      for (let start = members.length + 1; start <= group.memberSize; start += MEMBERS_PER_REQUEST) {
        const query = { startIndex: String(start), count: String(MEMBERS_PER_REQUEST) };
        rest.push(
          get<{ members: readonly { id: string }[] }>(
            address(`/v1/groups/${encodeURIComponent(group.id)}/members`, query),
          ).then(({ body }) => add(group, body.members)),
        );
      }
    }
    next = page.next;
  }
  await Promise.all(rest);
  return byPerson;
}

/** The first members of groups, with their addresses. */
async function members({ groups, each }: { groups: number; each: number }): Promise<string> {
  const query = {
    includeMembers: 'true',
    count: String(groups),
    sortBy: 'displayName',
    sortOrder: 'ascending',
  };
  const { body } = await get<{ groups: readonly WireGroup[] }>(address('/v1/groups', query));
  const memberIds = body.groups.map((group) => (group.members ?? []).slice(0, each).map(({ id }) => id));
  const ids = [...new Set(memberIds.flat())];
  const chunks: string[] = [];
  for (let start = 0; start < ids.length; start += IDS_PER_REQUEST)
    chunks.push(ids.slice(start, start + IDS_PER_REQUEST).join(','));
  const answers = await Promise.all(
    chunks.map((id) => get<Items<WirePerson>>(address('/v1/people', { id, excludeStatus: 'true' }))),
  );
  const people = new Map(answers.flatMap((answer) => answer.body.items.map((person) => [person.id, person])));
  const found = memberIds.flat().flatMap((id) => people.get(id) ?? []);
  return `${body.groups.length} groups, ${found.length} members`;
}

/** One user by address with everything; the groups need the id first. */
async function person({ email }: { email: string }): Promise<string> {
  const { body } = await get<Items<WirePerson>>(address('/v1/people', { email, excludeStatus: 'true' }));
  const uuid = Buffer.from(body.items[0]?.id ?? '', 'base64')
    .toString()
    .split('/')
    .at(-1);
  const query = { filter: `id eq "${uuid}"`, returnGroups: 'true', count: '1' };
  const [found, search] = await Promise.all([
    join(body.items),
    get<{ Resources: { groups?: { display: string }[] }[] }>(
      address(`/identity/scim/${organizationUuid}/v2/Users`, query),
    ),
  ]);
  const groups = (search.body.Resources[0]?.groups ?? []).map(({ display }) => display);
  for (const one of found) one.groups = groups.filter((name) => name !== 'All Org Users');
  return contentOf(found);
}

/** Single people by id, as so many clients ask for them. */
async function people(input: { ids: readonly string[]; clients: number }): Promise<string> {
  const found: WirePerson[] = [];
  await clients(input.clients, input.ids.length, async (number) => {
    const { body } = await get<WirePerson>(address(`/v1/people/${input.ids[number]}`));
    found.push(body);
  });
  return `${found.length} users`;
}

/** Gives people a title, each read before, as Webex replaces whole people. */
async function updates({ ids, title }: { ids: readonly string[]; title: string }): Promise<string> {
  const results = await Promise.all(
    ids.map(async (id) => {
      const target = address(`/v1/people/${id}`);
      const { body } = await get<WirePerson>(target);
      const phoneNumbers = body.phoneNumbers?.filter(({ type }) => type === 'work');
      return get<WirePerson>(target, { ...body, phoneNumbers, title });
    }),
  );
  return `${results.filter(({ body }) => body.title === title).length} users`;
}

/** Pages from the start for clients that each have a page size of their own, side by side. */
async function pages(input: { sizes: readonly number[]; pages: number }): Promise<string> {
  const counts = await Promise.all(input.sizes.map((size) => readPages(size, input.pages)));
  return `${counts.reduce((total, count) => total + count, 0)} users`;
}

async function readPages(size: number, pages: number): Promise<number> {
  let seen = 0;
  let next: string | undefined = address('/v1/people', { ...LIST, max: String(size) });
  for (let read = 0; read < pages && next !== undefined; read += 1) {
    const page: { body: Items<WirePerson>; next: string | undefined } = await get(next);
    seen += (await join(page.body.items)).length;
    next = page.next;
  }
  return seen;
}

const COMMANDS = { users, exportUsers, members, person, people, updates, pages };

answerCommands({}, (command, input): Promise<Outcome> => {
  const work: ((input: never) => Promise<string>) | undefined = Object.entries(COMMANDS).find(
    ([name]) => name === command,
  )?.[1];
  if (work === undefined) throw new Error(`There is no command ${command}.`);
  return timed(() => Reflect.apply(work, undefined, [input]));
});
