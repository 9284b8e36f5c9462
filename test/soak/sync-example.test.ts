import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makePlan, synchronize, untilEnded } from '../sync-api.ts';
import { startWorld, type World } from '../world.ts';

// The example of synchronization, against the organization that the demo has.

const file = (name: string) => readFileSync(new URL(`../../examples/sync/${name}`, import.meta.url), 'utf8');
const PEOPLE = file('people.csv');
const STAFF = file('staff.yaml');
/** Rows by line, from 1 as in an editor. */
const ROWS = PEOPLE.trimEnd().split('\n');

interface Count {
  readonly kind: string;
  readonly action: string;
  readonly count: number;
}

let world: World;
beforeAll(async () => {
  world = await startWorld({ sync: { worker: true } });
});
afterAll(() => world[Symbol.asyncDispose]());

async function upload(): Promise<{ id: string; rows: number; problemCount: number }> {
  const request = { method: 'PUT', body: PEOPLE, headers: { 'content-type': 'text/csv' } };
  const response = await world.gateway.fetch(
    new Request('http://gateway.test/sync/files?name=people.csv', request),
  );
  return JSON.parse(await response.text());
}

describe('the example', () => {
  test('has 1,000 records, each with a key and an address of its own', async () => {
    expect(await upload()).toMatchObject({ rows: 1_000, problemCount: 0 });
    const cells = ROWS.slice(1).map((row) => row.split(','));
    for (const column of [0, 1]) expect(new Set(cells.map((row) => row[column])).size).toBe(1_000);
  });

  test('is mapped without problems: users who stay, change, leave and join', async () => {
    const lineOf = (isWanted: (row: string) => boolean) => ROWS.findIndex(isWanted) + 1;
    const renamed = lineOf((row) => /^E\d+,[^,]+,[^,]+@/.test(row));
    const left = lineOf((row) => row.includes(',false,'));
    const joins = lineOf((row) => row.includes('staff-newcomers'));
    const { id } = await upload();
    const { previewSyncMapping } = await world.ask<{
      previewSyncMapping: { preview: { warnings: object[]; records: object[] }; error: null };
    }>(
      `query ($input: PreviewSyncMappingInput!) { previewSyncMapping(input: $input) {
        preview { warnings { path } records { at qualifies licenses groups problems { path message } } } error { code message }
      } }`,
      { input: { file: id, lines: [2, renamed, left, joins], mapping: { text: STAFF } } },
    );
    expect(previewSyncMapping.error).toBeNull();
    const { warnings, records } = previewSyncMapping.preview;
    expect(warnings).toEqual([]);
    expect(records).toMatchObject([
      {
        at: 'line 2',
        qualifies: true,
        licenses: ['Advanced Messaging'],
        groups: ['staff-operations'],
        problems: [],
      },
      ...[left, renamed].map((line) => ({ at: `line ${line}`, qualifies: line !== left, problems: [] })),
      { at: `line ${joins}`, qualifies: true, groups: [expect.any(String), 'staff-newcomers'], problems: [] },
    ]);
  });

  test('is planned, downloaded and applied, after which only the rest is left', async () => {
    const planned = async () => {
      const { id } = await upload();
      const plan = await makePlan(world, { file: id, mapping: { text: STAFF } });
      const { node } = await world.ask<{ node: { counts: Count[]; exports: { jsonLines: string } } }>(
        `query ($id: ID!) { node(id: $id) { ... on SyncPlan {
          counts { kind situation action withheld count } exports { jsonLines }
        } } }`,
        { id: plan.id },
      );
      const counts = node.counts.map(({ kind, action, count }) => [`${kind} ${action}`, count] as const);
      return { plan, exports: node.exports, counts: Object.fromEntries(counts) };
    };
    const { plan, exports, counts } = await planned();
    expect(plan.state).toBe('READY');
    expect(counts).toMatchObject({ 'USER CREATE': 756, 'USER RENAME': 4, 'USER REPORT': 5, 'USER NONE': 6 });
    const items = await (await world.gateway.fetch(new Request(exports.jsonLines))).text();
    const actions = items
      .trimEnd()
      .split('\n')
      .map((line): { action: string } => JSON.parse(line));
    expect(actions.filter(({ action }) => action === 'CREATE')).toHaveLength(756);

    const { id, digest } = plan;
    const only = { actions: ['LINK', 'RENAME', 'UPDATE'] };
    const { run, error } = await synchronize(world, 'applySync', { id, digest, only });
    expect(error).toBeNull();
    const { state, settled } = await untilEnded(world, run?.id ?? '');
    expect([state, settled]).toEqual(['COMPLETED', 4 + (counts['USER UPDATE'] ?? 0)]);

    const again = await planned();
    expect(again.counts).toMatchObject({ 'USER CREATE': 756 });
    for (const action of only.actions) expect(again.counts).not.toHaveProperty([`USER ${action}`]);
  });
});
