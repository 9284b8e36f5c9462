import type { GraphQLParams, Plugin } from 'graphql-yoga';
import type { Context as HonoContext } from 'hono';
import { BatchRefused, RequestTooComplex, UnreadableBody } from '../../errors/limits.ts';
import { InvalidInput } from '../../errors/request.ts';
import { Abandoned } from '../../errors/upstream.ts';
import type { AppEnvironment } from '../request-log.ts';

/** What a request asks for; none where its method is no method of GraphQL. */
export type Params = GraphQLParams | undefined;

/** Beside those of GraphQL: names that clients give to the id of a persisted operation. */
export const EXTRA_PARAMS = ['documentId', 'doc_id'];

/** In a body, or what stands for it in an address: of values, and of levels of them. */
const MOST_VALUES = 50_000;
const DEEPEST_VALUE = 34;

/**
 * Reads what a request asks for, from its address or its body of JSON.
 * Throws InvalidInput, UnreadableBody, BatchRefused or RequestTooComplex; Abandoned if the client broke off.
 */
export async function readParams(c: HonoContext<AppEnvironment>): Promise<Params> {
  const { method } = c.req;
  if (method === 'GET') return readAddress(c);
  if (method !== 'POST') return undefined;
  const text = await c.req.text().catch(() => {
    throw new Abandoned();
  });
  return readBody(text);
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
  assertFew(text);
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Looks at the text, since to read it into values is what costs. */
function assertFew(json: string): void {
  let values = 0;
  let open = 0;
  let isInString = false;
  for (let index = 0; index < json.length; index += 1) {
    const character = json.charCodeAt(index);
    if (isInString) {
      if (character === BACKSLASH) index += 1;
      else if (character === QUOTE) isInString = false;
    } else if (character === QUOTE) isInString = true;
    else if (character === COMMA) values += 1;
    else if (OPENING.has(character)) [values, open] = [values + 1, open + 1];
    else if (CLOSING.has(character)) open -= 1;
    if (values > MOST_VALUES) throw new RequestTooComplex('values in variables', MOST_VALUES);
    if (open > DEEPEST_VALUE) throw new RequestTooComplex('levels of variables', DEEPEST_VALUE);
  }
}
