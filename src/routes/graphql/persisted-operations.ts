import { createHash } from 'node:crypto';
import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations';
import { GraphQLError } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import type { GatewayError } from '../../errors/gateway-error.ts';
import { PersistedOnly, PersistedQueryNotFound, PersistedQueryNotInList } from '../../errors/limits.ts';
import { InvalidInput } from '../../errors/request.ts';
import { LruCache } from './lru-cache.ts';
import { EXTRA_PARAMS } from './request-params.ts';

/** In characters: all queries that clients have sent with their hash, overhead included. */
const MOST_KEPT = 2_000_000;

/** Which operations clients may ask for by their ids. */
export interface Persisted {
  /** From the manifest: the text of each by its id. */
  readonly operations: ReadonlyMap<string, string>;
  /** Whether there are no others. */
  readonly only: boolean;
}

/**
 * Takes operations by their ids: those of the manifest, and, unless there are no others, those that a client
 * has sent once together with their SHA-256 (automatic persisted queries), as long as there is room.
 */
export function persistOperations({ operations, only }: Persisted): Plugin[] {
  const told = new LruCache<string>(MOST_KEPT);
  const find = (id: string) =>
    operations.get(id) ?? operations.get(id.replace(/^sha256:/, '')) ?? told.get(id.toLowerCase());
  /** Hashes that came with a text, by the context of their request. */
  const sent = new WeakMap<object, string>();
  const keep: Plugin = {
    onParams: ({ params, context }) => {
      const hash = hashOf(params)?.toLowerCase();
      if (hash === undefined || typeof params.query !== 'string' || params.query === '') return;
      if (hash === createHash('sha256').update(params.query).digest('hex')) {
        sent.set(context, hash);
        return;
      }
      const field = 'extensions.persistedQuery.sha256Hash';
      throw refused(new InvalidInput(field, 'is not the SHA-256 of the query, in hexadecimal.'));
    },
    // Only once it is known to be a document: what cannot be parsed is worth nothing to anybody.
    onParse: ({ context, params: { source } }) => {
      const hash = sent.get(context);
      if (hash === undefined || typeof source !== 'string') return undefined;
      return ({ result }) => {
        if (!(result instanceof Error)) told.set(hash, source, source.length);
      };
    },
  };
  const take: Plugin = usePersistedOperations({
    allowArbitraryOperations: !only,
    extractPersistedOperationId: (params) => hashOf(params) ?? idOf(params) ?? null,
    getPersistedOperation: (id) => find(id) ?? null,
    customErrors: {
      notFound: ({ params }) =>
        refused(
          only || hashOf(params) === undefined ? new PersistedQueryNotInList() : new PersistedQueryNotFound(),
        ),
      keyNotFound: () => (only ? refused(new PersistedOnly()) : noQuery()),
      persistedQueryOnly: () => refused(new PersistedOnly()),
    },
  });
  return only ? [take] : [keep, take];
}

function hashOf({ extensions }: GraphQLParams): string | undefined {
  const persisted: unknown = extensions?.persistedQuery;
  if (typeof persisted !== 'object' || persisted === null || !('sha256Hash' in persisted)) return undefined;
  return typeof persisted.sha256Hash === 'string' ? persisted.sha256Hash : undefined;
}

function idOf(params: object): string | undefined {
  const given = new Map<string, unknown>(Object.entries(params));
  return EXTRA_PARAMS.map((name) => given.get(name)).find((id) => typeof id === 'string');
}

function refused(error: GatewayError): GraphQLError {
  return new GraphQLError(error.message, {
    originalError: error,
    extensions: { http: { status: 400, spec: error instanceof PersistedQueryNotFound } },
  });
}

function noQuery(): GraphQLError {
  return new GraphQLError('There is no query in the request. Send one as "query", as text.', {
    extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
  });
}
