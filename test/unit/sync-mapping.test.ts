import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUILT_IN } from '../../src/sync/mapping/built-in.ts';
import type { MappingProblem } from '../../src/sync/mapping/mapping.ts';
import { readMapping } from '../../src/sync/mapping/read-mapping.ts';
import { mappingOf, STAFF } from '../sync-mapping.ts';

function problemsOf(text: string): readonly MappingProblem[] {
  const read = readMapping(text);
  return 'problems' in read ? read.problems : [];
}

/** As `7:3 user.emails is required.` */
const shown = (text: string) =>
  problemsOf(text).map(({ path, line, column, message }) => `${line}:${column} ${path} ${message}`);

describe('reading a mapping', () => {
  it('fills in every default of the policy, and keeps the numbers of a limit that the mapping does not set', () => {
    const { policy } = mappingOf(`${STAFF}policy: { limits: { DELETE: { count: 5 } } }\n`).outline;
    expect(policy.mode).toBe('FULL');
    expect(policy.scope).toEqual({ domains: [], groups: [] });
    expect(policy.situations).toEqual({
      UNQUALIFIED: { action: 'REPORT' },
      CONFIRMED: { action: 'UPDATE' },
      FOUND: { action: 'UPDATE' },
      MISSING: { action: 'REPORT' },
      ABSENT: { action: 'CREATE' },
      SOURCE_MISSING: { action: 'REPORT' },
      UNASSIGNED: { action: 'NONE' },
    });
    expect(policy.limits).toEqual({
      DELETE: { count: 5, percent: 1 },
      DISABLE: { count: 50, percent: 3 },
      REMOVE_LICENSES: { count: 200, percent: 10 },
      REMOVE_MEMBERS: { percent: 25 },
      EMPTY_GROUP: { count: 0 },
      RENAME: { count: 100, percent: 5 },
      UPDATE: { percent: 50 },
      CREATE: { percent: 50 },
      ROLES: { count: 0 },
      RELINK: { count: 5 },
      SOURCE_SHRUNK: { percent: 20 },
      INVALID_RECORDS: { percent: 5 },
    });
    expect(policy.ownLimits).toEqual(['DELETE']);
  });

  it('names the fields that rules set, those of calling licenses included, and all columns', () => {
    const { outline, rules } = mappingOf(`${STAFF}
licenses:
  mode: ADDITIVE
  rules:
    - when: 'tier == "pro" && [1, 2].exists(n, string(n) == level)'
      give: Webex Calling - Professional
      with: { locationId: site, extension: ext }
`);
    expect(outline.fields).toEqual(['displayName', 'extension', 'location']);
    expect(outline.licenses.managed).toEqual([{ name: 'Webex Calling - Professional' }]);
    expect([...rules.columns].sort()).toEqual([
      'employeeId',
      'ext',
      'givenName',
      'level',
      'mail',
      'site',
      'sn',
      'tier',
    ]);
  });

  it('reads JSON as it reads YAML', () => {
    const json = JSON.stringify({
      version: 1,
      name: 'a',
      source: { kind: 'ROWS' },
      user: { emails: 'mail' },
    });
    expect(mappingOf(json).outline.source).toEqual({ kind: 'ROWS' });
  });

  it('reports all mistakes at once, each with path, line and column, and the nearest known word', () => {
    expect(
      shown(`version: 2
name: two words
source: { knd: FILE, previousKey: x }
correlate: [LINK, EMIAL]
user:
  emals: mail
  title: { from: a, constant: b }
  department: { from: dept, table: { R1: Research }, otherwise: SAM }
  loginEnabled: { expression: 'status = 1' }
licenses: { mode: EXCT, rules: [{ when: '1 + 1', give: [] }] }
`),
    ).toEqual([
      '1:1 version must be 1.',
      '2:1 name must be 1 to 64 letters, digits, - and _.',
      '3:1 source.kind is required: FILE, ROWS or IDENTITY_CLOUD.',
      '3:11 source.knd is not a known key. Did you mean "kind"?',
      '4:19 correlate[1] must be LINK, EMAIL, ALTERNATE_EMAIL or PREVIOUS_EMAIL. Did you mean "EMAIL"?',
      '5:1 user.emails is required.',
      '6:3 user.emals is not a known key. Did you mean "emails"?',
      '7:21 user.title.constant cannot be combined with from.',
      '8:54 user.department.otherwise must be SAME, NOTHING or INVALID. Did you mean "SAME"?',
      '9:19 user.loginEnabled.expression is not a valid expression: Unexpected character: =.',
      '10:13 licenses.mode must be IGNORE, ADDITIVE or EXACT. Did you mean "EXACT"?',
      '10:35 licenses.rules[0].when must be a condition, which is true or false.',
      '10:50 licenses.rules[0].give must not be empty.',
    ]);
  });

  it.each([
    ['a key that is there twice', 'a: 1\na: 2', '2:1  has the key "a" twice in one object.'],
    ['a list', '- a', '1:1  must be an object, with keys and values.'],
    ['an empty text', '', '1:1  must be an object, with keys and values.'],
    [
      'an alias without its anchor',
      'a: *b',
      '1:1  cannot be read: it is nested too deeply, refers to an anchor that is not there, or uses anchors more than 20 times.',
    ],
  ])('reports %s', (_what, text, problem) => {
    expect(shown(text)).toEqual([problem]);
  });

  it('refuses texts that are made to use up time or memory', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x]',
      'b: &b [*a, *a, *a, *a, *a, *a]',
      'c: [*b, *b, *b, *b, *b, *b]',
    ];
    expect(shown(bomb.join('\n'))[0]).toContain('uses anchors more than 20 times');
    expect(shown('['.repeat(100_000))[0]).toContain('is nested too deeply');
    expect(shown('a'.repeat(200_000))[0]).toContain('is longer than');
    expect(problemsOf(Array.from({ length: 10_000 }, (_, index) => `k${index}: 1`).join('\n'))).toHaveLength(
      100,
    );
  });
});

describe('what a mapping may not say', () => {
  it('a mapping without a key may not take anything from users', () => {
    const text = STAFF.replace(', key: employeeId', '');
    expect(shown(text)).toEqual([]);
    expect(
      shown(`${text}policy: { situations: { SOURCE_MISSING: DELETE, UNQUALIFIED: DISABLE } }\n`),
    ).toEqual([
      expect.stringContaining(
        'policy.situations.SOURCE_MISSING takes something from users, so source.key is required',
      ),
      expect.stringContaining(
        'policy.situations.UNQUALIFIED takes something from users, so source.key is required',
      ),
    ]);
  });

  it('a grace period is possible where a date is known to count from', () => {
    const policy = (situation: string) =>
      shown(`${STAFF}policy: { situations: { ${situation} } }\n`).map((problem) =>
        problem.split(' ').slice(1).join(' '),
      );
    expect(policy('SOURCE_MISSING: { action: DELETE, after: P14D }')).toEqual([]);
    expect(policy('SOURCE_MISSING: { action: DELETE, after: P400D }')).toEqual([
      'policy.situations.SOURCE_MISSING.after must be P1D to P365D, a number of days.',
    ]);
    expect(policy('UNASSIGNED: { action: DELETE, after: P1D }')).toEqual([
      'policy.situations.UNASSIGNED.after is possible for SOURCE_MISSING only: other situations have no date to count from.',
    ]);
    expect(policy('FOUND: DELETE')).toEqual(['policy.situations.FOUND.action must be UPDATE, LINK or NONE.']);
  });

  it('every license that a rule gives is in the list of managed licenses', () => {
    const licenses = (managed: string) =>
      shown(
        `${STAFF}licenses: { mode: EXACT${managed}, rules: [{ give: [{ name: Meetings, site: a.example }] }] }\n`,
      );
    expect(licenses(', managed: [{ name: meetings, site: A.example }]')).toEqual([]);
    expect(licenses(', managed: [{ name: Meetings, site: b.example }]')).toEqual([
      expect.stringContaining('licenses.rules[0].give[0] must be in licenses.managed as well'),
    ]);
    expect(licenses('')).toEqual([expect.stringContaining('licenses.managed is required if mode is EXACT.')]);
  });

  it('an expression may not use matches, which can take hours', () => {
    expect(shown(`${STAFF}qualify: mail.matches("(a+)+$")\n`)).toEqual([
      expect.stringContaining(
        'qualify matches is not available, because a pattern can take hours. Use like(text, pattern).',
      ),
    ]);
    expect(shown(`${STAFF}qualify: like(mail, "(a+)+$")\n`)).toEqual([]);
    expect(shown(`${STAFF}qualify: like(mail, "(a")\n`)).toEqual([
      expect.stringContaining('qualify has a pattern that is not valid'),
    ]);
  });

  it('a column that is called like a type of CEL is read by its name in quotes', () => {
    expect(shown(`${STAFF}qualify: type == "person"\n`)).toEqual([
      expect.stringContaining('If you mean a column, write record["type"].'),
    ]);
    expect(shown(`${STAFF}qualify: record["type"] == "person"\n`)).toEqual([]);
  });
});

describe('mappings that people copy', () => {
  const root = resolve(import.meta.dirname, '../..');

  it('the whole syntax in the documentation is valid', () => {
    const chapter = readFileSync(join(root, 'docs/sync-mapping.md'), 'utf8');
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(chapter) ?? [];
    expect(shown(yaml)).toEqual([]);
  });

  it('the example is valid', () => {
    expect(shown(readFileSync(join(root, 'examples/sync/staff.yaml'), 'utf8'))).toEqual([]);
  });

  it('those that come with the gateway are valid, and have the name by which they are found', () => {
    for (const [name, text] of BUILT_IN) expect(mappingOf(text).outline.name).toBe(name);
  });
});
