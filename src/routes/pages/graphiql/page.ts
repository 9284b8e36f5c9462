import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readExampleQueries } from './example-queries.ts';

const TITLE = 'Webex gateway';
const SESSION_SCRIPT = new URL('./session.js', import.meta.url);
const STYLE = new URL('./page.css', import.meta.url);

/** A page, and the Content-Security-Policy that lets it run its own scripts and nothing else. */
export interface Page {
  readonly html: string;
  readonly policy: string;
}

/**
 * The page of GraphiQL, whole, with the example queries as its tabs.
 * @param asksForKey whether callers have to send an API key or token, which the page then asks for first
 */
export async function renderPage(asksForKey: boolean): Promise<Page> {
  // Nine megabytes, which most gateways never serve: they are not to slow each start.
  const { css, editorWorkerService, favicon, graphqlWorker, js, jsonWorker } = await import(
    '@graphql-yoga/render-graphiql/graphiql'
  );
  const tabs = await readExampleQueries();
  const settings = JSON.stringify({ title: TITLE, asksForKey, tabs }).replaceAll('<', '\\u003c');
  const workers = JSON.stringify({ editorWorkerService, json: jsonWorker, graphql: graphqlWorker });
  const scripts = [
    `const workers = ${workers};
const addresses = Object.fromEntries(
  Object.entries(workers).map(([label, code]) => [label, URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))]),
);
self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_, label) => addresses[label] };`,
    js,
    await readFile(SESSION_SCRIPT, 'utf8'),
  ];
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${TITLE}</title>
<link rel="icon" href="${favicon}">
<style>${css}</style>
<style>${await readFile(STYLE, 'utf8')}</style>
</head>
<body>
<noscript>GraphiQL needs JavaScript.</noscript>
<form id="key-form" hidden>
<h1>${TITLE}</h1>
<label for="key">API key or access token</label>
<input id="key" name="key" type="password" autocomplete="off" spellcheck="false" required>
<button>Open GraphiQL</button>
<p id="key-problem" role="alert"></p>
<p>The key is kept in this tab until you close it. It is sent to this gateway only.</p>
</form>
<header id="session" hidden><span id="caller"></span><button id="forget-key" type="button">Forget key</button></header>
<main id="root"></main>
<script type="application/json" id="settings">${settings}</script>
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`;
  return { html, policy: policyFor(scripts) };
}

/** Nothing may be loaded from or sent to anywhere but here; the page runs its own scripts, known by hash, and workers. */
function policyFor(scripts: readonly string[]): string {
  return [
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
}

function sha256(text: string): string {
  // As the browser reads it: with one kind of line end.
  return createHash('sha256').update(text.replace(/\r\n?/g, '\n')).digest('base64');
}
