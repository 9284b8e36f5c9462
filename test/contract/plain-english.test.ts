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
  // Python has None.
  [/\bis none\b/, 'is not a …, does not exist'],
  [/\bno longer[.;,]/i, 'expired, revoked'],
  [/\bone may not\b/i, 'you may not, the caller may not'],
  [/\bgood no longer\b/i, 'expired'],
  [/\bnull where\b/i, 'null if'],
  [/\bstands? under\b/i, 'is in'],
  [/\bput away\b/i, 'store'],
];

const DOCUMENTS = [
  '*.md',
  'docs/**/*.{md,json}',
  'bench/**/*.md',
  'examples/**/*.{md,sh,py}',
  'schema.graphql',
];
const SOURCES = [
  'src/**/*.{ts,js,css}',
  'examples/**/provision.ts',
  'scripts/*',
  'compose.yaml',
  'Dockerfile',
];

/** Titles of tests are read in logs, far from their code. */
const TESTS = ['test/**/*.ts', 'bench/**/*.ts'];
const filesOf = (patterns: readonly string[]) => globSync(patterns, { cwd: ROOT }).toSorted();

/** The lines of a file with a banned phrase, and what to write instead. */
function found(file: string): string[] {
  const lines = readFileSync(resolve(ROOT, file), 'utf8').split('\n');
  return lines.flatMap((line, index) =>
    BANNED.filter(([phrase]) => phrase.test(line)).map(
      ([phrase, instead]) =>
        `${file}:${index + 1}: ${phrase.exec(line)?.[0]} (write: ${instead}): ${line.trim()}`,
    ),
  );
}

describe('plain English', () => {
  it.each([
    ['documents', DOCUMENTS],
    ['messages and comments', SOURCES],
    ['tests and benchmarks', TESTS],
  ])('%s contain no banned phrase', (_what, patterns) => {
    const files = filesOf(patterns).filter((file) => /\.\w+$|Dockerfile$/.test(file));
    expect(files.flatMap(found)).toEqual([]);
  });
});
