import { DirectorySynchronized } from '../../errors/changes.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import {
  AnswerTooLarge,
  RateLimited,
  type UpstreamCall,
  UpstreamDown,
  UpstreamError,
  UpstreamForbidden,
  UpstreamInvalid,
  UpstreamNotFound,
  UpstreamRedirected,
  UpstreamRejected,
  UpstreamTimeout,
  UpstreamUnavailable,
} from '../../errors/upstream.ts';
import type { HttpResponse } from '../http/exchange.ts';
import { isTooSlow } from '../http/retry.ts';
import { whatWebexSaid } from './error-messages.ts';
import { isBadRequest, isTooMuch, meaningOf } from './status.ts';

/**
 * Scopes of which one opens a part of Webex's API, by the path's beginning and, for groups, by method.
 * Source: the documentation of each resource; /roles and /organizations are not stated there and follow
 * what integrations in use request.
 */
const SCOPES: readonly { path: RegExp; write?: boolean; scopes: readonly string[] }[] = [
  { path: /\/people(\/|$)/, write: true, scopes: ['spark-admin:people_write'] },
  { path: /\/people(\/|$)/, scopes: ['spark-admin:people_read'] },
  { path: /\/licenses\/users$/, write: true, scopes: ['spark-admin:people_write'] },
  { path: /\/licenses(\/|$)/, scopes: ['spark-admin:licenses_read'] },
  { path: /\/roles(\/|$)/, scopes: ['spark-admin:roles_read'] },
  { path: /\/organizations(\/|$)/, scopes: ['spark-admin:organizations_read'] },
  { path: /\/identity\/scim\//, scopes: ['identity:people_read', 'identity:people_rw'] },
  { path: /\/groups(\/|$)/, write: true, scopes: ['identity:groups_rw'] },
  { path: /\/groups(\/|$)/, scopes: ['identity:groups_read', 'identity:groups_rw'] },
];

/** Scopes of which one allows this call; empty if we do not know. */
function scopesFor(method: string, path: string): readonly string[] {
  const write = method !== 'GET';
  return SCOPES.find((rule) => rule.path.test(path) && (rule.write ?? false) === write)?.scopes ?? [];
}

/** Whether Webex's words say that a scope is missing. A 403 may also be about one record, address or role. */
function blamesScopes(said: string | undefined): boolean {
  return said !== undefined && /\bscopes?\b/i.test(said);
}

/**
 * The error that an answer means which does not say that the request was carried out. What Webex itself says is
 * kept beside our own sentence, like the tracking id that Cisco asks for.
 * @param call the request, with the status of the answer
 */
export function failureOf(call: UpstreamCall, response: HttpResponse): GatewayError {
  const { method, path } = call;
  const { status } = response;
  const said = whatWebexSaid(response.text);
  const failed: UpstreamCall = { ...call, said };
  switch (meaningOf(method, status)) {
    case 'absent':
      return new UpstreamNotFound('Webex does not know what was asked for.', failed);
    case 'redirect':
      return new UpstreamRedirected(status, originOf(response.header('location')), failed);
    case 'done':
    case 'malformed':
      return new UpstreamInvalid(
        `Webex answered with status ${status}, which is not a valid answer here.`,
        failed,
      );
    case 'throttled':
    case 'failed':
    case 'undecided':
      return isFromDirectory(method, said)
        ? new DirectorySynchronized(failed)
        : new UpstreamUnavailable(`Webex failed with status ${status}. Try again later.`, failed);
    case 'refused':
      if (status === 403)
        return new UpstreamForbidden(blamesScopes(said) ? scopesFor(method, path) : [], failed);
      return isFromDirectory(method, said)
        ? new DirectorySynchronized(failed)
        : new UpstreamRejected(`Webex refused the request with status ${status}.`, failed);
  }
}

/** The origin that a redirect leads to; its path and query may hold secrets. Undefined for none that is valid. */
function originOf(location: string | undefined): string | undefined {
  const origin = location === undefined ? undefined : URL.parse(location.slice(0, 2_000))?.origin;
  return origin === 'null' ? undefined : origin?.slice(0, 300);
}

const DIRECTORY_SYNC = /director\w{0,10}[ -](sync|connector)|dir-?sync/i;

/**
 * Whether Webex refuses to change what comes from a directory. Its reference says that Directory Connector makes
 * people read-only, and gives no error code for it, so the words decide.
 */
function isDirectoryRefusal(said: string): boolean {
  const synchronized = said.search(/synchroni[sz]ed/i);
  return DIRECTORY_SYNC.test(said) || (synchronized !== -1 && /director/i.test(said.slice(synchronized)));
}

function isFromDirectory(method: string, said: string | undefined): boolean {
  return method !== 'GET' && said !== undefined && isDirectoryRefusal(said);
}

/** What broke a connection that never came about, so that nothing was sent. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/**
 * Whether a write that failed is known not to have been sent, or to have been refused for its token, so that nothing has
 * to be looked up.
 */
export function wasNotSent(error: unknown): boolean {
  if (!(error instanceof UpstreamError)) return error instanceof GatewayError;
  if (error instanceof UpstreamDown) return true;
  const { method, status, brokenBy, isForToken } = error.call;
  // Calls that come before a write: for its access token, and reads, such as the check of a refused token.
  if (isForToken === true || method === 'GET') return true;
  // A pause, for which the request was not sent; with a status Webex has answered this very request.
  if (error instanceof RateLimited) return status === undefined;
  return NEVER_CONNECTED.has(brokenBy ?? '');
}

/**
 * Whether a write that failed is said not to have been carried out: not sent, not allowed, or too early. That is
 * believed when the record cannot be read afterwards; everything else, a 400 of Webex included, may have made a part
 * of it. Source: Webex's reference of rate limits, and of `POST` and `PUT /people`.
 */
export function wasNotCarriedOut(error: unknown): boolean {
  if (wasNotSent(error) || error instanceof RateLimited || error instanceof UpstreamForbidden) return true;
  return error instanceof UpstreamUnavailable && error.call.status === 401;
}

/** Whether a write that failed may still be carried out after the record was read: nobody answered who knows. */
export function isUndecided(error: unknown): boolean {
  if (error instanceof UpstreamTimeout) return !wasNotSent(error);
  if (!(error instanceof UpstreamUnavailable) || wasNotSent(error)) return false;
  const { method, status } = error.call;
  return status === undefined || meaningOf(method, status) === 'undecided';
}

/** Whether a write was answered as done, in a form that cannot be read: by Webex, or by a server in front of it. */
export function isUnreadableSuccess(error: unknown): boolean {
  if (!(error instanceof UpstreamInvalid)) return false;
  const { method, status } = error.call;
  return status !== undefined && meaningOf(method, status) === 'done';
}

/**
 * For reads of one object by its id: null if Webex says that there is no such object. Throws every other error, a 400
 * included: it says that the request is wrong, and nothing about the object.
 */
export function nullIfAbsent(error: unknown): null {
  if (error instanceof UpstreamNotFound) return null;
  throw error;
}

/** Whether Webex found the request itself wrong: a 400. */
export function isRefusedRequest(error: unknown): boolean {
  return error instanceof UpstreamRejected && isBadRequest(error.call.status);
}

/** Whether too much was asked for at once, so that a smaller page may work. */
export function isTooMuchAtOnce(error: unknown): boolean {
  if (error instanceof AnswerTooLarge || isTooSlow(error)) return true;
  return error instanceof UpstreamUnavailable && isTooMuch(error.call.status);
}

/**
 * Whether a failure is about one call only: too much at once, not allowed, or an answer that makes no sense. Another
 * way to the same may work then, which it does not when Webex is down or asks us to wait.
 */
export function isOfThisCallOnly(error: unknown): boolean {
  return (
    error instanceof UpstreamInvalid ||
    error instanceof UpstreamForbidden ||
    error instanceof UpstreamRedirected ||
    (error instanceof UpstreamUnavailable && isTooMuch(error.call.status))
  );
}
