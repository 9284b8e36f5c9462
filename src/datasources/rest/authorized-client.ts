import type { GatewayError } from '../../errors/gateway-error.ts';
import { ReadOnlyConnector } from '../../errors/request.ts';
import { type UpstreamCall, UpstreamForbidden, UpstreamUnavailable } from '../../errors/upstream.ts';
import type { HttpClient } from '../http/client.ts';
import type { HttpResponse } from '../http/exchange.ts';
import type { Meter } from '../http/meter.ts';
import {
  type CallContext,
  callOf,
  dateOf,
  inTurn,
  type Query,
  type RestAnswer,
  type WriteAnswer,
  type WriteMethod,
} from './call-context.ts';
import { parseObject, type WireObject } from './json.ts';
import { nextQuery } from './link-header.ts';
import { SharedReads } from './shared-reads.ts';

/** Access tokens. A client is given one, so that it knows nothing of how tokens are issued. */
export interface TokenSource {
  /** A token that should be valid. `meter` counts the requests that it takes to get one. */
  obtain(meter?: Meter): Promise<string>;
  /** The newest token known, for a request that has waited in the queue since it was given `token`. */
  newest(token: string): string;
  /** A token other than `refused`, which was just answered with a 401. Waits longer each time in a row. */
  renew(refused: string, meter?: Meter): Promise<string>;
  /** False if there is no way to another token: the first 401 may end the connection. */
  readonly isRenewable: boolean;
  /** Called when the service has accepted this token. */
  accepted(token: string): void;
}

/** What differs between the services behind an `AuthorizedClient`. */
export interface RestService {
  /** Whether the connector allows changes. If false, writes throw ReadOnlyConnector. */
  readonly mayWrite: boolean;
  /** Headers of every request, beside those for the token, the body and the name of the call. */
  readonly headers: Readonly<Record<string, string>>;
  /** A new id for one call. It is sent in the header that names a call (`callIdHeader` of the HttpClient). */
  newCallId(): string;
  /**
   * What any valid token may read. A token that is refused elsewhere is tried here; if it is accepted, the 401 was about
   * the path. Undefined if the service has nothing like it: then the 401 is about the token.
   */
  readonly tokenCheck: URL | undefined;
  /** Whether an answer says that the request was carried out. */
  isDone(method: string, status: number): boolean;
  /** Whether the service itself checked the request, so that an answer other than 401 accepts the token. */
  isFromService(method: string, status: number): boolean;
  /** The error that any other answer means. */
  failureOf(call: UpstreamCall, response: HttpResponse): GatewayError;
  /** The kind of resource under a path, without ids, as `/people/:id`; undefined if it is unknown. */
  routeOf(path: string): string | undefined;
}

/** The body of a write. */
export type JsonBody = WireObject | readonly WireObject[];

/** What a caller does with an answer to a read before it is shared. Returns the body to use, or throws. */
export type CheckRead = (body: WireObject, call: UpstreamCall) => WireObject;

/** What a caller does around a write. */
export interface WriteHooks {
  /** Checks the answer; throws if it is not about what was changed. */
  readonly check: (body: WireObject | undefined, call: UpstreamCall) => void;
  /** Called when the write may have been carried out, whatever came of it. */
  readonly attempted: () => void;
}

/** Maximum number of tokens that one request is sent with, including the first. */
const MAX_TOKENS = 4;

/**
 * A JSON API behind access tokens. Adds the token to each request; after a 401 it renews the token and repeats, then gives
 * up. Identical reads at the same moment are one request.
 */
export class AuthorizedClient {
  readonly #http: HttpClient;
  readonly #tokens: TokenSource;
  readonly #service: RestService;
  readonly #reads = new SharedReads();
  /** A token that one path refuses and `tokenCheck` accepts: the next 401 is no reason to renew it. */
  #goodElsewhere: string | undefined;

  constructor(http: HttpClient, tokens: TokenSource, service: RestService) {
    this.#http = http;
    this.#tokens = tokens;
    this.#service = service;
  }

  /**
   * Gets a resource.
   * @param resource the end of the path of `url`, to which links to the next page have to lead
   * Throws what `failureOf` returns and `check` throws, UpstreamForbidden, UpstreamInvalid for a body that is not a JSON
   * object, and what `HttpClient.send` throws.
   */
  get(url: URL, resource: string, context: CallContext, check: CheckRead): Promise<RestAnswer> {
    return inTurn(context, async () => {
      this.checkPause(url, context);
      return this.#reads.get(url, context, (shared) => this.#fetch(url, resource, shared, check));
    });
  }

  /**
   * Changes a resource. Only a 429 is repeated: anything else may have been carried out.
   * Throws ReadOnlyConnector, what `failureOf` returns and `check` throws, and what `get` throws otherwise.
   */
  async write(
    method: WriteMethod,
    url: URL,
    body: JsonBody | undefined,
    context: CallContext,
    { check, attempted }: WriteHooks,
  ): Promise<WriteAnswer> {
    if (!this.#service.mayWrite) throw new ReadOnlyConnector();
    return inTurn(context, async () => {
      this.#reads.forget();
      try {
        const response = await this.#sendWithToken(method, url, context, body);
        const call = this.#callOf(method, url, response);
        if (!this.#service.isDone(method, response.status)) throw this.#service.failureOf(call, response);
        const answer = response.text === '' ? undefined : parseObject(response.text, call);
        check(answer, call);
        return { body: answer, call };
      } finally {
        // Reads that were sent before the end of the write may show the record as it was before.
        this.#reads.forget();
        attempted();
      }
    });
  }

  /** Throws RateLimited if the caller would not wait for the end of the pause that the service has asked for. */
  checkPause(url: URL, { lane }: CallContext): void {
    this.#http.checkPause({ method: 'GET', url, lane });
  }

  async #fetch(url: URL, resource: string, context: CallContext, check: CheckRead): Promise<RestAnswer> {
    const response = await this.#sendWithToken('GET', url, context);
    const call = this.#callOf('GET', url, response);
    if (!this.#service.isDone('GET', response.status)) throw this.#service.failureOf(call, response);
    return {
      body: check(parseObject(response.text, call), call),
      // Read for lists only: other answers may have links that mean nothing here.
      get next() {
        return nextQuery(response.header('link'), url, resource, call);
      },
      call,
      at: dateOf(response),
    };
  }

  /**
   * Sends with the newest token and, after a 401, again with a renewed one. A renewed token that is refused as well, or one
   * that cannot be renewed, is tried at `tokenCheck`: if it is accepted there, the 401 is about this path and not about the
   * token.
   */
  async #sendWithToken(
    method: 'GET' | WriteMethod,
    url: URL,
    context: CallContext,
    body?: JsonBody,
  ): Promise<HttpResponse> {
    const given = await this.#tokens.obtain(context.meter);
    const most = context.retry === 'never' ? 2 : MAX_TOKENS;
    const newest = () => this.#tokens.newest(given);
    for (let sent = 1; ; sent += 1) {
      const { response, token } = await this.#send(method, url, newest, context, body);
      if (response.status !== 401) {
        if (this.#service.isFromService(method, response.status)) this.#tokens.accepted(token);
        return sent === 1 ? response : { ...response, isRepeated: true };
      }
      const call = this.#callOf(method, url, response);
      const isDoubtful = sent > 1 || token === this.#goodElsewhere || !this.#tokens.isRenewable;
      if (isDoubtful && (await this.#isGoodElsewhere(token, url, context))) {
        this.#goodElsewhere = token;
        throw new UpstreamForbidden([], call);
      }
      if (sent === most) {
        const { name } = this.#http.traits;
        throw new UpstreamUnavailable(
          `${name} refuses access tokens that it has just issued. Try again in a few minutes.`,
          call,
        );
      }
      await this.#tokens.renew(token, context.meter);
    }
  }

  /** Whether the service accepts a token that it has refused at `refusedAt`. */
  async #isGoodElsewhere(token: string, refusedAt: URL, context: CallContext): Promise<boolean> {
    const url = this.#service.tokenCheck;
    if (url === undefined || refusedAt.pathname === url.pathname) return false;
    const { response } = await this.#send('GET', url, () => token, context, undefined);
    if (!this.#service.isFromService('GET', response.status)) {
      throw this.#service.failureOf(this.#callOf('GET', url, response), response);
    }
    return response.status !== 401;
  }

  /** @param choose is asked for the token when the request leaves the queue, each time that it is sent */
  async #send(
    method: 'GET' | WriteMethod,
    url: URL,
    choose: () => string,
    context: CallContext,
    body: JsonBody | undefined,
  ): Promise<{ readonly response: HttpResponse; readonly token: string }> {
    let token = '';
    const fixed = {
      accept: 'application/json',
      ...this.#service.headers,
      [this.#http.traits.callIdHeader]: this.#service.newCallId(),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const request = {
      method,
      url,
      get headers() {
        token = choose();
        return { authorization: `Bearer ${token}`, ...fixed };
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: context.signal,
      lane: context.lane,
      mayStart: method === 'GET' ? undefined : context.mayStart,
      retry: context.retry,
      route: this.#service.routeOf(url.pathname),
    };
    const response = await this.#http.send(request, context.meter);
    return { response, token };
  }

  #callOf(method: string, url: URL, response: HttpResponse): UpstreamCall {
    return callOf(method, url, response, this.#http.traits.name);
  }
}

/**
 * An address with a query.
 * @param base the address without one
 * @param query parameters that are undefined are left out
 */
export function addressOf(base: string, query: Query): URL {
  const url = new URL(base);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}
