import { isObject } from '../../rest/json.ts';
import { type Meaning, meaningOf } from '../status.ts';

/**
 * What a token endpoint's refusal says:
 * `grant`: the grant has ended, for certain;
 * `doubt`: it may have ended, or the request has not reached who decides that;
 * `client`: the client id or client secret is wrong;
 * `failure`: the endpoint does not work at the moment;
 * `stranger`: this is no answer of a token endpoint.
 */
export type TokenRefusal = 'grant' | 'doubt' | 'client' | 'failure' | 'stranger';

const CLIENT = new Set(['invalid_client', 'unauthorized_client']);
const FAILURE = new Set(['temporarily_unavailable', 'server_error', 'slow_down']);
/** Statuses that pass by themselves, such as those of a proxy that timed out. */
const PASSING = new Set<Meaning>(['failed', 'undecided', 'throttled']);
/** Other codes of the standard. */
const DOUBT = new Set(['invalid_request', 'invalid_scope', 'unsupported_grant_type', 'access_denied']);

/**
 * Reads a refusal by its status and body. The standard (RFC 6749, 5.2) has one code for a grant that has ended,
 * `invalid_grant`. Webex's errors have no such code, and other servers use other ones, or a text: a 400 of any kind
 * may mean it, but for a page of HTML, which a proxy has sent.
 */
export function judgeTokenRefusal(status: number, text: string): TokenRefusal {
  const code = codeOf(text);
  if (status >= 500 || FAILURE.has(code) || PASSING.has(meaningOf('POST', status))) return 'failure';
  if (status < 400) return 'stranger';
  if (code === 'invalid_grant') return 'grant';
  if (status === 401 || CLIENT.has(code)) return 'client';
  if (DOUBT.has(code)) return 'doubt';
  return status === 400 && !text.trimStart().startsWith('<') ? 'doubt' : 'stranger';
}

/** The standard's `error`, in lower case; empty if the answer has no such code. */
function codeOf(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) && typeof body.error === 'string' ? body.error.trim().toLowerCase() : '';
  } catch {
    return '';
  }
}
