import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.ts';
import { idOf } from '../changes.ts';
import { startWorld, type World } from '../world.ts';
import {
  documentFor,
  type ExistingIds,
  leavesOf,
  targetsOf,
  textsAtOnce,
  textsOf,
  variablesFor,
  WORST,
  worstText,
} from '../worst-inputs.ts';

const MILLION = 1_000_000;
/** Node's server answers 431 to more. */
const LONGEST_HEADER = 16_000;
/** As long as a text may be that is read. */
const LONGEST = 10_000;
type Kind = keyof typeof WORST;
const KINDS = Object.keys(WORST).filter((kind): kind is Kind => kind in WORST);
const targets = targetsOf(schema);
const leaves = targets.flatMap((target) => leavesOf(target).map((leaf) => ({ target, leaf })));

/** The text that is worst for a field by its name; undefined for those that are alike for all. */
function worstFor(leaf: string): Kind | undefined {
  if (/(Uri|Endpoint|Url|avatar|returnTo)$/.test(leaf)) return 'slashes';
  if (/email/i.test(leaf)) return 'addresses';
  return leaf.endsWith('caCertificates') ? 'certificates' : undefined;
}

/** Milliseconds of work of this thread: what blocks it counts, and another program's work does not. */
async function workOf(task: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage();
  await task();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

type Send = (text: string) => Promise<unknown>;

/** The work that a harmless text of this length makes, and makes again once everything is warm. */
async function harmlessWork(send: Send, length: number): Promise<number> {
  await send('x'.repeat(length));
  return workOf(() => send('x'.repeat(length)));
}

/**
 * Expects that a text makes about as much work as a harmless one of the same length. In quadratic time a million
 * characters take minutes, ten thousand in every field of an input seconds.
 */
async function expectLinear(send: Send, kind: Kind, length: number, harmless: number, what: string) {
  const work = await workOf(() => send(worstText(kind, length)));
  const most = 500 + 20 * harmless;
  expect({ what, kind, work, most }).toEqual({ what, kind, most, work: expect.toSatisfy((ms) => ms < most) });
}

/** What comes back of a mutation that refuses a text. */
interface Refused {
  readonly error: { readonly code: string; readonly problems?: readonly { readonly path: string }[] } | null;
  readonly items?: readonly Refused[];
}

/** The mutations that answer with one payload for each item. */
const LIST = /Users$/;

/** How many kinds of text each place is sent; the next place is sent the next ones. */
const KINDS_EACH = 5;
let turn = 0;

async function expectAllLinear(send: Send, length: number, what: string, kinds = KINDS): Promise<void> {
  const harmless = await harmlessWork(send, length);
  const next = Array.from({ length: KINDS_EACH }, (_, index) => kinds[(turn + index) % kinds.length]);
  turn += KINDS_EACH;
  for (const kind of next) if (kind !== undefined) await expectLinear(send, kind, length, harmless, what);
}

describe.each([true, false])('with introspection %s, the worst text blocks nobody', (introspection) => {
  let world: World;
  let ids: ExistingIds;
  beforeAll(async () => {
    world = await startWorld({ sandbox: { users: 3 }, exposure: { introspection } });
    ids = {
      connector: world.connectorId,
      user: await idOf(world, 'user', world.webex.people.at(-1)?.id ?? ''),
      group: await idOf(world, 'group', world.webex.groups[0]?.id ?? ''),
    };
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('of a million characters in any field of any input', async () => {
    expect(leaves.length).toBeGreaterThan(120);
    let harmless: number | undefined;
    for (const [index, { target, leaf }] of leaves.entries()) {
      const query = documentFor(target);
      const send = (text: string) => world.query(query, variablesFor(target, [leaf], text, ids));
      harmless ??= await harmlessWork(send, MILLION);
      const next = KINDS[(2 * index + Number(introspection)) % KINDS.length];
      for (const kind of new Set([next, worstFor(leaf)])) {
        if (kind !== undefined) await expectLinear(send, kind, MILLION, harmless, leaf);
      }
    }
  });

  it('and reaches every field of every mutation, because what is refused is that field', async () => {
    const error = 'error { code ... on InvalidInput { problems { path } } }';
    const reached: string[] = [];
    // Mutations of synchronization refuse the first wrong value that they read, not all at once.
    const collecting = targets.filter(
      ({ operation, name }) => operation === 'mutation' && !name.includes('Sync'),
    );
    for (const target of collecting) {
      const selection = LIST.test(target.name) ? `${error} items { ${error} }` : error;
      for (const leaf of textsOf(target)) {
        const { data, errors } = await world.query<Record<string, Refused>>(
          documentFor(target, selection),
          variablesFor(target, [leaf], worstText('colons', LONGEST), ids),
        );
        const refused = data?.[target.name];
        const { code, problems = [] } = (refused?.items?.[0] ?? refused)?.error ?? {};
        const paths = problems.map(({ path }) => path.replaceAll(/\[\d+\]/g, ''));
        expect({ leaf, errors, code }).toEqual({ leaf, errors: undefined, code: expect.any(String) });
        if (code === 'INVALID_INPUT')
          expect({ name: target.name, paths }).toMatchObject({ paths: expect.arrayContaining([leaf]) });
        if (paths.includes(leaf)) reached.push(`${target.name}.${leaf}`);
      }
    }
    for (const mutation of ['createUser.input.user', 'updateUser.input.user', 'updateUsers.input.users.user'])
      for (const set of ['licenses.exactly', 'licenses.change.add', 'roles.change.remove', 'addresses.type'])
        expect(reached).toContain(`${mutation}.${set}`);
  });

  it('of the longest length that is read, in all fields of an input at once', async () => {
    for (const target of targets) {
      const query = documentFor(target);
      for (const together of textsAtOnce(target)) {
        const send = (text: string) => world.query(query, variablesFor(target, together, text, ids));
        await expectAllLinear(send, LONGEST, target.name);
      }
    }
  });

  it('nor do ten thousand wrong items of a list', async () => {
    const query = 'mutation ($input: CreateUsersInput!) { createUsers(input: $input) { __typename } }';
    const send = (item: object) => {
      const users = Array.from({ length: 10_000 }, () => item);
      return world.query(query, { input: { connector: world.connectorId, users } });
    };
    const right = { emails: ['someone@example.com'] };
    await send(right);
    const harmless = await workOf(() => send(right));
    const work = await workOf(() => send({ no: 1, field: 1, ofIt: 1 }));
    expect(work).toBeLessThan(300 + 2 * harmless);
  });

  it('of the longest length in the text of a document', async () => {
    const send = (text: string) =>
      world.query(`{ connector(name: ${JSON.stringify(text)}) { name } } # ${JSON.stringify(text)}`);
    await expectAllLinear(send, 60_000, 'document');
    await expectAllLinear((text) => world.query(text), 250_000, 'document that cannot be parsed');
  });
});

describe('the worst text outside GraphQL blocks nobody', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ sandbox: { users: 3 }, guarded: true });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const isInHeader = (text: string) => !/[^\t -~]/.test(text);
  const kinds = KINDS.filter((kind) => isInHeader(WORST[kind]));
  const HEADERS = [
    ...[
      'authorization',
      'content-type',
      'accept',
      'accept-encoding',
      'user-agent',
      'origin',
      'sec-fetch-site',
    ],
    ...[
      'idempotency-key',
      'webex-deadline',
      'webex-lane',
      'webex-explain',
      'traceparent',
      'transfer-encoding',
    ],
    ...[
      'content-length',
      'x-apollo-operation-name',
      'access-control-request-headers',
      'sec-purpose',
      'purpose',
    ],
  ];

  it.each(HEADERS)('of the longest length that the server reads in the header %s', async (header) => {
    const usual = { ...world.administrator, 'content-type': 'application/json', accept: 'text/html' };
    const send = async (text: string) => {
      for (const value of [text, `Bearer ${text}`]) {
        const headers = { ...usual, [header]: value };
        await world.query('{ __typename }', {}, { headers }).catch(() => undefined);
        await world.gateway.fetch(new Request('http://gateway.test/graphql', { headers }));
      }
    };
    await expectAllLinear(send, LONGEST_HEADER, header, kinds);
  });

  it.each([
    '/graphql?query=',
    '/graphql?query={__typename}&variables=',
    '/graphql?documentId=',
    '/oauth/callback?state=',
    '/oauth/callback?error=',
    '/oauth/callback?state=x&error=x&error_description=',
    '/audit/events?from=',
    '/',
  ])('of a million characters in the address %s', async (path) => {
    const send = (text: string) =>
      Promise.resolve(
        world.gateway.fetch(
          new Request(`http://gateway.test${path}${encodeURIComponent(text)}`, {
            headers: world.administrator,
          }),
        ),
      );
    await expectAllLinear(send, MILLION, path);
  });
});
