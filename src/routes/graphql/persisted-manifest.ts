import { GraphQLError, type GraphQLSchema, Kind, parse, validate } from 'graphql';
import { z } from 'zod';
import { readTextFile } from '../../config/text-file.ts';
import { InvalidConfiguration } from '../../errors/start.ts';
import type { Logger } from '../../telemetry/logger.ts';

const VARIABLE = 'PERSISTED_OPERATIONS';

/** As Apollo's generate-persisted-query-manifest writes it. */
const OfApollo = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string().min(1), body: z.string().min(1) })),
});

/** As the Relay compiler and GraphQL Code Generator's client preset write it: the text of each by its id. */
const ById = z.record(z.string().min(1), z.string().min(1));

/**
 * Reads the operations that front ends may ask for by their ids. Those that the schema no longer knows are
 * named in the log. Throws InvalidConfiguration for a file that cannot be read, or what in it is no GraphQL.
 * @returns the text of each operation by its id
 */
export function readManifest(
  file: string | undefined,
  schema: GraphQLSchema,
  logger: Logger,
): ReadonlyMap<string, string> {
  const operations = new Map<string, string>();
  if (file === undefined) return operations;
  for (const [id, body] of entriesOf(readJson(file))) {
    const other = operations.get(id);
    if (other !== undefined && other !== body) throw broken(`has two operations with the id ${quote(id)}`);
    operations.set(id, body);
    const [first] = validate(schema, parseOperation(id, body));
    if (first !== undefined) {
      logger.warn(
        { operation: id, field: fieldOf(first) },
        'a persisted operation is not valid in the schema',
      );
    }
  }
  return operations;
}

function readJson(file: string): unknown {
  const read = readTextFile(file);
  if ('unreadable' in read) throw broken(`names a file that ${read.unreadable}: ${file}`);
  try {
    return JSON.parse(read.text);
  } catch {
    throw broken(`is no JSON: ${file}`);
  }
}

function entriesOf(manifest: unknown): (readonly [id: string, body: string])[] {
  const apollo = OfApollo.safeParse(manifest);
  if (apollo.success) return apollo.data.operations.map(({ id, body }) => [id, body]);
  const byId = ById.safeParse(manifest);
  if (byId.success) return Object.entries(byId.data);
  throw broken(
    'must be a manifest of Apollo ({"format": "apollo-persisted-query-manifest", "version": 1, "operations": […]}), or an object with the text of each operation by its id',
  );
}

function parseOperation(id: string, body: string) {
  try {
    return parse(body);
  } catch (error) {
    const [at] = (error instanceof GraphQLError && error.locations) || [];
    const place = at === undefined ? '' : ` (line ${at.line}, column ${at.column})`;
    throw broken(`holds what is no GraphQL, under the id ${quote(id)}${place}`);
  }
}

/** The name of the field that does not fit, if it is one. What graphql-js says in its own words may hold values. */
function fieldOf({ nodes = [] }: GraphQLError): string | undefined {
  const [node] = nodes;
  return node?.kind === Kind.FIELD ? node.name.value : undefined;
}

function broken(what: string): InvalidConfiguration {
  return new InvalidConfiguration(VARIABLE, `${what}.`);
}

function quote(id: string): string {
  return JSON.stringify(id.slice(0, 100));
}
