import { describe, expect, it } from 'vitest';
import { MappingProcess } from '../../src/sync/mapping/mapping-process.ts';
import type { SourceRecord } from '../../src/sync/words.ts';
import { resolvedMapping, STAFF } from '../sync-mapping.ts';

const recordAt = (line: number, more: SourceRecord['value'] = {}): SourceRecord => ({
  at: `line ${line}`,
  is: 'VALUE',
  value: { employeeId: String(line), mail: `u${line}@acme.example`, givenName: 'Ann', sn: 'Lee', ...more },
});

describe('the process that maps records', () => {
  it('maps one batch after the other, and ends when it is closed', async () => {
    await using mapping = await MappingProcess.open(resolvedMapping(STAFF));
    const first = await mapping.map([recordAt(2), recordAt(3)]);
    const second = await mapping.map([recordAt(4)]);
    expect([...first, ...second].map(({ key, state }) => `${key} ${state}`)).toEqual([
      '2 OK',
      '3 OK',
      '4 OK',
    ]);
    await mapping.close();
    await expect(mapping.map([recordAt(5)])).rejects.toThrow();
  });

  it('is not started if the file lacks a column that the mapping names', async () => {
    const opened = MappingProcess.open(resolvedMapping(STAFF), { columns: ['mail', 'sn'] });
    await expect(opened).rejects.toMatchObject({
      code: 'COLUMN_MISSING',
      message: expect.stringMatching(/^line 1: .*"employeeId", "givenName"/),
    });
  });

  it.each([
    ['time', 'size(a.split(",").map(x, a.split(",").map(y, a.split(",").map(z, x + y + z)))) > 0'],
    [
      'memory',
      'size(cel.bind(b, a+a+a+a+a+a+a+a, cel.bind(c, b+b+b+b+b+b+b+b, cel.bind(d, c+c+c+c+c+c+c+c, cel.bind(e, d+d+d+d+d+d, e)))).split("")) > 0',
    ],
  ])('is ended when an expression uses up its %s, and the line is named', async (_what, expression) => {
    await using mapping = await MappingProcess.open(resolvedMapping(`${STAFF}qualify: '${expression}'\n`));
    const hostile = recordAt(4, { a: 'x,'.repeat(30_000) });
    const mapped = mapping.map([
      recordAt(2, { a: '' }),
      recordAt(3, { a: '' }),
      hostile,
      recordAt(5, { a: '' }),
    ]);
    await expect(mapped).rejects.toMatchObject({
      code: 'EXPRESSION_TOO_SLOW',
      message: expect.stringMatching(/^line 4: /),
    });
  });
});
