import {
  type GatewayError,
  type UpstreamCall,
  UpstreamForbidden,
  UpstreamInvalid,
  UpstreamNotFound,
  UpstreamRejected,
  UpstreamUnavailable,
} from '../../errors.ts';
import type { HttpResponse } from '../http/exchange.ts';

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
 * The error that an answer of status 400 or more means. The upstream's own text is left out of messages:
 * it is not ours to show. The tracking id is in it, for whoever asks Cisco.
 */
export function failureOf(method: string, path: string, response: HttpResponse): GatewayError {
  const { status } = response;
  const call: UpstreamCall = { method, path, status, trackingId: response.header('trackingid') };
  if (status === 403) return new UpstreamForbidden(scopesFor(method, path), call);
  if (status === 404 || status === 410)
    return new UpstreamNotFound('Webex does not know what was asked for.', call);
  if (status >= 500 || status === 423) {
    return new UpstreamUnavailable(`Webex failed with status ${status}. Try again later.`, call);
  }
  return new UpstreamRejected(`Webex refused the request with status ${status}.`, call);
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
