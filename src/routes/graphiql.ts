import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Hono } from 'hono';
import type { AppEnvironment } from './request-log.ts';

const EXAMPLES = new URL('../../examples/queries/', import.meta.url);

/** Nothing may be loaded from or sent to anywhere but here; the page runs its own scripts, known by hash, and workers. */
const policyFor = (scripts: readonly string[]) =>
  [
    "default-src 'none'",
    `script-src ${scripts.map((script) => `'sha256-${sha256(script)}'`).join(' ')} blob:`,
    "style-src 'unsafe-inline'",
    "img-src 'self' data:",
    'font-src data:',
    'worker-src blob:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

function sha256(text: string): string {
  // As the browser reads it: with one kind of line end.
  return createHash('sha256').update(text.replace(/\r\n?/g, '\n')).digest('base64');
}

/** The page, packed, and the policy that fits it. */
interface Page {
  /** One for all: nine megabytes for each of those who ask would be too much. */
  readonly packed: Uint8Array<ArrayBuffer>;
  readonly policy: string;
}

/** Serves GraphiQL to browsers at /graphql, whole in one page, with the example queries as its tabs. */
export function serveGraphiql(app: Hono<AppEnvironment>): void {
  // Nine megabytes: made when first wanted, kept packed.
  let page: Promise<Page> | undefined;
  app.get('/', (c) => c.redirect('/graphql'));
  app.get('/graphql', async (c, next) => {
    const forBrowser =
      c.req.header('accept')?.includes('text/html') === true && c.req.query('query') === undefined;
    if (!forBrowser) return next();
    if (!/\bgzip\b|\*/.test(c.req.header('accept-encoding') ?? '')) {
      return c.text('GraphiQL is sent packed. Ask with Accept-Encoding: gzip, as browsers do.\n', 406);
    }
    page ??= pack();
    const { packed, policy } = await page;
    return c.body(packed, 200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Encoding': 'gzip',
      Vary: 'Accept-Encoding',
      'Content-Security-Policy': policy,
      'Cache-Control': 'no-cache',
    });
  });
}

async function pack(): Promise<Page> {
  // Most gateways never serve the page, and its nine megabytes would slow each start.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const queries = await readExampleQueries();
  const page = renderGraphiQL({
    title: 'Webex provisioning gateway',
    endpoint: '/graphql',
    defaultTabs: queries.map(({ query, headers }) => ({ query, headers })),
  });
  const scripts = [...page.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1] ?? '');
  return { packed: new Uint8Array(await promisify(gzip)(page)), policy: policyFor(scripts) };
}

/** A documented example: a query, and the headers that it is sent with, as JSON. */
export interface ExampleQuery {
  readonly name: string;
  readonly query: string;
  readonly headers: string | null;
}

/** The documented example queries, in the order of their file names. */
export async function readExampleQueries(): Promise<ExampleQuery[]> {
  const files = await readdir(EXAMPLES);
  const read = (file: string) => readFile(new URL(file, EXAMPLES), 'utf8');
  return Promise.all(
    files
      .filter((name) => name.endsWith('.graphql'))
      .sort()
      .map(async (name) => {
        const headers = name.replace('.graphql', '.headers.json');
        return {
          name,
          query: await read(name),
          headers: files.includes(headers) ? await read(headers) : null,
        };
      }),
  );
}
