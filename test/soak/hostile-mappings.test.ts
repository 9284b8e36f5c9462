import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STAFF } from '../sync-mapping.ts';
import { startWorld, type World } from '../world.ts';

// Expressions that are made to use up time or memory. Each is ended, and the gateway answers others meanwhile.

const HOSTILE: readonly (readonly [string, string])[] = [
  ['three loops', 'size(a.map(x, a.map(y, a.map(z, x + y + z)))) > 0'],
  ['four loops', 'a.all(w, a.all(x, a.all(y, a.all(z, w + x + y + z != ""))))'],
  ['loops that filter', 'size(a.filter(x, size(a.filter(y, size(a.filter(z, z == "")) > 0)) > 0)) > 0'],
  ['loops that look for one', 'a.exists_one(x, a.exists_one(y, a.exists_one(z, x + y + z == "")))'],
  ['loops over letters', 's.split("").all(x, s.split("").all(y, s.split("").all(z, x + y != z)))'],
  ['a list that is doubled', `size(${bind('a', 10)}) > 0`],
  ['a text that is doubled', `size(${bind('s', 7)}.split("")) > 0`],
  ['lists of lists', 'size(a.map(x, a.map(y, a.map(z, a)))) > 0'],
  ['a join of many texts', 'size(a.map(x, a.map(y, a.map(z, s)).map(l, l.join()).join()).join()) > 0'],
  ['patterns for each pair', 'a.all(x, a.all(y, like(s, "(a+)+(b+)+" + x + y) == false))'],
  ['replacements that grow', `size(a.map(x, a.map(y, s.replace("a", s)))) > 0`],
  ['keys of the record', 'record.all(k, a.all(x, a.all(y, a.all(z, record[k] != x + y + z))))'],
];

/** Four times as much of a variable, again and again. */
function bind(start: string, times: number): string {
  const names = Array.from({ length: times }, (_, index) => `v${index}`);
  const opened = names.map((name, index) => {
    const before = index === 0 ? start : `v${index - 1}`;
    return `cel.bind(${name}, ${before} + ${before} + ${before} + ${before}, `;
  });
  return `${opened.join('')}v${times - 1}${')'.repeat(times)}`;
}

let world: World;
beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 5 } });
});
afterAll(() => world[Symbol.asyncDispose]());

const ROW = { mail: 'a@acme.example', givenName: 'A', sn: 'B' };
const QUERY = `query ($input: PreviewSyncMappingInput!) {
  previewSyncMapping(input: $input) { preview { records { at } } error { code message } } }`;

describe('a hostile expression', () => {
  test.each(
    HOSTILE,
  )('with %s is ended, its row is named, and others are answered', async (_what, expression) => {
    const text = `${STAFF}qualify: ${JSON.stringify(expression)}\n`;
    const rows = [1, 2, 3].map((employeeId) => {
      const isHostile = employeeId === 2;
      return {
        ...ROW,
        employeeId,
        a: Array(isHostile ? 2_000 : 1).fill('a'),
        s: 'a'.repeat(isHostile ? 9_000 : 1),
      };
    });
    let isOver = false;
    const preview = world.ask<{ previewSyncMapping: object }>(QUERY, { input: { mapping: { text }, rows } });
    const others = (async () => {
      let answered = 0;
      for (; !isOver; answered += 1) {
        await world.ask('{ connectors { name } }');
        // Without a port, nothing else lets the event loop turn.
        await setTimeout(20);
      }
      return answered;
    })();
    const { previewSyncMapping } = await preview;
    isOver = true;
    expect(previewSyncMapping).toEqual({
      preview: null,
      error: {
        code: 'INVALID_INPUT',
        message: expect.stringContaining('row 2: an expression of the mapping takes'),
      },
    });
    expect(await others).toBeGreaterThan(0);
  });
});
