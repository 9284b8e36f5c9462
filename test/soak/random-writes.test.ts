import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Fault, Route, Sandbox } from '../../src/sandbox/index.ts';
import { Random } from '../../src/sandbox/random.ts';
import { startWorld, type World } from '../world.ts';
import { ROUNDS, SEED } from './rounds.ts';

const FIELDS = `
  outcome
  error { code message retryable }
  changes { field before after applied }
`;

/** What is selected of a payload beside that. */
function recordIn(mutation: string): string {
  if (mutation.includes('User')) return 'user { webexId licenses { name } }';
  return mutation === 'deleteGroup' ? '' : 'members { reference action }';
}

interface Result {
  readonly outcome: string;
  readonly error: { readonly code: string } | null;
  readonly changes: readonly {
    readonly field: string;
    readonly before: unknown;
    readonly after: unknown;
    readonly applied: boolean | null;
  }[];
  readonly user?: {
    readonly webexId: string;
    readonly licenses: readonly { readonly name: string }[];
  } | null;
  readonly members?: readonly { readonly reference: string; readonly action: string }[];
}

/** One change to ask for, and how to see what is true of it. */
interface Case {
  readonly input: object;
  /** Everything that was asked for, by the name it has in an answer, and whether it is so in the sandbox. */
  readonly truth: () => Readonly<Record<string, boolean>>;
}

interface Kind {
  readonly mutation: string;
  readonly write: Route;
  readonly read: Route;
  readonly faults: readonly Fault[];
  readonly make: (world: World, random: Random, round: number) => Promise<Case>;
}

/** What any write can meet. */
const ANY_WRITE: readonly Fault[] = [
  { kind: 'reset', when: 'before' },
  { kind: 'reset', when: 'after' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 500, applied: true },
  { kind: 'status', status: 400 },
  { kind: 'status', status: 400, applied: true },
  { kind: 'status', status: 503, applied: true },
  { kind: 'html', status: 502 },
  { kind: 'broken-json' },
  { kind: 'truncated-body' },
  { kind: 'latency', ms: 2_500, when: 'after' },
];

const LICENSES = ['Advanced Space Meetings', 'Basic Messaging', 'Customer Experience - Essential'];
const ROLES = ['Support Administrator', 'Device Administrator', 'Compliance Officer'];

/** The global id of a user or group by what the sandbox calls it. */
async function globalId(world: World, type: 'user' | 'group', webexId: string): Promise<string> {
  const { connector } = await world.ask<{ connector: Record<string, { id: string } | null> }>(
    `query ($id: ID!) { connector { ${type}(id: $id) { id } } }`,
    { id: webexId },
  );
  return connector[type]?.id ?? '';
}

function pickPerson(webex: Sandbox, random: Random) {
  const people = webex.people.filter(({ email }) => email !== webex.adminEmail);
  return random.pick(people);
}

const KINDS: readonly Kind[] = [
  {
    mutation: 'createUser',
    write: 'POST /people',
    read: 'GET /people',
    faults: [...ANY_WRITE, { kind: 'created-but-400' }],
    make: async ({ webex, connectorId }, random, round) => {
      const email = `new.${SEED}.${round}@${webex.org.domain}`;
      const license = random.pick(LICENSES);
      return {
        input: {
          connector: connectorId,
          user: {
            emails: [email],
            displayName: `New ${round}`,
            title: 'Made',
            licenses: { exactly: [license] },
          },
        },
        truth: () => {
          const person = webex.person(email);
          return {
            emails: person !== undefined,
            displayName: person?.displayName === `New ${round}`,
            title: person?.title === 'Made',
            licenses: person?.licenseNames.includes(license) ?? false,
          };
        },
      };
    },
  },
  {
    mutation: 'updateUser',
    write: 'PUT /people/:id',
    read: 'GET /people/:id',
    faults: [...ANY_WRITE, { kind: 'half-applied', fields: ['title'] }, { kind: 'half-applied', fields: [] }],
    make: async (world, random, round) => {
      const { id } = pickPerson(world.webex, random);
      return {
        input: {
          id: await globalId(world, 'user', id),
          user: { title: `Title ${round}`, department: `Team ${round}` },
        },
        truth: () => ({
          title: world.webex.person(id)?.title === `Title ${round}`,
          department: world.webex.person(id)?.department === `Team ${round}`,
        }),
      };
    },
  },
  {
    mutation: 'deleteUser',
    write: 'DELETE /people/:id',
    read: 'GET /people/:id',
    faults: ANY_WRITE,
    make: async (world, random) => {
      const { id } = pickPerson(world.webex, random);
      return {
        input: { id: await globalId(world, 'user', id) },
        truth: () => ({ gone: world.webex.person(id) === undefined }),
      };
    },
  },
  {
    mutation: 'updateUserLicenses',
    write: 'PATCH /licenses/users',
    read: 'GET /people/:id',
    faults: [...ANY_WRITE, { kind: 'partial-grant' }],
    make: async (world, random) => {
      const { id, licenseNames } = pickPerson(world.webex, random);
      const add = LICENSES.filter((name) => !licenseNames.includes(name));
      const remove = LICENSES.filter((name) => licenseNames.includes(name));
      return {
        input: {
          id: await globalId(world, 'user', id),
          add: add.map((license) => ({ license })),
          remove,
        },
        truth: () => {
          const held = world.webex.person(id)?.licenseNames ?? [];
          return Object.fromEntries(
            LICENSES.map((name) => [name, held.includes(name) === add.includes(name)]),
          );
        },
      };
    },
  },
  {
    mutation: 'updateUserRoles',
    write: 'PUT /people/:id',
    read: 'GET /people/:id',
    faults: [...ANY_WRITE, { kind: 'half-applied', fields: [] }],
    make: async (world, random) => {
      const { id, roleNames } = pickPerson(world.webex, random);
      const [role] = ROLES.filter((name) => !roleNames.includes(name));
      const held = ROLES.filter((name) => roleNames.includes(name));
      return {
        input: {
          id: await globalId(world, 'user', id),
          add: role === undefined ? [] : [role],
          remove: held,
        },
        truth: () => {
          const now = world.webex.person(id)?.roleNames ?? [];
          const isSo =
            (role === undefined || now.includes(role)) && held.every((name) => !now.includes(name));
          return { roles: isSo };
        },
      };
    },
  },
  {
    mutation: 'createGroup',
    write: 'POST /groups',
    read: 'GET /groups',
    faults: ANY_WRITE,
    make: async ({ webex, connectorId }, random, round) => {
      const displayName = `Group ${SEED} ${round}`;
      const { id } = pickPerson(webex, random);
      return {
        input: { connector: connectorId, displayName, members: [id] },
        truth: () => ({
          displayName: webex.group(displayName) !== undefined,
          [`add ${id}`]: webex.group(displayName)?.memberIds.includes(id) ?? false,
        }),
      };
    },
  },
  {
    mutation: 'updateGroup',
    write: 'PATCH /groups/:id',
    read: 'GET /groups/:id',
    faults: ANY_WRITE,
    make: async (world, random, round) => {
      const { id } = random.pick(world.webex.groups);
      return {
        input: { id: await globalId(world, 'group', id), description: `For ${round}` },
        truth: () => ({ description: world.webex.group(id)?.description === `For ${round}` }),
      };
    },
  },
  {
    mutation: 'updateGroupMembers',
    write: 'PATCH /groups/:id',
    read: 'GET /groups/:id',
    faults: ANY_WRITE,
    make: async (world, random) => {
      const { id, memberIds } = random.pick(world.webex.groups);
      const outside = world.webex.people.filter((person) => !memberIds.includes(person.id)).slice(0, 3);
      const add = outside.map((person) => person.id);
      const remove = memberIds.slice(0, 2);
      return {
        input: { id: await globalId(world, 'group', id), add, remove },
        truth: () => {
          const now = world.webex.group(id)?.memberIds ?? [];
          return Object.fromEntries([
            ...add.map((each) => [`add ${each}`, now.includes(each)]),
            ...remove.map((each) => [`remove ${each}`, !now.includes(each)]),
          ]);
        },
      };
    },
  },
  {
    mutation: 'deleteGroup',
    write: 'DELETE /groups/:id',
    read: 'GET /groups/:id',
    faults: ANY_WRITE,
    make: async (world, _random, round) => {
      const displayName = `Doomed ${round}`;
      await world.ask('mutation ($input: CreateGroupInput!) { createGroup(input: $input) { __typename } }', {
        input: { connector: world.connectorId, displayName },
      });
      const id = world.webex.group(displayName)?.id ?? '';
      return {
        input: { id: await globalId(world, 'group', id) },
        truth: () => ({ gone: world.webex.group(id) === undefined }),
      };
    },
  },
];

/** What an answer claims about each thing that was asked for; undefined if it claims nothing. */
function claims({ outcome, changes, members = [] }: Result, names: readonly string[]) {
  if (outcome === 'APPLIED' || outcome === 'NOTHING_CHANGED')
    return names.map((name) => [name, true] as const);
  if (outcome === 'UNKNOWN') return [];
  if (outcome === 'NOT_APPLIED') return names.map((name) => [name, false] as const);
  const failed = new Set(members.map(({ reference, action }) => `${action.toLowerCase()} ${reference}`));
  const idsIn = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  return changes.flatMap(({ field, before, after, applied }) => {
    if (field !== 'members') return applied === null ? [] : [[field, applied] as const];
    const wanted = [...idsIn(after).map((id) => `add ${id}`), ...idsIn(before).map((id) => `remove ${id}`)];
    return wanted.map((name) => [name, !failed.has(name)] as const);
  });
}

/** Checks that the user in an answer is as they stand, of a change that was made in part. */
function expectShown({ webex }: World, { outcome, user }: Result, scene: string): void {
  if (outcome !== 'PARTIALLY_APPLIED' || user == null) return;
  const shown = user.licenses.map(({ name }) => name).toSorted();
  expect(shown, scene).toEqual(webex.person(user.webexId)?.licenseNames.toSorted());
}

describe(`writes that meet faults (SOAK_SEED=${SEED})`, () => {
  it.each(KINDS)('$mutation answers what is true, whatever happens on the way', async (kind) => {
    await using world = await startWorld({
      sandbox: { users: 120 },
      connector: { connectionTimeout: 1 },
      lateWriteGrace: 0.1,
    });
    const random = new Random(SEED + KINDS.indexOf(kind));
    const seen: Record<string, number> = {};
    for (let round = 0; round < ROUNDS; round += 1) {
      const { input, truth } = await kind.make(world, random, round);
      const before = truth();
      const fault = random.chance(0.85) ? random.pick(kind.faults) : undefined;
      if (fault !== undefined) world.webex.fail({ route: kind.write, fault });
      // Sometimes the look afterwards fails as well, repeats included.
      const isBlind = random.chance(0.1);
      if (isBlind) {
        world.webex.fail({ route: kind.read, fault: { kind: 'status', status: 500 }, times: 20, after: 1 });
      }
      const key = randomUUID();
      const type = `${kind.mutation.charAt(0).toUpperCase()}${kind.mutation.slice(1)}Input!`;
      const { data, errors } = await world.query<Record<string, Result | null>>(
        `mutation ($input: ${type}) { ${kind.mutation}(input: $input) { ${FIELDS} ${recordIn(kind.mutation)} } }`,
        { input },
        { headers: { 'content-type': 'application/json', 'idempotency-key': key } },
      );
      const result = data?.[kind.mutation];
      const scene = JSON.stringify({ round, fault, isBlind, before, result, errors });
      if (result == null) throw new Error(`no answer: ${scene}`);
      world.webex.clearFaults();
      expectShown(world, result, scene);
      expect(result.error === null, scene).toBe(['APPLIED', 'NOTHING_CHANGED'].includes(result.outcome));
      const after = truth();
      for (const [name, isClaimed] of claims(result, Object.keys(after))) {
        if (name in after && !isClaimed && before[name] === true) continue;
        if (name in after) expect(after[name], `${name}: ${scene}`).toBe(isClaimed);
      }
      const { auditEvents } = await world.ask<{ auditEvents: { nodes: readonly { outcome: string }[] } }>(
        'query ($key: String) { auditEvents(filter: { idempotencyKey: $key }) { nodes { outcome } } }',
        { key },
      );
      // What is refused before anything is sent is no event.
      const outcome = auditEvents.nodes[0]?.outcome;
      expect(auditEvents.nodes.length, scene).toBeLessThan(2);
      const areSo = Object.values(after);
      if (outcome === 'APPLIED') expect(areSo, scene).not.toContain(false);
      if (outcome === 'NOT_APPLIED') expect(after, scene).toEqual(before);
      expect(outcome, scene).not.toBe('PENDING');
      const told = result.error?.code ?? result.outcome;
      seen[told] = (seen[told] ?? 0) + 1;
    }
    const addresses = world.webex.people.map(({ email }) => email);
    expect(new Set(addresses).size).toBe(addresses.length);
    process.stdout.write(`${kind.mutation}: ${JSON.stringify(seen)}\n`);
  });
});
