import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzipSync, gzip } from 'node:zlib';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { Hono } from 'hono';
import type { AppEnvironment } from './request-log.ts';

const EXAMPLES = new URL('../../examples/queries/', import.meta.url);

/** Nothing may be loaded from or sent to anywhere but here; the page runs its own inline scripts and workers. */
const POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval' blob:",
  "style-src 'unsafe-inline'",
  "img-src 'self' data:",
  'font-src data:',
  'worker-src blob:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves GraphiQL to browsers at /graphql, whole in one page, with the example queries as its tabs. */
export function serveGraphiql(app: Hono<AppEnvironment>): void {
  // Nine megabytes: made when first wanted, kept packed.
  let packed: Buffer | undefined;
  app.get('/', (c) => c.redirect('/graphql'));
  app.get('/graphql', async (c, next) => {
    const forBrowser =
      c.req.header('accept')?.includes('text/html') === true && c.req.query('query') === undefined;
    if (!forBrowser) return next();
    packed ??= await pack();
    const takesPacked = c.req.header('accept-encoding')?.includes('gzip') === true;
    return c.body(new Uint8Array(takesPacked ? packed : gunzipSync(packed)), 200, {
      'Content-Type': 'text/html; charset=utf-8',
      ...(takesPacked ? { 'Content-Encoding': 'gzip' } : {}),
      Vary: 'Accept-Encoding',
      'Content-Security-Policy': POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    });
  });
}

async function pack(): Promise<Buffer> {
  const queries = await readExampleQueries();
  const page = renderGraphiQL({
    title: 'Webex provisioning gateway',
    endpoint: '/graphql',
    defaultTabs: queries.map(({ query }) => ({ query })),
  });
  return promisify(gzip)(page);
}

/** The documented example queries, in the order of their file names. */
export async function readExampleQueries(): Promise<{ name: string; query: string }[]> {
  const names = (await readdir(EXAMPLES)).filter((name) => name.endsWith('.graphql')).sort();
  return Promise.all(
    names.map(async (name) => ({ name, query: await readFile(new URL(name, EXAMPLES), 'utf8') })),
  );
}
