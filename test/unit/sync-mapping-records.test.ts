import { describe, expect, it } from 'vitest';
import { resolveNames } from '../../src/sync/mapping/resolve-names.ts';
import type { JsonObject, MappedRecord } from '../../src/sync/words.ts';
import { licenseOf, mapOne, mappingOf, resolvedMapping, STAFF } from '../sync-mapping.ts';

const ANN: JsonObject = { employeeId: '7', mail: 'Ann@Acme.example', givenName: 'Ann', sn: 'Lee' };

/** The fields that a mapping with these rules gives a record. */
function fieldsOf(rules: string, record: JsonObject = {}): unknown {
  const mapped = mapOne(resolvedMapping(`${STAFF}${rules}`), { ...ANN, ...record });
  const { displayName: _displayName, ...fields } = mapped.desired?.fields ?? {};
  return mapped.desired === undefined ? problemsOf(mapped) : fields;
}

function problemsOf({ problems }: MappedRecord): string[] {
  return problems.map(({ field, code }) => `${field} ${code}`);
}

describe('what a mapping makes of a record', () => {
  it('is a user with the values that updateUser would send', () => {
    const mapped = mapOne(resolvedMapping(STAFF), ANN);
    expect(mapped).toEqual({
      ...{ at: 'line 2', key: '7', previousKey: undefined, qualifies: true, state: 'OK', problems: [] },
      ...{ emails: ['ann@acme.example'], alternates: [], former: [] },
      desired: {
        emails: { values: ['ann@acme.example'], mode: 'FIRST' },
        fields: { displayName: 'Ann Lee' },
        ...{ licenses: [], roles: [] },
      },
    });
  });

  it.each([
    ['from', 'title: job', { job: ' Nurse ' }, { title: 'Nurse' }],
    ['an empty cell leaves a field alone', 'title: job', { job: ' ' }, {}],
    ['null leaves a field alone', 'title: job', { job: null }, {}],
    ['clear makes an empty cell null', 'title: { from: job, clear: EMPTY }', { job: '' }, { title: null }],
    ['default', 'title: { from: job, default: Employee }', { job: '' }, { title: 'Employee' }],
    ['constant', 'title: { constant: Employee }', {}, { title: 'Employee' }],
    ['constant null', 'title: { constant: null }', {}, { title: null }],
    ['template', 'title: { template: "{a}, {b} {{x}}" }', { a: 'A', b: '' }, { title: 'A,  {x}' }],
    ['template of empty columns', 'title: { template: "{a} {b}" }', { a: '', b: ' ' }, {}],
    [
      'take the last part',
      'title: { from: a, split: ",", take: -1, upper: true }',
      { a: 'x, y' },
      { title: 'Y' },
    ],
    ['take a part that is not there', 'title: { from: a, split: ",", take: 3 }', { a: 'x, y' }, {}],
    ['join', 'title: { from: a, split: ";", lower: true, join: " / " }', { a: 'X;;Y' }, { title: 'x / y' }],
    ['table', 'department: { from: d, table: { R1: Research } }', { d: 'R1' }, { department: 'Research' }],
    [
      'table, otherwise the same',
      'department: { from: d, table: {}, otherwise: SAME }',
      { d: 'R2' },
      { department: 'R2' },
    ],
    ['table, otherwise nothing', 'department: { from: d, table: {}, otherwise: NOTHING }', { d: 'R2' }, {}],
    [
      'table, otherwise a problem',
      'department: { from: d, table: {} }',
      { d: 'R2' },
      ['department NOT_IN_TABLE'],
    ],
    ['an expression', 'title: { expression: \'x == "a" ? "A" : ""\' }', { x: 'a' }, { title: 'A' }],
    ['an expression that gives nothing', 'title: { expression: \'x == "a" ? "A" : ""\' }', { x: 'b' }, {}],
    ['whole numbers of JSON', 'title: { expression: "string(n + 1)" }', { n: 2 }, { title: '3' }],
    ['an absent attribute is null', 'title: { expression: \'x == null ? "-" : x\' }', {}, { title: '-' }],
    ['a number as a text', 'extension: ext', { ext: 4711 }, { extension: '4711' }],
    [
      'a list of numbers',
      'phoneNumbers: phones',
      { phones: ['+49 30 901820'] },
      { phoneNumbers: ['+4930901820'] },
    ],
    ['true as a text', 'loginEnabled: on', { on: 'true' }, { loginEnabled: true }],
    ['neither true nor false', 'loginEnabled: on', { on: 'yes' }, ['loginEnabled WRONG_TYPE']],
    [
      'addresses',
      'addresses: { expression: \'[{"locality": city}]\' }',
      { city: 'Bonn' },
      { addresses: [{ type: 'work', locality: 'Bonn' }] },
    ],
    ['a value of a wrong kind', 'title: job', { job: { a: 1 } }, ['title WRONG_TYPE']],
    [
      'a phone number without its plus',
      'phoneNumbers: p',
      { p: '4930901820' },
      ['phoneNumbers[0] LOST_PLUS'],
    ],
    ['a value that updateUser refuses', 'title: job', { job: 'a\nb' }, ['title INVALID_VALUE']],
    [
      'an expression that fails',
      'title: { expression: "int(x) > 1" }',
      { x: 'a' },
      ['title EXPRESSION_FAILED'],
    ],
  ])('%s', (_what, rule, record, expected) => {
    expect(fieldsOf(`  ${rule}\n`, record)).toEqual(expected);
  });

  it('a list of addresses replaces all addresses, a text only the first', () => {
    const rule = STAFF.replace('mail, lower: true', 'mail, split: ";"');
    const { desired } = mapOne(resolvedMapping(rule), { ...ANN, mail: 'ann@acme.example; lee@acme.example' });
    expect(desired?.emails).toEqual({ values: ['ann@acme.example', 'lee@acme.example'], mode: 'ALL' });
  });

  it('a calling license brings its location and extension along', () => {
    const text = `${STAFF}
licenses:
  mode: ADDITIVE
  rules:
    - { when: 'tier == "pro"', give: Calling, with: { locationId: site, extension: ext } }
    - { give: Meetings }
`;
    const mapping = resolvedMapping(text, {
      licenses: [licenseOf('L1', 'Calling'), licenseOf('L2', 'meetings')],
    });
    const pro = mapOne(mapping, { ...ANN, tier: 'pro', site: 'Berlin', ext: '4711' });
    expect(pro.desired?.licenses).toEqual(['L1', 'L2']);
    expect(pro.desired?.fields).toEqual({ displayName: 'Ann Lee', location: 'Berlin', extension: '4711' });
    const basic = mapOne(mapping, { ...ANN, tier: 'basic', site: 'Berlin', ext: '4711' });
    expect(basic.desired?.licenses).toEqual(['L2']);
    expect(basic.desired?.fields).toEqual({ displayName: 'Ann Lee' });
  });

  it('groups that are not managed are left out, and an empty cell leaves memberships alone', () => {
    const mapping = resolvedMapping(
      `${STAFF}groups: { mode: ADDITIVE, managed: { prefix: hr- }, from: { from: groups, split: ";" } }\n`,
    );
    expect(mapOne(mapping, { ...ANN, groups: 'HR-Nurses; it-all; hr-nurses' }).desired?.groups).toEqual([
      'hr-nurses',
    ]);
    expect(mapOne(mapping, { ...ANN, groups: '' }).desired).not.toHaveProperty('groups');
  });

  it('a manager is named by address or by key', () => {
    const by = (how: string) => resolvedMapping(`${STAFF}  manager: { from: boss, by: ${how} }\n`);
    expect(mapOne(by('EMAIL'), { ...ANN, boss: 'Bo@Acme.example' }).desired?.manager).toEqual({
      by: 'EMAIL',
      value: 'bo@acme.example',
    });
    expect(mapOne(by('KEY'), { ...ANN, boss: ' 12 ' }).desired?.manager).toEqual({ by: 'KEY', value: '12' });
    expect(problemsOf(mapOne(by('EMAIL'), { ...ANN, boss: '12' }))).toEqual(['manager INVALID_VALUE']);
  });
});

describe('records that are not valid', () => {
  it('keeps the key and the valid addresses of a record with a wrong value', () => {
    const mapped = mapOne(resolvedMapping(`${STAFF}  title: job\n`), { ...ANN, job: 'a\nb' });
    expect(mapped).toMatchObject({
      state: 'INVALID',
      key: '7',
      emails: ['ann@acme.example'],
      desired: undefined,
    });
  });

  it.each([
    ['no key', { employeeId: ' ' }, ['key MISSING_KEY']],
    ['no address', { mail: '' }, ['emails MISSING_EMAIL']],
    ['a text that is not an address', { mail: 'ann' }, ['emails[0] INVALID_VALUE']],
    [
      'an address of a deleted user',
      { mail: `${'0a'.repeat(16)}ann@acme.example` },
      ['emails TOMBSTONE_ADDRESS'],
    ],
  ])('%s', (_what, record, problems) => {
    const mapped = mapOne(resolvedMapping(STAFF), { ...ANN, ...record });
    expect(mapped.state).toBe('INVALID');
    expect(problemsOf(mapped)).toEqual(problems);
  });

  it('a condition that fails makes a record invalid, and never one that does not qualify', () => {
    const mapping = resolvedMapping(`${STAFF}qualify: status.level > 1\n`);
    expect(mapOne(mapping, { ...ANN, status: null })).toMatchObject({ state: 'INVALID', qualifies: true });
    expect(mapOne(mapping, { ...ANN, status: { level: 2 } })).toMatchObject({ state: 'OK', qualifies: true });
    expect(mapOne(mapping, { ...ANN, status: { level: 1 } })).toMatchObject({
      state: 'OK',
      qualifies: false,
    });
  });

  it('fields of a record that does not qualify are not judged, its key and addresses are read', () => {
    const mapping = resolvedMapping(`${STAFF}  title: job\nqualify: active == "true"\n`);
    const mapped = mapOne(mapping, { ...ANN, job: 'a\nb', active: '' });
    expect(mapped).toMatchObject({ state: 'OK', qualifies: false, key: '7', emails: ['ann@acme.example'] });
  });

  it('keys are trimmed and composed, and differ by letter case', () => {
    const key = (employeeId: string) => mapOne(resolvedMapping(STAFF), { ...ANN, employeeId }).key;
    expect(key(' Jose\u0301 ')).toBe('Jos\u00e9');
    expect(key('a')).not.toBe(key('A'));
  });

  it('no message holds a value of the record', () => {
    const mapping = resolvedMapping(
      `${STAFF}  title: { expression: 'record[secret]' }\n  department: { from: secret, table: {} }\n`,
    );
    const { problems } = mapOne(mapping, { ...ANN, secret: 'hunter2' });
    expect(problems).toHaveLength(2);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});

describe('names of licenses and roles', () => {
  const catalogue = {
    licenses: [
      licenseOf('L1', 'Webex Meetings', 'a.example'),
      licenseOf('L2', 'Webex Meetings', 'b.example'),
    ],
    roles: [{ id: 'R1', name: 'Full Administrator' }],
  };
  const resolve = (grants: string) => resolveNames(mappingOf(`${STAFF}${grants}\n`), catalogue);

  it('are found without regard to letter case, by site and by id', () => {
    const { mapping, problems } = resolve(
      'licenses: { mode: EXACT, managed: [{ name: webex meetings, site: B.example }, { id: L1 }] }',
    );
    expect(problems).toEqual([]);
    expect(mapping.managed.licenses).toEqual(['L2', 'L1']);
  });

  it('are a problem if they are misspelt or if several licenses have them', () => {
    const { problems } = resolve(
      'licenses: { mode: EXACT, managed: [Webex Metings, Webex Meetings] }\npolicy: { protect: { roles: [Full Admin] } }',
    );
    expect(problems.map(({ field, code }) => `${field} ${code}`)).toEqual([
      'licenses.managed[0] UNKNOWN_NAME',
      'licenses.managed[1] AMBIGUOUS',
      'policy.protect.roles[0] UNKNOWN_NAME',
    ]);
    expect(problems[0]?.message).toContain('Did you mean "Webex Meetings"?');
    expect(problems[1]?.message).toContain('id L1, site a.example');
  });
});
