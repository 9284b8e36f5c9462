import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/sandbox/index.ts';
import { type Answer, startWorld } from '../world.ts';
import { ROUNDS, random } from './rounds.ts';

// Every kind of fault that a read can meet, in one request of ten. Whatever becomes of a query, what it
// answers is right, and what it does not answer carries a typed error. What nobody can tell from the truth is
// left out: a link that is missing, a 404 for what is there; and a 401, which ends the connection when it
// comes twice.

const QUERIES = 20 * ROUNDS;
const CLIENTS = 10;

const FAULTS: readonly Fault[] = [
  { kind: 'status', status: 500 },
  { kind: 'status', status: 502 },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 504 },
  { kind: 'status', status: 429, retryAfter: 1 },
  { kind: 'status', status: 429, retryAfter: '0' },
  { kind: 'latency', ms: 300, when: 'before' },
  { kind: 'latency', ms: 300, when: 'after' },
  { kind: 'reset', when: 'before' },
  { kind: 'reset', when: 'after' },
  { kind: 'stalled-body' },
  { kind: 'truncated-body' },
  { kind: 'huge-body', bytes: 11 * 2 ** 20 },
  { kind: 'html', status: 200 },
  { kind: 'html', status: 503 },
  { kind: 'broken-json' },
  { kind: 'broken-json', body: 'null' },
  { kind: 'broken-json', body: '[1]' },
  { kind: 'broken-json', body: '{}' },
  { kind: 'broken-json', body: '{"items":[null],"groups":[null],"users":[null],"Resources":[null]}' },
  { kind: 'next-link', how: 'looping' },
  { kind: 'next-link', how: 'foreign', origin: 'http://127.0.0.1:9' },
  { kind: 'empty-page' },
];

const TYPED = new Set([
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_INVALID',
  'RATE_LIMITED',
  'DEADLINE_EXCEEDED',
]);

const USER = 'id displayName emails title licenses { name } roles { name }';

interface Question {
  readonly query: string;
  readonly variables: object;
}

describe('with random faults in a tenth of all requests to Webex', () => {
  it('every answer is right or carries a typed error, and none hangs', async () => {
    await using world = await startWorld({
      connector: { connectionTimeout: 1 },
      sandbox: { settings: { peoplePageCeiling: 60, groupsPageCeiling: 10 } },
    });
    const questions = await askAbout(world);
    const truths = new Map<string, unknown>();
    for (const { query, variables } of questions) {
      truths.set(nameOf({ query, variables }), await world.ask(query, variables));
    }

    const faults = FAULTS.map((fault, index) =>
      world.webex.fail({
        route: '*',
        fault,
        times: Number.POSITIVE_INFINITY,
        probability: 0.1 / FAULTS.length,
        seed: Math.floor(random() * 1e6) + index,
        where: ({ path }) => !path.endsWith('/access_token'),
      }),
    );

    let asked = 0;
    let right = 0;
    const outcomes: Record<string, number> = {};
    const client = async () => {
      while (asked < QUERIES) {
        asked += 1;
        const question = questions[Math.floor(random() * questions.length)];
        if (question === undefined) continue;
        const answer = await world.query<unknown>(question.query, question.variables);
        const codes = codesOf(answer);
        for (const code of codes) outcomes[code] = (outcomes[code] ?? 0) + 1;
        if (codes.length === 0) right += 1;
        expect(codes.filter((code) => !TYPED.has(code))).toEqual([]);
        expectTruth(answer.data, truths.get(nameOf(question)), codes.length > 0);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));

    const struck = faults.reduce((sum, fault) => sum + fault.struck, 0);
    process.stdout.write(
      `${asked} queries, ${struck} faults: ${right} right and whole, errors ${JSON.stringify(outcomes)}\n`,
    );
    expect(struck).toBeGreaterThan(0);
    expect(right).toBeGreaterThan(asked / 2);
  });
});

/** Queries that reach every read there is. */
async function askAbout(world: Awaited<ReturnType<typeof startWorld>>): Promise<Question[]> {
  const { connector } = await world.ask<{
    connector: {
      users: { nodes: { id: string; emails: string[] }[] };
      groups: { nodes: { id: string }[] };
      licenses: { id: string }[];
    };
  }>(
    '{ connector { users(first: 250) { nodes { id emails } } groups(first: 50) { nodes { id } } licenses { id } } }',
  );
  const users = connector.users.nodes;
  const groups = connector.groups.nodes;
  const pick = <T>(from: readonly T[], count: number) =>
    Array.from({ length: count }, () => from[Math.floor(random() * from.length)]);
  const byId = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { ';
  return [
    ...[1, 30, 100, 250].map((first) => ({
      query: `query ($first: Int) { connector { users(first: $first) { nodes { ${USER} groups { displayName } } } } }`,
      variables: { first },
    })),
    ...pick(users, 10).map((user) => ({
      query: `query ($email: EmailAddress!) { connector { user(email: $email) { ${USER} manager { displayName } } } }`,
      variables: { email: user?.emails[0] },
    })),
    ...[3, 40, 120].map((count) => ({
      query: `${byId}displayName emails } } }`,
      variables: { ids: pick(users, count).map((user) => user?.id) },
    })),
    ...[1, 3, 60].map((count) => ({
      query: `${byId}${USER} } } }`,
      variables: { ids: pick(users, count).map((user) => user?.id) },
    })),
    ...[5, 50].map((first) => ({
      query:
        'query ($first: Int) { connector { groups(first: $first) { nodes { displayName memberCount members(first: 30) { nodes { displayName } } } } } }',
      variables: { first },
    })),
    ...pick(groups, 5).map((group) => ({
      query: `query ($id: ID!) { node(id: $id) { ... on Group { displayName members(first: 200) { nodes { id title } } } } }`,
      variables: { id: group?.id },
    })),
    ...pick(connector.licenses, 3).map((license) => ({
      query:
        'query ($id: ID!) { connector { license(id: $id) { name users(first: 50) { nodes { displayName } } } } }',
      variables: { id: license?.id },
    })),
    {
      query:
        '{ connector { roles { name users(first: 20) { nodes { displayName } } } details { organization { displayName } } } }',
      variables: {},
    },
  ];
}

function nameOf(question: Question): string {
  return JSON.stringify(question);
}

function codesOf({ errors = [] }: Answer<unknown>): string[] {
  return errors.map((error) => error.extensions.code);
}

/** What is there is the truth; only where there are errors may something be null instead. */
function expectTruth(answer: unknown, truth: unknown, hasErrors: boolean): void {
  if (answer === null && hasErrors) return;
  if (Array.isArray(answer) && Array.isArray(truth)) {
    expect(answer).toHaveLength(truth.length);
    for (const [index, item] of answer.entries()) expectTruth(item, truth[index], hasErrors);
  } else if (typeof answer === 'object' && answer !== null) {
    const known = new Map(Object.entries(truth ?? {}));
    for (const [name, value] of Object.entries(answer)) expectTruth(value, known.get(name), hasErrors);
  } else expect(answer).toEqual(truth);
}
