import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STAFF } from '../sync-mapping.ts';
import { startWorld, type World } from '../world.ts';

// What a mapping makes of some records, before anything is planned.

interface Previewed {
  readonly preview: {
    readonly warnings: readonly { readonly path: string }[];
    readonly records: readonly {
      readonly at: string;
      readonly qualifies: boolean;
      readonly key: string | null;
      readonly fields: readonly {
        readonly field: string;
        readonly before: unknown;
        readonly after: unknown;
      }[];
      readonly licenses: readonly string[];
      readonly groups: readonly string[];
      readonly problems: readonly { readonly path: string; readonly message: string }[];
    }[];
  } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

const QUERY = `query ($input: PreviewSyncMappingInput!) { previewSyncMapping(input: $input) {
  preview { warnings { path } records { at qualifies key licenses groups fields { field before after } problems { path message } } }
  error { code message } } }`;

let world: World;

beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 20 } });
});
afterAll(() => world[Symbol.asyncDispose]());

async function preview(input: object): Promise<Previewed> {
  const { previewSyncMapping } = await world.ask<{ previewSyncMapping: Previewed }>(QUERY, { input });
  return previewSyncMapping;
}

async function upload(content: string, type = 'text/csv'): Promise<string> {
  const response = await world.gateway.fetch(
    new Request('http://gateway.test/sync/files?name=people.csv', {
      ...{ method: 'PUT', body: content },
      headers: { 'content-type': type },
    }),
  );
  const answer: { id: string } = JSON.parse(await response.text());
  return answer.id;
}

const ANN = { employeeId: 7, mail: 'Ann@Acme.example', givenName: 'Ann', sn: 'Lee' };
const HEADER = 'employeeId,mail,givenName,sn';

describe('a preview of rows', () => {
  test('shows each field that the mapping sets, and asks Webex for the names of licenses only', async () => {
    const { licenses } = (
      await world.ask<{ connector: { licenses: { name: string }[] } }>('{ connector { licenses { name } } }')
    ).connector;
    const license = licenses.find(
      ({ name }) => licenses.filter((each) => each.name === name).length === 1,
    )?.name;
    const text = `${STAFF}licenses: { mode: ADDITIVE, rules: [{ give: [${JSON.stringify(license)}] }] }
groups: { mode: ADDITIVE, managed: { prefix: hr- }, from: { from: groups, split: ";" } }\n`;
    const row = { ...ANN, groups: 'hr-nurses;all' };
    const answer = await world.query<{ previewSyncMapping: Previewed }>(QUERY, {
      input: { mapping: { text }, rows: [row] },
    });
    expect(answer.data?.previewSyncMapping.error).toBeNull();
    expect(answer.data?.previewSyncMapping.preview?.records).toEqual([
      {
        ...{
          at: 'row 1',
          qualifies: true,
          key: '7',
          licenses: [license],
          groups: ['hr-nurses'],
          problems: [],
        },
        fields: [
          { field: 'emails', before: null, after: ['ann@acme.example'] },
          { field: 'displayName', before: null, after: 'Ann Lee' },
        ],
      },
    ]);
    expect(answer.extensions.webex.requests).toBeLessThanOrEqual(1);
  });

  test('shows records that do not qualify or have problems', async () => {
    const text = `${STAFF}qualify: active == true\n`;
    const rows = [{ ...ANN, active: false }, { ...ANN, active: true, mail: 'ann' }, 'no object'];
    const { records = [] } = (await preview({ mapping: { text }, rows })).preview ?? {};
    expect(
      records.map(({ at, qualifies, problems }) => [at, qualifies, problems.map(({ path }) => path)]),
    ).toEqual([
      ['row 1', false, []],
      ['row 2', true, ['emails[0]']],
      ['row 3', true, ['']],
    ]);
  });

  test('warns of names that the organization does not have', async () => {
    const text = `${STAFF}licenses: { mode: ADDITIVE, rules: [{ give: [No such license] }] }\n`;
    const { preview: shown } = await preview({ mapping: { text }, rows: [ANN] });
    expect(shown?.warnings).toEqual([{ path: 'licenses.managed[0]' }]);
  });

  test.each([
    ['a mapping that is not valid', { mapping: { text: 'a: 1' }, rows: [ANN] }, 'INVALID_INPUT'],
    ['a mapping that does not exist', { mapping: { name: 'nobody' }, rows: [ANN] }, 'NOT_FOUND'],
    ['neither rows nor a file', { mapping: { text: STAFF } }, 'INVALID_INPUT'],
    ['too many rows', { mapping: { text: STAFF }, rows: Array(21).fill(ANN) }, 'INVALID_INPUT'],
    [
      'an expression that takes too long',
      {
        mapping: { text: `${STAFF}qualify: 'size(a.map(x, a.map(y, a.map(z, x + y + z)))) > 0'\n` },
        rows: [{ ...ANN, a: Array(1_000).fill('x') }],
      },
      'INVALID_INPUT',
    ],
  ])('refuses %s', async (_what, input, code) => {
    const answered = await preview(input);
    expect([answered.preview, answered.error?.code]).toEqual([null, code]);
  });
});

describe('a preview of a file', () => {
  test('shows the lines that are asked for, and those that cannot be read', async () => {
    const file = await upload(`${HEADER}\n1,a@acme.example,A,A\n2,b@acme.example\n3,c@acme.example,C,C\n`);
    const shown = await preview({ mapping: { text: STAFF }, file, lines: [4, 3] });
    expect(shown.preview?.records.map(({ at, key, problems }) => [at, key, problems.length])).toEqual([
      ['line 3', null, 1],
      ['line 4', '3', 0],
    ]);
  });

  test('shows the first 20 records by default', async () => {
    const lines = Array.from({ length: 30 }, (_, index) => `${index},u${index}@acme.example,A,B`);
    const file = await upload([HEADER, ...lines].join('\n'));
    expect((await preview({ mapping: { text: STAFF }, file })).preview?.records).toHaveLength(20);
  });

  test('names the columns that the file does not have', async () => {
    const file = await upload('employeeId,mail\n1,a@acme.example\n');
    const { error } = await preview({ mapping: { text: STAFF }, file });
    expect(error?.code).toBe('INVALID_INPUT');
    expect(error?.message).toContain(
      'line 1: the mapping names columns that the file does not have: "givenName", "sn"',
    );
  });

  test('of Control Hub is read with the mapping that comes with the gateway', async () => {
    const file = await upload(
      `First Name,Last Name,Display Name,User ID/Email (Required),Title,Department,Manager,Phone Number
Ann,Lee,Ann Lee,ann@acme.example,Nurse,,bo@acme.example,+49 30 901820
Bo,Ray,Bo Ray,bo@acme.example,,,,4930901821
`,
    );
    const { preview: shown } = await preview({ mapping: { name: 'control-hub-csv' }, file });
    const [ann, bo] = shown?.records ?? [];
    expect(Object.fromEntries(ann?.fields.map(({ field, after }) => [field, after]) ?? [])).toEqual({
      ...{ emails: ['ann@acme.example'], displayName: 'Ann Lee', firstName: 'Ann', lastName: 'Lee' },
      ...{ title: 'Nurse', phoneNumbers: ['+4930901820'], manager: 'bo@acme.example' },
    });
    expect(bo?.problems[0]?.message).toContain('has no + in front, perhaps because a spreadsheet removed it');
  });
});
