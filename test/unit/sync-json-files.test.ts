import { describe, expect, test } from 'vitest';
import { decode } from '../../src/sync/sources/decode.ts';
import { FORMATS } from '../../src/sync/sources/formats.ts';
import { allOf } from '../iterables.ts';

/** All that a file holds. It comes in pieces of so many bytes. */
async function readFile(format: 'JSON' | 'JSON_LINES', content: string, pieceSize = 64 * 1024) {
  const bytes = Buffer.from(content);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize);
  }
  const batches = await allOf(FORMATS[format](decode(pieces())));
  return {
    records: batches.flatMap(({ records }) => records.map(({ at, value }) => ({ at, value }))),
    problems: batches.flatMap(({ problems }) => problems.map(({ at, code }) => ({ at, code }))),
  };
}

const PIECES = [1, 2, 5, 64 * 1024];
const LARGE = 'x'.repeat(1_100_000);
const DEEP = `${'{"a":'.repeat(30)}1${'}'.repeat(30)}`;
const WIDE = JSON.stringify(Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`f${n}`, n])));

/** What cannot be a record though its end is clear. */
const UNUSABLE: readonly [string, string][] = [
  ['7', 'NOT_AN_OBJECT'],
  ['null', 'NOT_AN_OBJECT'],
  ['[{}]', 'NOT_AN_OBJECT'],
  [DEEP, 'TOO_DEEP'],
  [WIDE, 'TOO_MANY_FIELDS'],
  ['{"a":"\\u0000"}', 'INVALID_TEXT'],
  ['{"\\ud83d":1}', 'INVALID_TEXT'],
];

describe('a file of JSON lines', () => {
  test('has a record on each line, and may have empty ones', async () => {
    const content = '{"id":1,"tags":["a"]}\r\n\n{"id":"Å","none":null}';
    for (const size of PIECES) {
      expect(await readFile('JSON_LINES', content, size)).toEqual({
        records: [
          { at: 'line 1', value: { id: 1, tags: ['a'] } },
          { at: 'line 3', value: { id: 'Å', none: null } },
        ],
        problems: [],
      });
    }
  });

  test('may be empty', async () => {
    expect(await readFile('JSON_LINES', '')).toEqual({ records: [], problems: [] });
  });

  test('names lines that are not a record, and the others are read', async () => {
    const lines = [...UNUSABLE, ['{"a":', 'INVALID_JSON'], ['{} {}', 'INVALID_JSON']];
    const content = lines.map(([line]) => `${line}\n{"ok":true}`).join('\n');
    const { records, problems } = await readFile('JSON_LINES', content);
    expect(records.map(({ at }) => at)).toEqual(lines.map((_, index) => `line ${2 * index + 2}`));
    expect(problems).toEqual(lines.map(([, code], index) => ({ at: `line ${2 * index + 1}`, code })));
  });

  test('with a line of more than 1 MiB is refused', async () => {
    await expect(readFile('JSON_LINES', `{}\n{"a":"${LARGE}"}\n`)).rejects.toMatchObject({ at: 'line 2' });
  });
});

describe('a file with a JSON array', () => {
  test('has a record in each item, however it is written', async () => {
    const items = [{ id: 1, text: 'a ] } , " \\ {[' }, { id: 2, deep: { list: [[1], {}] } }, {}];
    const records = items.map((value, index) => ({ at: `item ${index + 1}`, value }));
    for (const content of [
      JSON.stringify(items),
      JSON.stringify(items, null, 2),
      `\n ${JSON.stringify(items)} \n`,
    ]) {
      for (const size of PIECES)
        expect(await readFile('JSON', content, size)).toEqual({ records, problems: [] });
    }
  });

  test('may be empty', async () => {
    expect(await readFile('JSON', ' [ ] ')).toEqual({ records: [], problems: [] });
  });

  test('names items that are not a record, and the others are read', async () => {
    const content = `[${UNUSABLE.map(([item]) => `${item},{"ok":true}`).join()}]`;
    const { records, problems } = await readFile('JSON', content);
    expect(records.map(({ at }) => at)).toEqual(UNUSABLE.map((_, index) => `item ${2 * index + 2}`));
    expect(problems).toEqual(UNUSABLE.map(([, code], index) => ({ at: `item ${2 * index + 1}`, code })));
  });

  test.each<[string, string, string, RegExp]>([
    ['is empty', '', 'line 1', /must be a JSON array/],
    ['holds one object', '{"id":1}', 'line 1', /must be a JSON array/],
    ['ends early', '[{},\n{}', 'line 2', /ends before its array is closed/],
    ['ends within a text', '[{},\n{"a":"', 'line 2', /ends before its array is closed/],
    ['goes on after its end', '[{}]\n[{}]', 'line 2', /follows the end/],
    ['has a comma too many', '[{},\n]', 'line 2', /An item is missing/],
    ['has two commas', '[{},\n,{}]', 'line 2', /An item is missing/],
    ['lacks a comma', '[{} {}]', 'item 1', /not valid JSON/],
    ['has an item that is not JSON', '[{},{"a":}]', 'item 2', /not valid JSON/],
    ['has an unclosed bracket', '[{"a":[1},{}]', 'line 1', /ends before/],
    ['has an item of more than 1 MiB', `[{},{"a":"${LARGE}"}]`, 'item 2', /more than 1 MiB/],
  ])('that %s is refused with the place', async (_, content, at, message) => {
    for (const size of content.length > 2_000 ? [64 * 1024] : PIECES) {
      const refused = readFile('JSON', content, size);
      await expect(refused).rejects.toMatchObject({ code: 'UNREADABLE_FILE', at });
      await expect(refused).rejects.toThrow(message);
    }
  });
});
