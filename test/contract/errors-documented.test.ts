import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const documented = [...readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^### ([A-Z_]+)$/gm)].map(
  (match) => match[1],
);

/** Codes that are not ours but GraphQL's own, as the libraries below us spell them. */
const OF_GRAPHQL = [
  'BAD_REQUEST',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
];

function sourcesIn(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts'));
}

/** Every code that stands in the source: those of error classes, and those of answers before an operation. */
function raised(): string[] {
  const classes = sourcesIn('src/errors').flatMap((file) => [
    ...readFileSync(join(ROOT, 'src/errors', file), 'utf8').matchAll(
      /readonly code(?:: string)? = '([A-Z_]+)'/g,
    ),
  ]);
  const edge = ['src/routes', 'src/schema'].flatMap((folder) =>
    sourcesIn(folder).flatMap((file) => [
      ...readFileSync(join(ROOT, folder, file), 'utf8').matchAll(
        /(?:code: |refuse\(c, \d+, |code = )'([A-Z]+_?[A-Z_]*)'/g,
      ),
    ]),
  );
  return [...new Set([...classes, ...edge].map((match) => match[1] ?? ''))];
}

describe('docs/errors.md', () => {
  it('has a section for every code, and for nothing else', () => {
    expect(documented.toSorted()).toEqual([...new Set([...raised(), ...OF_GRAPHQL])].toSorted());
  });
});
