import { randomUUID } from 'node:crypto';
import { type GatewayError, ReadOnlyConnector, type UpstreamCall, UpstreamInvalid } from '../../errors.ts';
import type { HttpClient, Meter } from '../http/client.ts';
import type { HttpResponse, Repeat } from '../http/exchange.ts';
import { failureOf } from './failures.ts';
import { isObject, type WireObject } from './wire.ts';

/** Gives out access tokens. The client is handed one, so it needs to know nothing of OAuth. */
export interface TokenSource {
  /** A token that is believed to be good. What a renewal costs is put down to `meter`. */
  current(meter?: Meter): Promise<string>;
  /** A token other than `refused`, which Webex has just answered with a 401. */
  renew(refused: string, meter?: Meter): Promise<string>;
  /** Webex refuses even a token that was just renewed. Resolves with the error that says so. */
  giveUp(refused: string): Promise<GatewayError>;
}

/** For whom a call is made: when they are gone it is given up, and what it costs is put down to them. */
export interface CallContext {
  readonly signal?: AbortSignal | undefined;
  readonly meter?: Meter | undefined;
  /** When a call is not repeated, though that would be safe; it is unless told. */
  readonly repeat?: Repeat | undefined;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface WebexAnswer {
  readonly body: WireObject;
  /** The query string of the next page's address, without `?`; undefined on the last page. */
  readonly next: string | undefined;
  readonly call: UpstreamCall;
}

/** Where Webex is, and what may be done there. */
export interface WebexSettings {
  /** Like https://webexapis.com/v1; SCIM is found beside it, outside /v1. */
  readonly serviceUri: string;
  /** The organization that a partner's account works in; null: its own. */
  readonly organizationId: string | null;
  /** Whether everything but reading is refused. */
  readonly readOnly: boolean;
}

/** The Webex REST API of one organization: adds the token and reads answers and failures. */
export class WebexClient {
  readonly #http: HttpClient;
  readonly #tokens: TokenSource;
  readonly #serviceUri: string;
  readonly #scimUri: string;
  readonly #organizationId: string | null;
  readonly #readOnly: boolean;

  constructor(http: HttpClient, tokens: TokenSource, settings: WebexSettings) {
    this.#http = http;
    this.#tokens = tokens;
    this.#organizationId = settings.organizationId;
    this.#readOnly = settings.readOnly;
    this.#serviceUri = settings.serviceUri.replace(/\/+$/, '');
    this.#scimUri = `${this.#serviceUri.replace(/\/v1$/, '')}/identity/scim`;
  }

  /**
   * Gets a resource under the service URI.
   * Throws UpstreamNotFound, UpstreamForbidden and the other errors of an upstream.
   */
  get(path: string, query: Query, context: CallContext): Promise<WebexAnswer> {
    const url = new URL(`${this.#serviceUri}${path}`);
    const ofOther = this.#organizationId !== null && OF_AN_ORGANIZATION.has(path);
    return this.#read(url, ofOther ? { ...query, orgId: this.#organizationId } : query, context);
  }

  /** Deletes a resource under the service URI; as `get` otherwise. Throws ReadOnlyConnector. */
  async delete(path: string, query: Query, context: CallContext): Promise<void> {
    if (this.#readOnly) throw new ReadOnlyConnector();
    const url = withQuery(new URL(`${this.#serviceUri}${path}`), query);
    const response = await this.#sendWithToken('DELETE', url, context);
    if (response.status >= 400) throw failureOf('DELETE', url.pathname, response);
  }

  /** Gets a SCIM resource; as `get` otherwise. */
  getScim(path: string, query: Query, context: CallContext): Promise<WebexAnswer> {
    return this.#read(new URL(`${this.#scimUri}${path}`), query, context);
  }

  async #read(url: URL, query: Query, context: CallContext): Promise<WebexAnswer> {
    withQuery(url, query);
    const response = await this.#sendWithToken('GET', url, context);
    if (response.status >= 400) throw failureOf('GET', url.pathname, response);
    const call: UpstreamCall = {
      method: 'GET',
      path: url.pathname,
      status: response.status,
      trackingId: response.header('trackingid'),
    };
    return { body: parseObject(response, call), next: nextQuery(response.header('link'), url, call), call };
  }

  /** Sends with the current token and, when Webex answers 401, once more with a new one. */
  async #sendWithToken(method: 'GET' | 'DELETE', url: URL, context: CallContext): Promise<HttpResponse> {
    const token = await this.#tokens.current(context.meter);
    const response = await this.#send(method, url, token, context);
    if (response.status !== 401) return response;
    const renewed = await this.#tokens.renew(token, context.meter);
    const repeated = await this.#send(method, url, renewed, context);
    if (repeated.status === 401) throw await this.#tokens.giveUp(renewed);
    return repeated;
  }

  #send(method: 'GET' | 'DELETE', url: URL, token: string, context: CallContext): Promise<HttpResponse> {
    return this.#http.send(
      {
        method,
        url,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          trackingid: `WPG_${randomUUID()}`,
        },
        signal: context.signal,
        repeat: context.repeat,
      },
      context.meter,
    );
  }
}

/** Lists that take the organization they are asked of. Source: Webex's reference of each. */
const OF_AN_ORGANIZATION = new Set(['/people', '/groups', '/licenses']);

function withQuery(url: URL, query: Query): URL {
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

function parseObject(response: HttpResponse, call: UpstreamCall): WireObject {
  let body: unknown;
  try {
    body = JSON.parse(response.text);
  } catch {
    throw new UpstreamInvalid('Webex answered with something that is not JSON.', call);
  }
  if (!isObject(body))
    throw new UpstreamInvalid('Webex answered with something that is not an object.', call);
  return body;
}

/**
 * The query of the `next` link (RFC 8288). Only a link to the same origin counts, because the token would
 * go with it. `max=null`, which Webex has been seen to send and to refuse, is dropped.
 */
function nextQuery(header: string | undefined, asked: URL, call: UpstreamCall): string | undefined {
  const target = /<([^>]*)>[^,]*;\s*rel="?next"?/i.exec(header ?? '')?.[1];
  if (target === undefined) return undefined;
  const link = URL.parse(target, asked.href);
  if (link === null || link.origin !== asked.origin) {
    throw new UpstreamInvalid(
      'Webex sent a link to the next page that leads elsewhere; it was not followed.',
      call,
    );
  }
  for (const [name, value] of [...link.searchParams]) {
    if (value === 'null') link.searchParams.delete(name);
  }
  return link.searchParams.toString();
}
