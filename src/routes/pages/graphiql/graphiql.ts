import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Hono } from 'hono';
import type { AppEnvironment } from '../../request-log.ts';
import { renderPage } from './page.ts';

/** The page, packed once for everybody: nine megabytes for each request would be too much. */
interface PackedPage {
  readonly packed: Uint8Array<ArrayBuffer>;
  readonly policy: string;
}

/**
 * Serves GraphiQL at /graphql to every browser that opens that address, with a query in it or not.
 * @param asksForKey whether callers have to send an API key or token
 */
export function serveGraphiql(app: Hono<AppEnvironment>, asksForKey: boolean): void {
  let page: Promise<PackedPage> | undefined;
  app.get('/', (c) => c.redirect('/graphql'));
  app.get('/graphql', async (c, next) => {
    if (!acceptsHtml(c.req.header('accept'))) return next();
    if (!/\bgzip\b|\*/.test(c.req.header('accept-encoding') ?? '')) {
      return c.text('GraphiQL is sent compressed. Ask with Accept-Encoding: gzip, as browsers do.\n', 406);
    }
    page ??= pack(asksForKey);
    const { packed, policy } = await page;
    return c.body(packed, 200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Encoding': 'gzip',
      Vary: 'Accept, Accept-Encoding',
      'Content-Security-Policy': policy,
      'Cache-Control': 'no-cache',
    });
  });
}

/** Browsers ask for HTML when they navigate; GraphQL clients do not. */
function acceptsHtml(accept = ''): boolean {
  return accept.includes('text/html');
}

async function pack(asksForKey: boolean): Promise<PackedPage> {
  const { html, policy } = await renderPage(asksForKey);
  return { packed: new Uint8Array(await promisify(gzip)(html)), policy };
}
