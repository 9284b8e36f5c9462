import { type UpstreamCall, UpstreamTimeout, UpstreamUnavailable } from '../../errors/upstream.ts';

/** The code of an error that says that no connection came about in time. */
export const NOT_REACHED = 'UND_ERR_CONNECT_TIMEOUT';
const TIMEOUT_CODES = new Set([NOT_REACHED, 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

const SENTENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED:
    'The upstream refused the connection. Is the address of the connector right, and the service up?',
  ENOTFOUND: "The upstream's host name does not resolve. Check the addresses of the connector and the DNS.",
  EAI_AGAIN: "The upstream's host name could not be resolved just now.",
  ECONNRESET: 'The upstream closed the connection before it had answered.',
  UND_ERR_SOCKET: 'The upstream closed the connection before it had answered.',
};

/**
 * What broke an exchange, as an error of ours.
 * @param outOfTime whether it is our own time for the whole of it that was over
 */
export function describeFailure(error: unknown, outOfTime: boolean, call: UpstreamCall): Error {
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
