import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from '../world.ts';

// The example of synchronization, against the organization that the demo has.

const file = (name: string) => readFileSync(new URL(`../../examples/sync/${name}`, import.meta.url), 'utf8');
const PEOPLE = file('people.csv');
const STAFF = file('staff.yaml');
/** Rows by line, from 1 as in an editor. */
const ROWS = PEOPLE.trimEnd().split('\n');

let world: World;
beforeAll(async () => {
  world = await startWorld();
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
});
