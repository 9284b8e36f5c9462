import type { Readable } from 'node:stream';
import { type Dispatcher, request as undiciRequest } from 'undici';
import {
  AnswerTooLarge,
  givenUp,
  UpstreamAddressRefused,
  type UpstreamCall,
  UpstreamTimeout,
  UpstreamUnavailable,
} from '../../errors.ts';
import type { Lane } from './meter.ts';
import type { Urgency } from './urgency.ts';

/** `never`, whatever comes of it; `unless-slow`, where less is asked for instead when it takes too long. */
export type Repeat = 'never' | 'unless-slow';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Interactive unless told; an Urgency where a background one may become interactive while it waits. */
  readonly lane?: Lane | Urgency | undefined;
  /** When it is not repeated, though that would be safe; it is unless told. */
  readonly repeat?: Repeat | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** One header's value; several of one name are joined by a comma. */
  header(name: string): string | undefined;
  readonly text: string;
}

export interface ExchangeLimits {
  /** Milliseconds for the whole of it, from the moment there is a connection to use. */
  readonly totalMs: number;
  /** Largest answer that is read, in bytes. */
  readonly bodyBytes: number;
  /** Ends it at once when it is aborted, as a connection that broke. */
  readonly cut: AbortSignal;
}

/**
 * Sends one request once and reads the whole answer, whatever its status. Redirects are not followed.
 * Throws UpstreamAddressRefused, UpstreamTimeout (its call is `brokenBy` something where not even a connection came about in time),
 * UpstreamUnavailable (nothing or only part of an answer came), AnswerTooLarge, or the reason why the caller's signal
 * was aborted.
 */
export async function exchange(
  dispatcher: Dispatcher,
  request: HttpRequest,
  limits: ExchangeLimits,
): Promise<HttpResponse> {
  const call: UpstreamCall = { method: request.method, path: request.url.pathname };
  const total = AbortSignal.timeout(limits.totalMs);
  const ends = request.signal === undefined ? [total, limits.cut] : [request.signal, total, limits.cut];
  try {
    const answer = await undiciRequest(request.url, {
      dispatcher,
      method: request.method,
      headers: request.headers,
      body: request.body ?? null,
      signal: AbortSignal.any(ends),
    });
    const text = await readText(answer.body, limits.bodyBytes, { ...call, status: answer.statusCode });
    const { headers } = answer;
    return {
      status: answer.statusCode,
      text,
      header: (name) => {
        const value = headers[name.toLowerCase()];
        return Array.isArray(value) ? value.join(', ') : value;
      },
    };
  } catch (error) {
    if (error instanceof AnswerTooLarge || error instanceof UpstreamAddressRefused) throw error;
    if (request.signal?.aborted === true) throw givenUp(request.signal);
    throw describeFailure(error, total.aborted, call);
  }
}

/** By events, as an iteration waits for each chunk anew, and answers have dozens. */
function readText(body: Readable, limit: number, call: UpstreamCall): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    body.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) body.destroy(new AnswerTooLarge(limit, call));
      else chunks.push(chunk);
    });
    body.once('error', reject);
    body.once('end', () => resolve(Buffer.concat(chunks, size).toString('utf8')));
  });
}

const NOT_REACHED = 'UND_ERR_CONNECT_TIMEOUT';
const TIMEOUT_CODES = new Set([NOT_REACHED, 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

const SENTENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED:
    'The upstream refused the connection. Is the address of the connector right, and the service up?',
  ENOTFOUND: "The upstream's host name does not resolve. Check the addresses of the connector and the DNS.",
  EAI_AGAIN: "The upstream's host name could not be resolved just now.",
  ECONNRESET: 'The upstream closed the connection before it had answered.',
  UND_ERR_SOCKET: 'The upstream closed the connection before it had answered.',
};

function describeFailure(error: unknown, outOfTime: boolean, call: UpstreamCall): Error {
  const code = codeOf(error);
  const broken: UpstreamCall = { ...call, brokenBy: code };
  if (outOfTime || TIMEOUT_CODES.has(code)) {
    return new UpstreamTimeout(
      'The upstream did not answer in time (see the connection timeout of the connector).',
      code === NOT_REACHED ? broken : call,
    );
  }
  if (/CERT|SSL|TLS|ALTNAME|UNABLE_TO_VERIFY/.test(code)) {
    return new UpstreamUnavailable(`The upstream's TLS certificate was not accepted (${code}).`, broken);
  }
  return new UpstreamUnavailable(SENTENCES[code] ?? 'The connection to the upstream broke.', broken);
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}
