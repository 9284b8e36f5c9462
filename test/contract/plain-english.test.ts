import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** Phrases that readers stumble over, each with what to write instead. */
const BANNED: readonly (readonly [phrase: RegExp, instead: string])[] = [
  [/\bunless told\b/i, 'by default'],
  [/\bmend(s|ed|ing)?\b/i, 'fix'],
  [/\bwritten down\b/i, 'recorded'],
  [/\blooked at\b/i, 'checked, read'],
  [/\btold of\b/i, 'notified of'],
  [/\bwhoever\b/i, 'the caller, the operator, the client'],
  [/\bsomebody\b/i, 'the caller, a user, another process'],
  [/\banew\b/i, 'again'],
  [/\bthat is none\b/i, 'that is not a …'],
  [/\bno longer[.;]/i, 'expired, revoked'],
  [/\bgood no longer\b/i, 'expired'],
  [/\bnull where\b/i, 'null if'],
  [/\bstands? under\b/i, 'is in'],
  [/\bput away\b/i, 'store'],
];

/**
 * What still has to be rewritten. A line goes when its files are clean, and none is added. `lines` are the lines that
 * are not checked: all of them, or only comments.
 */
const REMAINING: readonly { readonly files: string; readonly lines: 'all' | 'comments' }[] = [
  { files: 'src/provisioning/**', lines: 'all' },
  { files: 'src/store/**', lines: 'comments' },
  { files: 'src/connectors/**', lines: 'comments' },
  { files: 'src/datasources/**', lines: 'comments' },
];

const DOCUMENTS = ['*.md', 'docs/**/*.md', 'examples/**/*.{md,sh,py}', 'schema.graphql'];
const SOURCES = [
  'src/**/*.{ts,js,css}',
  'examples/**/provision.ts',
  'scripts/*',
  'compose.yaml',
  'Dockerfile',
];

const filesOf = (patterns: readonly string[]) => globSync(patterns, { cwd: ROOT }).toSorted();

/** The lines of a file with a banned phrase, and what to write instead. */
function found(file: string, lines: 'all' | 'comments' | 'code'): string[] {
  const text = readFileSync(resolve(ROOT, file), 'utf8');
  return text.split('\n').flatMap((line, index) => {
    const kind = /^\s*(\/\/|\/?\*)/.test(line) ? 'comments' : 'code';
    if (lines !== 'all' && lines !== kind) return [];
    return BANNED.filter(([phrase]) => phrase.test(line)).map(
      ([phrase, instead]) =>
        `${file}:${index + 1}: ${phrase.exec(line)?.[0]} (write: ${instead}): ${line.trim()}`,
    );
  });
}

describe('plain English', () => {
  const remaining = new Map(
    REMAINING.flatMap(({ files, lines }) => filesOf([files]).map((file) => [file, lines] as const)),
  );

  it.each([
    ['documents', DOCUMENTS],
    ['messages and comments', SOURCES],
  ])('%s contain no banned phrase', (_what, patterns) => {
    const bad = filesOf(patterns)
      .filter((file) => /\.\w+$|Dockerfile$/.test(file))
      .flatMap((file) => {
        const left = remaining.get(file);
        if (left === 'all') return [];
        return found(file, left === 'comments' ? 'code' : 'all');
      });
    expect(bad).toEqual([]);
  });

  it.each(REMAINING)('$files is on the list of what remains only while it has a banned phrase', ({
    files,
    lines,
  }) => {
    const bad = filesOf([files])
      .filter((file) => /\.\w+$/.test(file))
      .flatMap((file) => found(file, lines));
    expect(bad).not.toEqual([]);
  });
});
