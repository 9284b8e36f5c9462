import { createHash } from 'node:crypto';
import type { GraphQLSchema } from 'graphql';
import type { Hono } from 'hono';
import type { Gatekeeper } from '../access/gatekeeper.ts';
import { printSdl, type SdlVariant } from '../schema/sdl.ts';
import { authenticate } from './guards/authentication.ts';
import type { AppEnvironment } from './request-log.ts';

/** Where the schema is served. GraphQL Tools reads a schema from addresses that end in `.graphql`. */
export const SCHEMA_FILES: Readonly<Record<string, SdlVariant>> = {
  '/schema.graphql': 'marked',
  '/schema.strict.graphql': 'strict',
};

/** Serves the schema as text to the callers that `/graphql` lets in. With an ETag, so that tools can ask for changes. */
export function serveSchemaFiles(app: Hono<AppEnvironment>, schema: GraphQLSchema, gatekeeper: Gatekeeper) {
  for (const [path, variant] of Object.entries(SCHEMA_FILES)) {
    let file: { readonly text: string; readonly tag: string } | undefined;
    app.get(path, authenticate(gatekeeper), (c) => {
      file ??= printFile(schema, variant);
      const headers = { ETag: file.tag, 'Cache-Control': 'private, no-cache' };
      if (isTagged(c.req.header('if-none-match'), file.tag)) return c.body(null, 304, headers);
      return c.body(file.text, 200, { ...headers, 'Content-Type': 'application/graphql; charset=utf-8' });
    });
  }
}

function printFile(schema: GraphQLSchema, variant: SdlVariant) {
  const text = printSdl(schema, variant);
  return { text, tag: `"${createHash('sha256').update(text).digest('base64url')}"` };
}

/** Whether a client has this version already. Proxies that compress an answer mark its tag as weak. */
function isTagged(known: string | undefined, tag: string): boolean {
  const tags = (known ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  return tags.includes(tag) || tags.includes('*');
}
