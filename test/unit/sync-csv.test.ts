import { describe, expect, test } from 'vitest';
import { UnreadableFile } from '../../src/errors/source.ts';
import { decode } from '../../src/sync/sources/decode.ts';
import { FORMATS } from '../../src/sync/sources/formats.ts';
import { allOf } from '../iterables.ts';

/** All that a file of CSV holds. It comes in pieces of so many bytes. */
async function readFile(content: string | Buffer, pieceSize = 64 * 1024) {
  const bytes = Buffer.from(content);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize);
  }
  const batches = await allOf(FORMATS.CSV(decode(pieces())));
  return {
    columns: batches[0]?.columns,
    records: batches.flatMap(({ records }) => records.map(({ at, value }) => ({ at, ...value }))),
    problems: batches.flatMap(({ problems }) => problems),
  };
}

/** Whichever way the bytes arrive. */
const PIECES = [1, 2, 3, 7, 64 * 1024];

async function refusalOf(content: string | Buffer, pieceSize: number): Promise<UnreadableFile> {
  const error: unknown = await readFile(content, pieceSize).catch((failure: unknown) => failure);
  if (error instanceof UnreadableFile) return error;
  throw new Error('the file was read', { cause: error });
}

const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le');

describe('a CSV file', () => {
  const people = [
    { at: 'line 2', id: '1', name: 'Åsa' },
    { at: 'line 3', id: '2', name: 'Bo' },
  ];

  test.each<[string, string | Buffer]>([
    ['with LF', 'id,name\n1,Åsa\n2,Bo\n'],
    ['with CRLF', 'id,name\r\n1,Åsa\r\n2,Bo\r\n'],
    ['with CR', 'id,name\r1,Åsa\r2,Bo\r'],
    ['with several kinds of line breaks', 'id,name\n1,Åsa\r\n2,Bo'],
    ['without a final line break', 'id,name\n1,Åsa\n2,Bo'],
    ['with a byte order mark', '\uFEFFid,name\n1,Åsa\n2,Bo\n'],
    ['with semicolons', 'id;name\n1;Åsa\n2;Bo\n'],
    ['with tabs', 'id\tname\n1\tÅsa\n2\tBo\n'],
    ['with bars', 'id|name\n1|Åsa\n2|Bo\n'],
    ['with quotes', '"id","name"\n"1","Åsa"\n"2","Bo"\n'],
    ['with spaces around its column names', ' id , name \n1,Åsa\n2,Bo\n'],
    ['in UTF-16', utf16('id,name\n1,Åsa\n2,Bo\n')],
    ['in UTF-16, big-endian', utf16('id,name\r\n1,Åsa\r\n2,Bo\r\n').swap16()],
  ])('%s is read', async (_, content) => {
    for (const size of PIECES) {
      expect(await readFile(content, size)).toEqual({
        columns: ['id', 'name'],
        records: people,
        problems: [],
      });
    }
  });

  test('names the line where a record begins, also after line breaks in quotes and empty lines', async () => {
    const content = 'id,note\r\n1,"two\r\nlines"\r\n\r\n2,"say ""hi"""\r\n';
    for (const size of PIECES) {
      expect((await readFile(content, size)).records).toEqual([
        { at: 'line 2', id: '1', note: 'two\r\nlines' },
        { at: 'line 5', id: '2', note: 'say "hi"' },
      ]);
    }
  });

  test('keeps characters that are cut in two by the network', async () => {
    for (const content of ['id\n𝄞€é\n', utf16('id\n𝄞€é\n')]) {
      for (const size of PIECES)
        expect((await readFile(content, size)).records).toEqual([{ at: 'line 2', id: '𝄞€é' }]);
    }
  });

  test('may call a column __proto__', async () => {
    const { records } = await readFile('__proto__,id\nx,1\n');
    expect(Object.getOwnPropertyDescriptor(records[0] ?? {}, '__proto__')?.value).toBe('x');
    expect(Object.getPrototypeOf(records[0])).toBe(Object.prototype);
  });

  test('may consist of a header alone', async () => {
    expect(await readFile('id,name')).toEqual({ columns: ['id', 'name'], records: [], problems: [] });
  });

  test('is read in batches of at most 500 records', async () => {
    async function* texts() {
      yield `id\n${Array.from({ length: 1_200 }, (_, index) => index).join('\n')}`;
    }
    const batches = await allOf(FORMATS.CSV(texts()));
    expect(batches.map(({ records }) => records.length)).toEqual([0, 500, 500, 200]);
  });
});

describe('a broken CSV file', () => {
  test('with a row of too few fields names its line, and the other rows are read', async () => {
    const { records, problems } = await readFile('id,name\n1,A\n2\n3,C\n');
    expect(records).toEqual([
      { at: 'line 2', id: '1', name: 'A' },
      { at: 'line 4', id: '3', name: 'C' },
    ]);
    expect(problems).toEqual([
      {
        at: 'line 3',
        code: 'WRONG_FIELD_COUNT',
        message:
          'The row has 1 field, but the header has 2. Put values that contain the separator in quotes.',
      },
    ]);
  });

  test('with a row of too many fields names its line, and the other rows are read', async () => {
    const { records, problems } = await readFile('id,name\n1,A\n2,B,x\n3,C\n');
    expect(records.map(({ at }) => at)).toEqual(['line 2', 'line 4']);
    expect(problems).toMatchObject([{ at: 'line 3', code: 'WRONG_FIELD_COUNT' }]);
  });

  const rows = '1,A\n"2","B\n1"\n';
  test.each<[string, string | Buffer, string, RegExp]>([
    ['that is empty', '', 'line 1', /empty/],
    ['that has only a byte order mark', '\uFEFF', 'line 1', /empty/],
    ['with an empty header', ',\n1,2\n', 'line 1', /The header is empty/],
    ['with a column without a name', 'id,,name\n', 'line 1', /Column 2 of the header has no name/],
    [
      'with two columns of one name',
      'id,mail, id\n',
      'line 1',
      /Columns 1 and 3 of the header are both called "id"/,
    ],
    [
      'with too many columns',
      `${Array.from({ length: 1_001 }, (_, n) => `c${n}`).join()}\n`,
      'line 1',
      /1001 columns/,
    ],
    ['with a long column name', `${'x'.repeat(201)}\n`, 'line 1', /more than 200 characters/],
    ['with an endless header', `"${'x'.repeat(300_000)}`, 'line 1', /more than 262144 characters/],
    ['with a quote that is never closed', `id,name\n${rows}3,"C\n4,D\n`, 'line 5', /never closed/],
    [
      'with a quote in the middle of a value',
      `id,name\n${rows}3,5" disk\n4,D\n`,
      'line 5',
      /middle of a value/,
    ],
    ['with text after a closing quote', `id,name\n${rows}3,"C"x\n4,D\n`, 'line 5', /follows a closing quote/],
    [
      'with a record of more than 1 MiB',
      `id,name\n${rows}3,${'x'.repeat(1_100_000)}\n`,
      'line 5',
      /more than 1 MiB/,
    ],
    ['in Latin-1', Buffer.from('id,name\n1,\xc5sa\n', 'latin1'), 'byte 10', /not UTF-8/],
    ['that ends within a character', Buffer.from('id,name\n1,€').subarray(0, -1), 'byte 10', /not UTF-8/],
    ['with a NUL character', 'id,name\n1,A\0\n', 'byte 11', /NUL/],
    ['with half a surrogate pair in UTF-16', utf16('id\n\uD83D\n'), 'byte 8', /not UTF-16/],
    ['in UTF-16 with half a character at the end', utf16('id\n1\n').subarray(0, -1), 'byte 10', /not UTF-16/],
    ['in UTF-16 with a NUL character', utf16('id\n\0\n'), 'byte 8', /NUL/],
  ])('%s is refused with the place', async (_, content, at, message) => {
    const sizes = content.length > 2_000 ? [64 * 1024] : PIECES;
    for (const size of sizes) {
      const error = await refusalOf(content, size);
      expect(error).toMatchObject({ code: 'UNREADABLE_FILE', at });
      expect(error.message).toMatch(message);
    }
  });

  test('is refused without repeating any of its values', async () => {
    for (const content of ['id,n\n1,"secret\n', 'id,n\n1,secret"\n', 'id,n\n1,"secret"secret\n']) {
      expect((await refusalOf(content, 64)).message).not.toContain('secret');
    }
  });
});
