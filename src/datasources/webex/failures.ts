import {
  DirectorySynchronized,
  GatewayError,
  RateLimited,
  type UpstreamCall,
  UpstreamDown,
  UpstreamError,
  UpstreamForbidden,
  UpstreamInvalid,
  UpstreamNotFound,
  UpstreamRejected,
  UpstreamTimeout,
  UpstreamUnavailable,
} from '../../errors.ts';
import type { HttpResponse } from '../http/exchange.ts';
import { whatWebexSaid } from './refusals.ts';

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

/** Scopes of which one allows this call; empty where we do not know. */
function scopesFor(method: string, path: string): readonly string[] {
  const write = method !== 'GET';
  return SCOPES.find((rule) => rule.path.test(path) && (rule.write ?? false) === write)?.scopes ?? [];
}

/**
 * The error that an answer of status 400 or more means. What Webex itself says stays out of our own
 * sentence and goes beside it, as the tracking id does, for whoever asks Cisco.
 */
export function failureOf(method: string, path: string, response: HttpResponse): GatewayError {
  const { status } = response;
  const said = whatWebexSaid(response.text);
  const call: UpstreamCall = { method, path, status, trackingId: response.header('trackingid'), said };
  if (status === 403) return new UpstreamForbidden(scopesFor(method, path), call);
  if (status === 404 || status === 410)
    return new UpstreamNotFound('Webex does not know what was asked for.', call);
  if (said !== undefined && method !== 'GET' && isDirectoryRefusal(said))
    return new DirectorySynchronized(call);
  if (status >= 500 || status === 423) {
    return new UpstreamUnavailable(`Webex failed with status ${status}. Try again later.`, call);
  }
  return new UpstreamRejected(`Webex refused the request with status ${status}.`, call);
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

/** Errors of which a refused call is known not to have been carried out: it was not sent, or not let in. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/**
 * Whether a write that failed is known not to have been carried out. Everything else, a 400 of Webex
 * included, may have done a part of it. Source: Webex's reference of `POST` and `PUT /people`.
 */
export function wasNotCarriedOut(error: unknown): boolean {
  if (!(error instanceof UpstreamError)) return error instanceof GatewayError;
  if (error instanceof RateLimited || error instanceof UpstreamDown || error instanceof UpstreamForbidden) {
    return true;
  }
  return NEVER_CONNECTED.has(error.call.brokenBy ?? '');
}

/**
 * Whether a write that failed may be carried out after we have looked for it: nobody has answered who knows. A
 * 502 or 504 is the same at one remove.
 */
export function isUndecided(error: unknown): boolean {
  if (error instanceof UpstreamTimeout) return true;
  if (!(error instanceof UpstreamUnavailable) || wasNotCarriedOut(error)) return false;
  const { status } = error.call;
  return status === undefined || status === 502 || status === 504;
}

/**
 * Whether a read of one object by its id failed because there is no such object. Webex does not document
 * whether an id that is malformed is a 404 or a 400; a read by id holds nothing else that could be wrong.
 */
export function isUnknownId(error: unknown): boolean {
  return error instanceof UpstreamNotFound || isRefusedRequest(error);
}

/** Whether Webex found the request itself wrong: a 400. */
export function isRefusedRequest(error: unknown): boolean {
  return error instanceof UpstreamRejected && error.call.status === 400;
}

/**
 * Whether a failure tells of one call only: too much at once, not allowed, or an answer that makes no sense.
 * Another way to the same may work then, which it does not when Webex is down or wants us to wait.
 */
export function isOfThisCallOnly(error: unknown): boolean {
  if (error instanceof UpstreamInvalid || error instanceof UpstreamForbidden) return true;
  return error instanceof UpstreamUnavailable && error.call.status === 504;
}
