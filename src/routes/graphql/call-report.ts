import type { CallRecord } from '../../datasources/http/meter.ts';

/** One request to Webex, as `Webex-Explain` shows it. */
export interface CallReport {
  readonly method: string;
  readonly path: string;
  /** Of the query string. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Null if there was no answer, or none yet. */
  readonly status: number | null;
  /** Until its end; so far, while it is under way. */
  readonly durationMs: number;
  readonly trackingId: string | null;
  readonly shared: boolean;
  /** A line that sends the same request from a shell, with a token of one's own. */
  readonly curl: string;
}

const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);
/** Parameters that open something; named by OAuth 2.0. */
const SECRET = /token|secret|password|assertion|verifier|^code$/i;

/** Makes of a record what a client may see and repeat: no token, no secret, nothing of a body. */
export function reportCall(record: CallRecord): CallReport {
  const url = withoutSecrets(record.url);
  return {
    method: record.method,
    path: url.pathname,
    parameters: Object.fromEntries(url.searchParams),
    status: record.status ?? null,
    durationMs: Math.round(record.durationMs ?? performance.now() - record.sentAt),
    trackingId: record.trackingId ?? null,
    shared: record.shared,
    curl: curlOf(record.method, url),
  };
}

function withoutSecrets(url: URL): URL {
  const safe = new URL(url);
  safe.username = '';
  safe.password = '';
  safe.hash = '';
  // A form belongs in the body of a request to a token endpoint; if it is in the address, it is left out.
  if (isForTokens(url)) safe.search = '';
  for (const name of new Set(safe.searchParams.keys())) {
    if (SECRET.test(name)) safe.searchParams.set(name, 'HIDDEN');
  }
  return safe;
}

/** Whether this is where tokens are made, which knows a client by its secret and not by a token. */
function isForTokens(url: URL): boolean {
  return /token$/.test(url.pathname);
}

function curlOf(method: string, url: URL): string {
  const parts = ['curl'];
  if (method !== 'GET') parts.push('-X', method);
  if (isForTokens(url)) {
    if (WITH_BODY.has(method)) parts.push('--data', '@form.txt');
  } else {
    parts.push('-H', '"Authorization: Bearer $WEBEX_TOKEN"');
    if (WITH_BODY.has(method)) parts.push('-H', "'Content-Type: application/json'", '--data', '@body.json');
  }
  return [...parts, quote(url.href)].join(' ');
}

/** A text as one word of a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
