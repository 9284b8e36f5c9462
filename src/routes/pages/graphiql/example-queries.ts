import { readdir, readFile } from 'node:fs/promises';

const EXAMPLES = new URL('../../../../examples/queries/', import.meta.url);

/** A documented example: a GraphQL document, and the variables and headers that it is sent with, as JSON. */
export interface ExampleQuery {
  readonly name: string;
  readonly query: string;
  readonly variables: string | null;
  readonly headers: string | null;
}

/** The documented example queries, in the order of their file names. */
export async function readExampleQueries(): Promise<ExampleQuery[]> {
  const files = await readdir(EXAMPLES);
  const read = (file: string) => readFile(new URL(file, EXAMPLES), 'utf8');
  const readIfThere = async (file: string) => (files.includes(file) ? read(file) : null);
  return Promise.all(
    files
      .filter((name) => name.endsWith('.graphql'))
      .sort()
      .map(async (name) => ({
        name,
        query: await read(name),
        variables: await readIfThere(name.replace('.graphql', '.variables.json')),
        headers: await readIfThere(name.replace('.graphql', '.headers.json')),
      })),
  );
}
