import { randomUUID } from 'node:crypto';
import { type GatewayError, ReadOnlyConnector, type UpstreamCall, UpstreamInvalid } from '../../errors.ts';
import type { HttpClient } from '../http/client.ts';
import type { HttpResponse } from '../http/exchange.ts';
import type { Meter } from '../http/meter.ts';
import type { CallContext, Query, WebexAnswer, WriteAnswer, WriteMethod } from './call.ts';
import { failureOf } from './failures.ts';
import { nextQuery } from './lists/links.ts';
import { SharedReads } from './lists/shared-reads.ts';
import { routeOf } from './routes.ts';
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
  readonly #reads = new SharedReads();
  readonly #changed: (path: string) => void;

  /** @param changed is told the path of whatever may have been changed */
  constructor(
    http: HttpClient,
    tokens: TokenSource,
    settings: WebexSettings,
    changed: (path: string) => void = () => undefined,
  ) {
    this.#http = http;
    this.#tokens = tokens;
    this.#organizationId = settings.organizationId;
    this.#readOnly = settings.readOnly;
    this.#changed = changed;
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

  /**
   * Changes a resource under the service URI. Only a 429 is repeated: anything else may have been carried out.
   * Throws ReadOnlyConnector, UpstreamRejected with what Webex said, and the other errors of an upstream.
   */
  async write(
    method: WriteMethod,
    path: string,
    query: Query,
    body: WireObject | undefined,
    context: CallContext,
  ): Promise<WriteAnswer> {
    if (this.#readOnly) throw new ReadOnlyConnector();
    const url = withQuery(new URL(`${this.#serviceUri}${path}`), query);
    this.#reads.forget();
    try {
      const response = await this.#sendWithToken(method, url, context, body);
      if (response.status >= 400) throw failureOf(method, url.pathname, response);
      const call = callOf(method, url, response);
      return { body: response.text === '' ? undefined : parseObject(response, call), call };
    } finally {
      // Whatever came of it, it may have been done; and what was read meanwhile tells how it was before.
      this.#reads.forget();
      this.#changed(path);
    }
  }

  /** Gets a SCIM resource; as `get` otherwise. */
  getScim(path: string, query: Query, context: CallContext): Promise<WebexAnswer> {
    return this.#read(new URL(`${this.#scimUri}${path}`), query, context);
  }

  #read(url: URL, query: Query, context: CallContext): Promise<WebexAnswer> {
    withQuery(url, query);
    return this.#reads.get(url, context, (shared) => this.#fetch(url, shared));
  }

  async #fetch(url: URL, context: CallContext): Promise<WebexAnswer> {
    const response = await this.#sendWithToken('GET', url, context);
    if (response.status >= 400) throw failureOf('GET', url.pathname, response);
    const call = callOf('GET', url, response);
    return {
      body: parseObject(response, call),
      next: nextQuery(response.header('link'), url, call),
      call,
      at: dateOf(response),
    };
  }

  /** Sends with the current token and, when Webex answers 401, once more with a new one. */
  async #sendWithToken(
    method: 'GET' | WriteMethod,
    url: URL,
    context: CallContext,
    body?: WireObject,
  ): Promise<HttpResponse> {
    const token = await this.#tokens.current(context.meter);
    const response = await this.#send(method, url, token, context, body);
    if (response.status !== 401) return response;
    const renewed = await this.#tokens.renew(token, context.meter);
    const repeated = await this.#send(method, url, renewed, context, body);
    if (repeated.status === 401) throw await this.#tokens.giveUp(renewed);
    return repeated;
  }

  #send(
    method: 'GET' | WriteMethod,
    url: URL,
    token: string,
    context: CallContext,
    body: WireObject | undefined,
  ): Promise<HttpResponse> {
    return this.#http.send(
      {
        method,
        url,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          trackingid: `WPG_${randomUUID()}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: context.signal,
        lane: context.lane,
        repeat: context.repeat,
        route: routeOf(url.pathname),
      },
      context.meter,
    );
  }
}

function callOf(method: string, url: URL, response: HttpResponse): UpstreamCall {
  const { status } = response;
  return { method, path: url.pathname, status, trackingId: response.header('trackingid') };
}

/** When Webex answered, by its own clock. */
function dateOf(response: HttpResponse): Date | undefined {
  const ms = Date.parse(response.header('date') ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms);
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
