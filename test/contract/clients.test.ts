import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { minifyIntrospection, outputIntrospectionFile } from '@gql.tada/internal';
import { buildSchema, introspectionFromSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { readManifest } from '../../src/routes/graphql/persisted-manifest.ts';
import { schema } from '../../src/schema/index.ts';
import { printSdl } from '../../src/schema/sdl.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { generateClient } from './clients/codegen.ts';
import { documentTexts, relayModule, tadaModule } from './clients/documents.ts';
import { type FrontEnd, newFrontEnd } from './clients/project.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/front-ends.md'), 'utf8');
const marked = printSdl(schema, 'marked');
const strict = printSdl(schema, 'strict');

/** The only code block of a language in a section of docs/front-ends.md. */
function block(section: string, language: string): string {
  const text = page.split(/^###? /m).find((each) => each.startsWith(`${section}\n`)) ?? '';
  const blocks = [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))];
  expect([section, language, blocks.length]).toEqual([section, language, 1]);
  return blocks[0]?.[1] ?? '';
}

/** The documents that a front end's code holds in calls of `graphql`. */
const documentsIn = (code: string) => [...code.matchAll(/graphql\(`([^`]+)`/g)].map(([, text = '']) => text);

/** Code that does not compile unless the types of a user's fields are these. */
const proofOf = (type: string) => `
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Person = ${type};
// Null only if it fails, so never in an answer without errors.
export const emails: Same<Person['emails'][number], string> = true;
export const siteUrls: Same<Person['siteUrls'][number], string> = true;
// Null if Webex has none.
export const displayName: null extends Person['displayName'] ? true : false = true;
export const manager: null extends Person['manager'] ? true : false = true;
export const lastActivityAt: Same<NonNullable<Person['lastActivityAt']>, string> = true;
// @ts-expect-error: nobody has such a field
export type Unknown = Person['shoeSize'];
`;

const codegenConfig = () =>
  parseYaml(block('GraphQL Code Generator', 'yaml')).generates['src/gql/'].config as object;

async function withCodegen(
  front: FrontEnd,
  presetConfig: object = {},
  config: object = codegenConfig(),
): Promise<void> {
  const code = block('GraphQL Code Generator', 'ts');
  const files = await generateClient({
    sdl: marked,
    folder: 'src/gql/',
    config,
    documents: [...documentsIn(code), ...documentTexts],
    presetConfig,
  });
  for (const [file, text] of files) front.write(file, text);
  front.write('src/users.ts', code);
}

async function withRelay(front: FrontEnd, config: object = {}): Promise<void> {
  front.write('schema.graphql', marked);
  front.write('relay.config.json', JSON.stringify({ ...JSON.parse(block('Relay', 'json')), ...config }));
  front.write('src/UserTable.ts', block('Relay', 'ts'));
  front.write('src/Dashboard.ts', relayModule('Dashboard'));
  await front.run('relay-compiler', 'relay.config.json');
}

describe('GraphQL Code Generator', () => {
  it('generates types with the client preset that compile strictly and say what may be null', async () => {
    using front = newFrontEnd();
    await withCodegen(front);
    front.write(
      'src/proof.ts',
      `import type { PersonFragment } from './gql/graphql';${proofOf('PersonFragment')}`,
    );
    expect(await front.compile()).toEqual([]);
  });

  it('finds that the code of the documentation may meet a null without errorHandlingClient', async () => {
    using front = newFrontEnd();
    await withCodegen(front, {}, { ...codegenConfig(), nullability: {} });
    expect(await front.compile()).toContainEqual(
      expect.stringMatching(/^src\/users\.ts.*(?:possibly|is) 'null'/),
    );
  });

  it('knows the type of every scalar with the configuration of the documentation', async () => {
    const scalars = new Set(marked.match(/(?<=^scalar )\w+/gm));
    expect(new Set(Object.keys(Object(Object(codegenConfig()).scalars)))).toEqual(scalars);
  });

  it('writes persisted operations that the gateway takes', async () => {
    using front = newFrontEnd();
    await withCodegen(front, { persistedDocuments: true });
    const manifest = join(front.folder, 'src/gql/persisted-documents.json');
    expect([...readManifest(manifest, schema, createLogger('silent')).values()].join()).toContain(
      'query UserPage',
    );
  });
});

describe('Relay’s compiler', () => {
  it('generates types that strict code compiles with and that say what may be null', async () => {
    using front = newFrontEnd();
    await withRelay(front);
    const generated = readFileSync(join(front.folder, 'src/__generated__/UserTable_row.graphql.ts'), 'utf8');
    expect(generated).toContain('readonly emails: ReadonlyArray<string>;');
    expect(generated).toContain('readonly displayName: string | null | undefined;');
    expect(await front.compile()).toEqual([]);
  });

  it('refuses @throwOnFieldError on a mutation, as the documentation says', async () => {
    using front = newFrontEnd();
    const mutation = `import { graphql } from 'relay-runtime';
      graphql\`mutation OtherMutation($input: DeleteUserInput!) @throwOnFieldError { deleteUser(input: $input) { outcome } }\`;`;
    front.write('src/Other.ts', mutation);
    await expect(withRelay(front)).rejects.toThrow('not supported in this location');
  });

  it('writes persisted operations that the gateway takes', async () => {
    using front = newFrontEnd();
    front.write('persisted.json', '{}');
    await withRelay(front, { persistConfig: { file: './persisted.json', algorithm: 'SHA256' } });
    const manifest = readManifest(join(front.folder, 'persisted.json'), schema, createLogger('silent'));
    expect([...manifest.values()].join()).toContain('query UserTableQuery');
  });
});

describe('gql.tada', () => {
  it('infers types from the strict schema that compile strictly and say what may be null', async () => {
    using front = newFrontEnd();
    const introspection = minifyIntrospection(introspectionFromSchema(buildSchema(strict)));
    front.write(
      'src/schema.d.ts',
      outputIntrospectionFile(introspection, { fileType: '.d.ts', shouldPreprocess: true }),
    );
    const code = block('gql.tada', 'ts');
    front.write('src/users.ts', code);
    const [head = ''] = code.split('export const UserRow');
    front.write('src/dashboard.ts', head.replace(/, type ResultOf/, '') + tadaModule());
    front.write(
      'src/proof.ts',
      `import type { ResultOf } from 'gql.tada';
       import type { PersonDocument } from './dashboard.ts';${proofOf('ResultOf<typeof PersonDocument>')}`,
    );
    expect(await front.compile()).toEqual([]);
  });
});
