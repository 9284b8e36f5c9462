import { preset } from '@graphql-codegen/client-preset';
import { codegen } from '@graphql-codegen/core';
import { buildSchema, parse } from 'graphql';

/**
 * Generates types as GraphQL Code Generator's command does for an output with the client preset.
 * @param config the preset's configuration, as in codegen.yml
 * @param documents the text of each document, as it stands in the code
 * @returns the text of each generated file
 */
export async function generateClient(options: {
  readonly sdl: string;
  readonly folder: string;
  readonly config: object;
  readonly documents: readonly string[];
  readonly presetConfig?: object;
}): Promise<Map<string, string>> {
  const sections = await preset.buildGeneratesSection({
    baseOutputDir: options.folder,
    config: { ...options.config },
    presetConfig: { ...options.presetConfig },
    schema: parse(options.sdl),
    schemaAst: buildSchema(options.sdl),
    documents: options.documents.map((text) => ({ rawSDL: text, document: parse(text) })),
    plugins: [],
    pluginMap: {},
  });
  const files = new Map<string, string>();
  for (const section of sections) files.set(section.filename, await codegen(section));
  return files;
}
