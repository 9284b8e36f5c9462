import { readFile, writeFile } from 'node:fs/promises';
import { minifyIntrospection, outputIntrospectionFile } from '@gql.tada/internal';
import { introspectionFromSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../schema/index.ts';

// Writes schema.graphql, and the same as types for the TypeScript example; with --check, says whether they
// are up to date instead.

const sorted = lexicographicSortSchema(schema);
const introspection = minifyIntrospection(introspectionFromSchema(sorted));
const files = [
  { name: 'schema.graphql', text: `${printSchema(sorted)}\n` },
  {
    name: 'examples/typescript/schema.d.ts',
    text: outputIntrospectionFile(introspection, { fileType: '.d.ts', shouldPreprocess: true }),
  },
];

for (const { name, text } of files) {
  const file = new URL(`../../${name}`, import.meta.url);
  if (!process.argv.includes('--check')) {
    await writeFile(file, text);
  } else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    process.stderr.write(`${name} is not up to date. Run npm run schema and commit it.\n`);
    process.exitCode = 1;
  }
}
