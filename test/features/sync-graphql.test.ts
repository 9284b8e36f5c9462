import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configure } from '../configuration.ts';
import { makePlan, type Plan, synchronize, untilEnded, untilMade } from '../sync-api.ts';
import { startWorld, type World } from '../world.ts';

const MAPPING = `version: 1
name: staff
source: { kind: ROWS, key: id }
user:
  emails: { from: mail, lower: true }
  displayName: { template: "{first} {last}" }
  firstName: first
  lastName: last
  title: title`;
const mapping = { text: MAPPING };

/** Records of people who are not there yet. */
const joiners = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...{ id: String(index), mail: `joiner${index}@acme.example`, first: 'Jo', last: `Number ${index}` },
    title: 'Trainee',
  }));

let world: World;
/** Of another administrator. */
let reviewer: Readonly<Record<string, string>>;

beforeAll(async () => {
  world = await startWorld({ guarded: true, sandbox: { users: 20 }, sync: { worker: true } });
  const { key } = await configure(world, 'createApiKey', { name: 'reviewer', grants: [{ scope: 'ADMIN' }] });
  reviewer = { authorization: `Bearer ${key}` };
});
afterAll(() => world[Symbol.asyncDispose]());

/** Reads fields of a plan, and what the request took. */
async function readPlan<Fields>(id: string, fields: string, variables: object = {}, head = '') {
  const { data, errors, extensions } = await world.query<{ node: Fields }>(
    `query ($id: ID!${head}) { node(id: $id) { ... on SyncPlan { ${fields} } } }`,
    { id, ...variables },
  );
  if (data === null) throw new Error(JSON.stringify(errors));
  return { ...data.node, errors, requests: extensions.webex.requests };
}

interface Items {
  readonly items: {
    readonly totalCount: number;
    readonly nodes: readonly Readonly<Record<string, unknown>>[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

describe('planSync', () => {
  it('compares the records, and everything of the plan is read without a request to Webex', async () => {
    const { id, state, digest } = await makePlan(world, { mapping, rows: joiners(3), note: 'Monday' });
    expect(state).toBe('READY');
    expect(digest).toMatch(/^[\da-f]{64}$/);
    const { requests, errors, ...plan } = await readPlan<Items & Readonly<Record<string, unknown>>>(
      id,
      `state note requestedBy hasChanges run { id } error { code } progress { phase } file { id }
      connector { name } mapping { name version text } lists { name complete } phases { name seconds }
      counts { kind situation action withheld count } verdicts { limit outcome message examples { seq } }
      estimate { requests seconds } problems { totalCount nodes { at } }
      items { totalCount nodes {
        seq wave kind situation action withheld name at sourceKey outcome tries settledAt error { code }
        target { __typename } changes { field before after } gives takes candidates { name } drift { field }
      } }`,
    );
    expect(errors).toBeUndefined();
    expect(requests).toBe(0);
    expect(plan).toMatchObject({
      ...{ state: 'READY', note: 'Monday', hasChanges: true, run: null, error: null, progress: null },
      ...{ file: null, connector: { name: 'acme' }, mapping: { name: 'staff', version: 0, text: MAPPING } },
      counts: [{ kind: 'USER', situation: 'ABSENT', action: 'CREATE', withheld: null, count: 3 }],
      problems: { totalCount: 0, nodes: [] },
    });
    expect(plan.items.totalCount).toBe(3);
    expect(plan.items.nodes[0]).toMatchObject({
      ...{ seq: 1, kind: 'USER', situation: 'ABSENT', action: 'CREATE', withheld: null, at: 'row 1' },
      ...{ name: 'joiner0@acme.example', sourceKey: '0', outcome: null, tries: 0, target: null, drift: [] },
    });
  });

  it('answers the same request with the same plan if it is sent with the same Idempotency-Key', async () => {
    const headers = { ...world.administrator, 'idempotency-key': randomUUID() };
    const input = { connector: 'acme', mapping, rows: joiners(1) };
    const first = await synchronize(world, 'planSync', input, headers);
    const second = await synchronize(world, 'planSync', input, headers);
    expect(second.plan?.id).toBe(first.plan?.id);
    const other = await synchronize(world, 'planSync', { ...input, rows: joiners(2) }, headers);
    expect(other.error?.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it.each<[string, object, string]>([
    ['no mapping', { rows: [] }, 'input.mapping'],
    ['a mapping without name and text', { mapping: {}, rows: [] }, 'input.mapping'],
    ['both name and text', { mapping: { name: 'staff', text: MAPPING }, rows: [] }, 'input.mapping.text'],
    ['two sources', { mapping, rows: [], file: 'x' }, 'input.rows'],
    ['rows that are not objects', { mapping, rows: ['x'] }, 'input.rows[0]'],
    ['too many rows', { mapping, rows: joiners(501) }, 'input.rows'],
    ['an id that is not of a file', { mapping, file: 'x' }, 'input.file'],
    ['an id that is not of a run', { mapping, retryOf: 'x' }, 'input.retryOf'],
    [
      'a limit without a number',
      { mapping, rows: [], narrow: { limits: [{ limit: 'UPDATE' }] } },
      'input.narrow.limits[0]',
    ],
    [
      'a percentage above 100',
      { mapping, rows: [], narrow: { limits: [{ limit: 'UPDATE', percent: 101 }] } },
      'input.narrow.limits[0].percent',
    ],
    [
      'an address that is not one',
      { mapping, rows: [], narrow: { emails: ['ann'] } },
      'input.narrow.emails[0]',
    ],
    ['a note with a line break', { mapping, rows: [], note: 'a\nb' }, 'input.note'],
  ])('refuses %s and names the field', async (_what, input, path) => {
    const { plan, error } = await synchronize(world, 'planSync', { connector: 'acme', ...input });
    expect(plan).toBeNull();
    expect(error).toMatchObject({ __typename: 'InvalidInput', code: 'INVALID_INPUT' });
    expect(error?.problems?.map((problem) => problem.path)).toContain(path);
  });

  it('refuses a mapping that does not exist', async () => {
    const { error } = await synchronize(world, 'planSync', { mapping: { name: 'nobody' }, rows: [] });
    expect(error?.code).toBe('NOT_FOUND');
  });
});

describe('the items of a plan', () => {
  let plan: Plan;
  beforeAll(async () => {
    const rows = [...joiners(5), { id: '9', mail: 'no address', first: 'A', last: 'B', title: 'C' }];
    plan = await makePlan(world, { mapping, rows });
  });

  it('are read page by page', async () => {
    const fields = 'items(first: 2, after: $after) { nodes { seq } pageInfo { hasNextPage endCursor } }';
    const seqs: unknown[] = [];
    for (let after: string | null = null; ; ) {
      const { items }: Items = await readPlan<Items>(plan.id, fields, { after }, ', $after: String');
      seqs.push(...items.nodes.map(({ seq }) => seq));
      if (!items.pageInfo.hasNextPage) break;
      after = items.pageInfo.endCursor;
    }
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each<[string, object, number]>([
    ['action', { actions: ['CREATE'] }, 5],
    ['an empty list, which is no condition', { actions: [] }, 6],
    ['situation', { situations: ['INVALID'] }, 1],
    ['kind', { kinds: ['GROUP'] }, 0],
    ['the beginning of the name', { nameStartsWith: 'joiner3' }, 1],
    ['the key in the source', { sourceKey: '2' }, 1],
    ['a changed field', { field: 'title' }, 5],
    ['outcome', { outcomes: ['APPLIED'] }, 0],
    ['several conditions', { actions: ['CREATE'], nameStartsWith: 'x' }, 0],
  ])('can be filtered by %s', async (_what, filter, count) => {
    const fields = 'items(filter: $filter) { totalCount nodes { seq } }';
    const { items } = await readPlan<Items>(plan.id, fields, { filter }, ', $filter: SyncItemFilter');
    expect([items.totalCount, items.nodes.length]).toEqual([count, count]);
  });

  it('can be read by their ids, and by nothing that only looks like one', async () => {
    const { items } = await readPlan<Items>(plan.id, 'items(first: 1) { nodes { id } }');
    const [first] = items.nodes;
    const text = Buffer.from(String(first?.id), 'base64').toString();
    const ids = [
      first?.id,
      ...[`${text}0`, `${text}x`, 'SyncItem:x:1'].map((id) => Buffer.from(id).toString('base64')),
    ];
    const { nodes } = await world.ask<{ nodes: unknown }>(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on SyncItem { seq } } }',
      { ids },
    );
    expect(nodes).toEqual([{ seq: 1 }, null, null, null]);
  });

  it('cost a read by id each if their targets are selected, and nothing else', async () => {
    const estimateOf = async (fields: string) => {
      const query = `query ($id: ID!) { node(id: $id) { ... on SyncPlan { ${fields} } } }`;
      const { extensions } = await world.query(query, { id: plan.id });
      return extensions.webex.estimate;
    };
    expect(await estimateOf('items(first: 1000) { nodes { name changes { field } } }')).toBe(0);
    // 85 users travel in one request.
    expect(await estimateOf('items(first: 850) { nodes { target { ... on User { displayName } } } }')).toBe(
      10,
    );
    expect(await estimateOf('verdicts { examples { target { ... on User { displayName } } } }')).toBe(2);
  });

  it('that are records which cannot be used are the problems of the plan', async () => {
    const { problems } = await readPlan<{ problems: object }>(
      plan.id,
      'problems { totalCount nodes { at code } }',
    );
    expect(problems).toEqual({ totalCount: 1, nodes: [{ at: 'row 6', code: 'INVALID' }] });
  });
});

describe('a plan that exceeds a limit', () => {
  it('is blocked until another administrator approves exactly this plan, which is recorded', async () => {
    const narrow = {
      limits: [
        { limit: 'RELINK', count: 0 },
        { limit: 'CREATE', count: 0 },
      ],
    };
    const { users } = await firstUser();
    const rows = [{ id: '1', mail: users.email, first: 'New', last: 'Name', title: 'Other' }];
    const limits = [{ limit: 'UPDATE', percent: 0 }, ...narrow.limits];
    const { id, state, digest } = await makePlan(world, { mapping, rows, narrow: { limits } });
    expect(state).toBe('BLOCKED');
    const reason = 'Checked with HR.';
    const wrong = await synchronize(world, 'approveSync', { id, digest: '0'.repeat(64), reason }, reviewer);
    expect(wrong.error).toMatchObject({ __typename: 'Conflict', code: 'PLAN_CHANGED' });
    const own = await synchronize(world, 'approveSync', { id, digest, reason });
    expect(own.error).toMatchObject({ __typename: 'NotAllowed', code: 'SELF_APPROVAL' });
    const early = await synchronize(world, 'applySync', { id, digest });
    expect(early.error).toMatchObject({ __typename: 'NotAllowed', code: 'PLAN_NOT_APPLICABLE' });
    const approved = await synchronize(world, 'approveSync', { id, digest, reason }, reviewer);
    expect(approved.plan?.state).toBe('READY');
    const {
      errors: _errors,
      requests: _requests,
      ...shown
    } = await readPlan(id, 'approvedBy approvalReason');
    expect(shown).toEqual({ approvedBy: 'api-key:reviewer', approvalReason: reason });
    expect(await events('approveSync')).toEqual([
      { outcome: 'APPLIED', errorCode: null, targetKind: 'CONNECTOR', fields: ['plan', 'digest', 'reason'] },
      { outcome: 'NOT_APPLIED', errorCode: 'SELF_APPROVAL', targetKind: 'CONNECTOR', fields: [] },
      { outcome: 'NOT_APPLIED', errorCode: 'PLAN_CHANGED', targetKind: 'CONNECTOR', fields: [] },
    ]);
  });
});

describe('applySync', () => {
  it('makes the changes of the plan in one run, however often it is sent', async () => {
    const { id, digest } = await makePlan(world, { mapping, rows: joiners(2) });
    const first = await synchronize(world, 'applySync', { id, digest });
    expect(first.error).toBeNull();
    const again = await synchronize(world, 'applySync', { id, digest });
    expect(again.run?.id).toBe(first.run?.id);
    const other = await synchronize(world, 'applySync', { id, digest, stopAfter: 1 });
    expect(other.error?.code).toBe('PLAN_NOT_APPLICABLE');
    expect(other.run?.id).toBe(first.run?.id);
    const run = await untilEnded(world, first.run?.id ?? '');
    expect(run).toMatchObject({ state: 'COMPLETED', settled: 2, total: 2 });
    const { node } = await world.ask<{ node: Readonly<Record<string, unknown>> }>(
      `query ($id: ID!) { node(id: $id) { ... on SyncRun {
        state reason message startedBy rate secondsLeft throttledUntil counts { action outcome count }
        plan { id state } connector { name }
        items { totalCount nodes { name outcome target { ... on User { emails } } auditEvent { operation outcome } } }
      } } }`,
      { id: run.id },
    );
    expect(node).toMatchObject({
      ...{ state: 'COMPLETED', reason: null, rate: null, secondsLeft: null, throttledUntil: null },
      counts: [{ action: 'CREATE', outcome: 'APPLIED', count: 2 }],
      plan: { id, state: 'APPLIED' },
      items: {
        totalCount: 2,
        nodes: [0, 1].map((number) => ({
          ...{ name: `joiner${number}@acme.example`, outcome: 'APPLIED' },
          target: { emails: [`joiner${number}@acme.example`] },
          auditEvent: { operation: 'createUser', outcome: 'APPLIED' },
        })),
      },
    });
    for (const mutation of ['pauseSync', 'resumeSync', 'cancelSync']) {
      const { error } = await synchronize(world, mutation, { id: run.id });
      expect(error).toMatchObject({ __typename: 'NotAllowed', code: 'ALREADY_ENDED' });
    }
    expect(await events('applySync')).toContainEqual({
      ...{ outcome: 'APPLIED', errorCode: null, targetKind: 'CONNECTOR' },
      fields: ['plan', 'digest', 'run'],
    });
  });

  it('shows the audit event of an item only to administrators', async () => {
    const { key } = await configure(world, 'createApiKey', { name: 'reader', grants: [{ scope: 'READ' }] });
    const { data, errors } = await world.query<{
      connector: { syncRuns: { nodes: { items: Items['items'] }[] } };
    }>(
      '{ connector { syncRuns(first: 1) { nodes { items { nodes { name auditEvent { id } } } } } } }',
      {},
      { headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` } },
    );
    const items = data?.connector.syncRuns.nodes[0]?.items.nodes ?? [];
    expect(items.map(({ auditEvent }) => auditEvent)).toEqual([null, null]);
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  });
});

describe('Connector.syncPlans', () => {
  it('lists plans, the newest first, by page and by filter', async () => {
    const { plan } = await synchronize(world, 'planSync', { mapping, rows: joiners(1) });
    await synchronize(world, 'cancelSync', { id: plan?.id });
    await untilMade(world, plan?.id ?? '');
    const list = (page: string) =>
      world.ask<{ connector: { syncPlans: Readonly<Record<string, unknown>> } }>(
        `{ connector { syncPlans(${page}) { totalCount nodes { id } pageInfo { hasNextPage } } } }`,
      );
    const { connector } = await list('first: 1');
    expect(connector.syncPlans).toMatchObject({ nodes: [{ id: plan?.id }], pageInfo: { hasNextPage: true } });
    const canceled = await list('filter: { states: [CANCELED], mapping: "staff" }');
    expect(canceled.connector.syncPlans).toMatchObject({ totalCount: 1, nodes: [{ id: plan?.id }] });
    const nobody = await list('filter: { requestedBy: "api-key:nobody" }');
    expect(nobody.connector.syncPlans).toMatchObject({ totalCount: 0, nodes: [] });
  });

  it.each([
    'first: 0',
    'first: 1001',
    'after: "x"',
    'after: "cnVuOjE"',
    'filter: { mapping: "" }',
  ])('refuses %s', async (page) => {
    const { errors } = await world.query(`{ connector { syncPlans(${page}) { nodes { id } } } }`);
    expect(errors?.map(({ extensions }) => extensions.code)[0]).toMatch(/^INVALID_(INPUT|CURSOR)$/);
  });
});

describe('cancelSync', () => {
  it('refuses an id that is neither of a plan nor of a run', async () => {
    const { error } = await synchronize(world, 'cancelSync', { id: world.connectorId });
    expect(error).toMatchObject({ code: 'INVALID_INPUT' });
  });
});

/** A user of the organization. */
async function firstUser(): Promise<{ users: { email: string } }> {
  const { connector } = await world.ask<{ connector: { users: { nodes: { emails: string[] }[] } } }>(
    '{ connector { users(first: 5) { nodes { emails } } } }',
  );
  return { users: { email: connector.users.nodes[4]?.emails[0] ?? '' } };
}

/** Events of the audit trail for a mutation, the newest first. */
async function events(operation: string): Promise<object[]> {
  const { auditEvents } = await world.ask<{
    auditEvents: { nodes: ({ changes: { field: string }[] } & Record<string, unknown>)[] };
  }>(
    `query ($operation: String) { auditEvents(filter: { operation: $operation }) {
      nodes { outcome errorCode targetKind changes { field } } } }`,
    { operation },
  );
  return auditEvents.nodes.map(({ changes, ...event }) => ({
    ...event,
    fields: changes.map(({ field }) => field),
  }));
}
