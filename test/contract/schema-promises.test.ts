import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.ts';
import { printSdl } from '../../src/schema/sdl.ts';
import { badDeprecations, breakingChanges } from './schema-changes.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const released = readFileSync(resolve(import.meta.dirname, 'released.graphql'), 'utf8');
const today = new Date().toISOString().slice(0, 10);

/** The day of the release, in the first line of released.graphql. */
const RELEASE = /^# .*\b(\d{4}-\d{2}-\d{2})\b/;

/** Types that the released schema has, and that are not promised yet: lists get other filters before version 1. */
const UNRELEASED = ['UserFilter', 'GroupFilter'];

describe('the schema', () => {
  it('breaks nothing that the last released schema promised', () => {
    const current = printSdl(schema, 'marked');
    expect(breakingChanges(released, current, { unreleased: UNRELEASED, today })).toEqual([]);
  });

  it('says of everything deprecated what to use instead, and keeps it for 180 days', () => {
    const date = RELEASE.exec(released)?.[1] ?? '';
    expect(date).not.toBe('');
    expect(badDeprecations(printSdl(schema, 'marked'), { sdl: released, date })).toEqual([]);
  });

  it('is described with its policy in docs/versioning.md', () => {
    const page = readFileSync(resolve(ROOT, 'docs/versioning.md'), 'utf8');
    expect(page).toContain('180 days');
    expect(page).toContain('released.graphql');
  });
});

const DIRECTIVE = 'directive @semanticNonNull(levels: [Int!]! = [0]) on FIELD_DEFINITION';
const changes = (before: string, after: string, options: object = {}) =>
  breakingChanges(`${DIRECTIVE} ${before}`, `${DIRECTIVE} ${after}`, { today: '2027-06-01', ...options });

describe('the comparison with the released schema', () => {
  it.each([
    ['a new field', 'type Query { a: Int }', 'type Query { a: Int b: Int }'],
    ['a new mark', 'type Query { a: Int }', 'type Query { a: Int @semanticNonNull }'],
    ['a mark that becomes non-null', 'type Query { a: Int @semanticNonNull }', 'type Query { a: Int! }'],
    [
      'the removal of what was announced and is due',
      'type Query { a: Int b: Int @deprecated(reason: "Use a. Gone after 2027-05-31.") }',
      'type Query { a: Int }',
    ],
  ])('lets pass: %s', (_what, before, after) => {
    expect(changes(before, after)).toEqual([]);
  });

  it.each([
    ['a removed field', 'type Query { a: Int b: Int }', 'type Query { a: Int }', 'Query.b'],
    [
      'a field that may be null',
      'type Query { a: Int! }',
      'type Query { a: Int @semanticNonNull }',
      'Query.a',
    ],
    ['a removed mark', 'type Query { a: Int @semanticNonNull }', 'type Query { a: Int }', 'Query.a'],
    ['a new required argument', 'type Query { a: Int }', 'type Query { a(b: Int!): Int }', 'Query.a(b:)'],
    [
      'a removal before its day',
      'type Query { a: Int b: Int @deprecated(reason: "Use a. Gone after 2027-06-01.") }',
      'type Query { a: Int }',
      'Query.b',
    ],
  ])('finds: %s', (_what, before, after, where) => {
    expect(changes(before, after)).toEqual([expect.stringContaining(where)]);
  });

  it('leaves out types that are not promised yet', () => {
    const before = 'type Query { a(b: Filter): Int } input Filter { c: Int }';
    const after = 'type Query { a(b: Filter): Int } input Filter { d: Int }';
    expect(changes(before, after)).toHaveLength(1);
    expect(changes(before, after, { unreleased: ['Filter'] })).toEqual([]);
  });

  it.each([
    ['Use a.', 1],
    ['Gone after 2027-12-01.', 1],
    ['Use a. Gone after 2027-06-30.', 1],
    ['Use a. Gone after 2027-12-01.', 0],
  ])('takes the announcement “%s” for what it is', (reason, problems) => {
    const deprecated = `type Query { a: Int b: Int @deprecated(reason: "${reason}") }`;
    const released = { sdl: 'type Query { a: Int b: Int }', date: '2027-01-15' };
    expect(badDeprecations(deprecated, released)).toHaveLength(problems);
  });
});
