import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { openStore, type StoreOptions } from '../../src/store/store.ts';
import { SyncFiles } from '../../src/sync/sources/files.ts';
import { configure } from '../configuration.ts';
import { CONNECTOR, lastingDatabase } from '../databases.ts';
import { startWorld, type World } from '../world.ts';

// Plans and runs as files. The plan is written into the database, so that it holds what is rare.

const PEOPLE =
  'id;mail;note\r\n1;ann@acme.example;=1+1\r\n2;bob@acme.example;"a;b"\r\n3;cid@acme.example;\r\n';
const MANY = 2_500;
const [planId, largePlanId, openPlanId, runId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];

const ends = new AsyncDisposableStack();
let world: World;
let connectorId: string;
let uploader: Record<string, string>;
let reader: Record<string, string>;
let stranger: Record<string, string>;

beforeAll(async () => {
  const database = ends.use(await lastingDatabase());
  const first = await openStore(database.options);
  ({ id: connectorId } = await first.connectors.create({
    name: 'Acme | West',
    ...CONNECTOR,
    clientSecret: 'x',
  }));
  const { file } = await new SyncFiles(first.sync.files, { rows: 10, bytes: 1_000 }).receive({
    ...{ name: 'people.csv', format: 'CSV', uploadedBy: 'api-key:Uploader' },
    ...{ body: bodyOf(PEOPLE), isCompressed: false, digest: undefined },
  });
  await first.close();
  await insertPlans(database.options, file.id);
  const store = ends.use(await openStore(database.options));
  world = ends.use(await startWorld({ guarded: true, connector: false, store }));
  uploader = await keyOf('Uploader', 'PROVISION', null);
  reader = await keyOf('Reader', 'READ', null);
  const other = await configure(world, 'createConnector', world.settings('other'));
  stranger = await keyOf('Stranger', 'ADMIN', [other.connector?.id ?? '']);
});
afterAll(() => ends.disposeAsync());

async function keyOf(name: string, scope: string, connectors: string[] | null) {
  const { key } = await configure(world, 'createApiKey', { name, grants: [{ scope, connectors }] });
  return { authorization: `Bearer ${key}` };
}

async function* bodyOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function insertPlans(options: StoreOptions, fileId: string): Promise<void> {
  const raw = await openDatabase(options);
  const run = (statement: string) => sql.raw(statement).execute(raw.db);
  const plan = (id: string, state: string) =>
    run(`insert into sync_plans (id, connector_id, state, request, requested_by, mapping_name, mapping_version, counts, verdicts)
      values ('${id}', '${connectorId}', '${state}', '{"fileId":"${fileId}"}', 'api-key:Ann', 'staff', 3,
        '[{"kind":"USER","situation":"CONFIRMED","action":"UPDATE","withheld":null,"count":3}]',
        '[{"limit":"DELETE","value":11,"threshold":10,"setIn":"default","outcome":"NEEDS_APPROVAL","message":"Too many.","examples":[]}]')`);
  await plan(planId, 'APPLIED');
  await plan(largePlanId, 'READY');
  await plan(openPlanId, 'COMPARING');
  await run(`insert into sync_runs (id, plan_id, connector_id, organization_id, state, total, counts, started_by)
    values ('${runId}', '${planId}', '${connectorId}', 'o', 'COMPLETED_WITH_ERRORS', 4, '[]', 'x')`);
  const item = (seq: number, name: string, more: Record<string, string>) => {
    const values: Record<string, string> = {
      ...{ plan_id: `'${planId}'`, seq: String(seq), wave: '1', kind: `'USER'`, situation: `'CONFIRMED'` },
      ...{ action: `'UPDATE'`, name: `'${name}'`, changes: `'[]'`, sha256: `'\\x00'`, ...more },
    };
    return run(
      `insert into sync_items (${Object.keys(values).join()}) values (${Object.values(values).join()})`,
    );
  };
  const changes = `'[{"field":"title","before":null,"after":"=cmd|x"},{"field":"licenses","before":["l1"],"after":["l2"],"beforeText":"Meetings","afterText":"Calling"}]'`;
  await item(1, 'ann@acme.example', { at: `'line 2'`, source_key: `'1'`, changes, state: `'APPLIED'` });
  const error = `'{"code":"EMAIL_TAKEN","message":"Taken.","trackingIds":[]}'`;
  await item(2, 'bob@acme.example', { at: `'line 3'`, source_key: `'2'`, state: `'FAILED'`, error });
  await item(3, 'cid@acme.example', {
    at: `'line 4'`,
    source_key: `'3'`,
    state: `'DRIFTED'`,
    reason: `'It was changed.'`,
  });
  await item(4, '@group', { kind: `'GROUP'`, state: `'UNKNOWN'`, target_id: `'g'` });
  await run(`insert into sync_items (plan_id, seq, wave, kind, situation, action, name, changes, sha256)
    select '${largePlanId}', n, 1, 'USER', 'ABSENT', 'CREATE', 'user' || n, '[]', '\\x00' from generate_series(1, ${MANY}) n`);
  await raw.close();
}

async function get(
  path: string,
  headers = reader,
): Promise<{ status: number; text: string; type: string | null }> {
  const response = await world.gateway.fetch(new Request(`http://gateway.test${path}`, { headers }));
  return { status: response.status, text: await response.text(), type: response.headers.get('content-type') };
}

const linesOf = (text: string) => text.trimEnd().split(/\r?\n/);

describe('a plan as a file', () => {
  test('has each item as a line of JSON', async () => {
    const { text, type } = await get(`/sync/plans/${planId}/items.jsonl`);
    expect(type).toBe('application/x-ndjson');
    const items = linesOf(text).map((line): unknown => JSON.parse(line));
    expect(items).toHaveLength(4);
    expect(items[1]).toMatchObject({
      ...{ seq: 2, kind: 'USER', action: 'UPDATE', name: 'bob@acme.example', at: 'line 3', sourceKey: '2' },
      ...{ outcome: 'FAILED', error: { code: 'EMAIL_TAKEN' }, candidates: [], drift: [] },
    });
  });

  test('has each item as a row of CSV, in which no value is a formula', async () => {
    const rows = linesOf((await get(`/sync/plans/${planId}/items.csv`)).text);
    expect(rows[0]).toMatch(/^seq,wave,kind,action,withheld,situation,name,at,sourceKey,webexId,changes,/);
    expect(rows[1]).toContain('title: → =cmd|x; licenses: + Calling - Meetings');
    expect(rows[4]).toMatch(/^4,1,GROUP,UPDATE,,CONFIRMED,'@group,,,g,/);
  });

  test('is a page of Markdown for a review', async () => {
    const { text } = await get(`/sync/plans/${planId}/items.md`);
    expect(text).toMatch(/^# Plan for Acme \\\| West\n/);
    expect(text).toContain('| DELETE | 11 | 10 | NEEDS_APPROVAL | Too many. |');
    expect(text).toContain(String.raw`| 4 | UPDATE | \@group |  | CONFIRMED | UNKNOWN |`);
  });

  test('is complete and in order over many pages', async () => {
    const { text } = await get(`/sync/plans/${largePlanId}/items.csv`);
    const rows = linesOf(text).slice(1);
    expect(rows.map((row) => Number(row.split(',')[0]))).toEqual(
      Array.from({ length: MANY }, (_, n) => n + 1),
    );
  });

  test('takes its global id, too', async () => {
    const id = Buffer.from(`SyncPlan:${planId}`).toString('base64');
    expect((await get(`/sync/plans/${id}/items.md`)).status).toBe(200);
  });

  test('is refused while the plan is being made, and to callers who may not read its connector', async () => {
    const statusOf = async (path: string, headers?: Record<string, string>) => {
      const { status, text } = await get(path, headers);
      return [status, JSON.parse(text).errors[0].extensions.code];
    };
    const path = `/sync/plans/${planId}/items.jsonl`;
    expect(await statusOf(`/sync/plans/${openPlanId}/items.csv`)).toEqual([409, 'PLAN_NOT_APPLICABLE']);
    expect(await statusOf(`/sync/plans/${randomUUID()}/items.csv`)).toEqual([404, 'NOT_FOUND']);
    expect(await statusOf('/sync/plans/nonsense/items.csv')).toEqual([400, 'INVALID_INPUT']);
    expect(await statusOf(path, stranger)).toEqual([404, 'NOT_FOUND']);
    expect(await statusOf(`/sync/runs/${runId}/failed.csv`, stranger)).toEqual([404, 'NOT_FOUND']);
    expect(await statusOf(path, {})).toEqual([401, 'UNAUTHENTICATED']);
  });
});

describe('the failed records of a run as a file', () => {
  const ADDED = 'sync_at,sync_key,sync_name,sync_code,sync_message';

  test('name what went wrong', async () => {
    expect(linesOf((await get(`/sync/runs/${runId}/failed.csv`)).text)).toEqual([
      ADDED,
      'line 3,2,bob@acme.example,EMAIL_TAKEN,Taken.',
      'line 4,3,cid@acme.example,DRIFTED,It was changed.',
      ",,'@group,UNKNOWN,",
    ]);
  });

  test('have their rows for the uploader of the file, to be fixed and sent again', async () => {
    for (const headers of [uploader, world.administrator]) {
      expect(linesOf((await get(`/sync/runs/${runId}/failed.csv`, headers)).text)).toEqual([
        `id,mail,note,${ADDED}`,
        '2,bob@acme.example,a;b,line 3,2,bob@acme.example,EMAIL_TAKEN,Taken.',
        '3,cid@acme.example,,line 4,3,cid@acme.example,DRIFTED,It was changed.',
        ",,,,,'@group,UNKNOWN,",
      ]);
    }
  });
});
