import type { GraphQLParams, Plugin } from 'graphql-yoga';
import type { Context as HonoContext } from 'hono';
import { BatchRefused, InvalidInput, RequestTooComplex } from '../errors.ts';
import type { AppEnvironment } from './request-log.ts';

/** What a request asks for; none where its method is no method of GraphQL. */
export type Params = GraphQLParams | undefined;

/** Beside those of GraphQL: names that clients give to the id of a persisted operation. */
export const EXTRA_PARAMS = ['documentId', 'doc_id'];

/** Of all that variables and extensions hold, and how deep. */
const MOST_VALUES = 50_000;
const DEEPEST_VALUE = 32;

/** The body of a request is no JSON object. */
export class UnreadableBody extends Error {}

/**
 * Reads what a request asks for, from its address or its body of JSON.
 * Throws InvalidInput, BatchRefused, RequestTooComplex or UnreadableBody; whatever else it throws comes of a client that broke off.
 */
export async function readParams(c: HonoContext<AppEnvironment>): Promise<Params> {
  const { method } = c.req;
  const params =
    method === 'GET' ? readAddress(c) : method === 'POST' ? readBody(await c.req.text()) : undefined;
  if (params !== undefined) assertFew([params.variables, params.extensions]);
  return params;
}

/** Hands what was read here to Yoga, which would read it again. */
export function useReadParams<Context extends { readonly params: Params }>(): Plugin<Context, Context> {
  return {
    onRequestParse: ({ serverContext: { params }, setRequestParser }) => {
      if (params !== undefined) setRequestParser(() => params);
    },
  };
}

function readAddress(c: HonoContext<AppEnvironment>): GraphQLParams {
  const { searchParams } = new URL(c.req.url);
  const text = (name: string) => searchParams.get(name) || undefined;
  const json = (name: string) => {
    const value = text(name);
    if (value === undefined) return undefined;
    const parsed = parseJson(value);
    if (parsed === undefined) throw new InvalidInput(name, 'must be a JSON object.');
    return parsed.value;
  };
  const extra = EXTRA_PARAMS.flatMap((name) => text(name) ?? []).map((id) => ({ documentId: id }));
  return Object.assign(
    { query: text('query'), operationName: text('operationName') },
    { variables: json('variables'), extensions: json('extensions') },
    ...extra,
  );
}

function readBody(text: string): GraphQLParams {
  const parsed = parseJson(text);
  if (Array.isArray(parsed?.value)) throw new BatchRefused();
  if (typeof parsed?.value !== 'object' || parsed.value === null) throw new UnreadableBody();
  return parsed.value;
}

// biome-ignore lint/suspicious/noExplicitAny: what JSON.parse gives; Yoga looks at each parameter's type.
function parseJson(text: string): { readonly value: any } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Without recursion, which deep values would break. */
function assertFew(values: readonly unknown[]): void {
  let found = 0;
  let level = values;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST_VALUE) throw new RequestTooComplex('levels of variables', DEEPEST_VALUE);
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      const held: unknown[] = Array.isArray(value) ? value : Object.values(value);
      found += held.length;
      if (found > MOST_VALUES) throw new RequestTooComplex('values in variables', MOST_VALUES);
      for (const each of held) next.push(each);
    }
    level = next;
  }
}
