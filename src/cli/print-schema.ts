import { readFile, writeFile } from 'node:fs/promises';
import { minifyIntrospection, outputIntrospectionFile } from '@gql.tada/internal';
import { buildSchema, introspectionFromSchema } from 'graphql';
import { schema } from '../schema/index.ts';
import { printSdl } from '../schema/sdl.ts';

// Writes schema.graphql, and types for the TypeScript example, which gives up answers with errors. With --check, says
// whether they are up to date instead.

const strict = buildSchema(printSdl(schema, 'strict'));
const introspection = minifyIntrospection(introspectionFromSchema(strict));
const files = [
  { name: 'schema.graphql', text: printSdl(schema, 'marked') },
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
