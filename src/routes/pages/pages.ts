import type { Context } from 'hono';
import { html } from 'hono/html';
import type { AppEnvironment } from '../request-log.ts';

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:12vh auto;padding:0 1.5rem;color:#1d2733}h1{font-size:1.5rem}code{background:#eef1f4;padding:.1em .3em;border-radius:.2em}';

/** A small page for a person, which loads nothing and may be framed by nobody. */
export function page(
  c: Context<AppEnvironment>,
  status: 200 | 400 | 500 | 503,
  title: string,
  sentence: string,
): Response | Promise<Response> {
  c.header(
    'Content-Security-Policy',
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  );
  c.header('X-Content-Type-Options', 'nosniff');
  c.header('Referrer-Policy', 'no-referrer');
  c.header('Cache-Control', 'no-store');
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width" />
          <title>${title}</title>
          <style>
            ${STYLE}
          </style>
        </head>
        <body>
          <h1>${title}</h1>
          <p>${sentence}</p>
        </body>
      </html>`,
    status,
  );
}
