import { randomUUID } from 'node:crypto';
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
  type WebexAnswer,
  type WriteAnswer,
  type WriteMethod,
} from '../rest/call-context.ts';
import { parseObject, type WireObject } from '../rest/json.ts';
import { nextQuery } from '../rest/link-header.ts';
import { SharedReads } from '../rest/shared-reads.ts';
import type { CatalogueOfChanges } from './catalogues/stale.ts';
import { failureOf } from './failures.ts';
import { MeantOrganization } from './meant-organization.ts';
import { routeOf } from './routes.ts';
import { isFromWebex, meaningOf } from './status.ts';

/** Gives out access tokens. The client is handed one, so it needs to know nothing of OAuth. */
export interface TokenSource {
  /** A token that is believed to be good. What a renewal costs is put down to `meter`. */
  current(meter?: Meter): Promise<string>;
  /** The newest token known, for a request that waited in the queue since it was given `token`. */
  newest(token: string): string;
  /** A token other than `refused`, which Webex has just answered with a 401. Waits longer each time in a row. */
  renew(refused: string, meter?: Meter): Promise<string>;
  /** False if a token that is refused ends the connection, because there is no refresh token. */
  readonly isRenewable: boolean;
  /** Webex has just accepted this token. */
  accepted(token: string): void;
}

/** How many tokens one request is sent with at most, the first included. */
const MOST_TOKENS = 4;

type Touched = (names: readonly CatalogueOfChanges[], context: CallContext) => void;

/** Where Webex is, and what may be done there. */
export interface WebexSettings {
  /** Like https://webexapis.com/v1, without a slash at the end; SCIM is found beside it, outside /v1. */
  readonly serviceUri: string;
  /** The organization that a partner's account works in; null: its own. */
  readonly organizationId: string | null;
  /** The account's own organization; left out where it is not known yet. */
  readonly ownOrganizationId?: string | undefined;
  /** Whether everything but reading is refused. */
  readonly readOnly: boolean;
}

/** The Webex REST API of one organization: adds the token and reads answers and failures. */
export class WebexClient {
  readonly #http: HttpClient;
  readonly #tokens: TokenSource;
  readonly #serviceUri: string;
  readonly #scimUri: string;
  readonly #organization: MeantOrganization;
  readonly #readOnly: boolean;
  readonly #reads = new SharedReads();
  readonly #touched: Touched;
  /** A token that one path refuses and /people/me accepts: the next 401 is no reason to renew it. */
  #goodElsewhere: string | undefined;

  /** @param touched is told which catalogues a write may have made stale */
  constructor(
    http: HttpClient,
    tokens: TokenSource,
    settings: WebexSettings,
    touched: Touched = () => undefined,
  ) {
    this.#http = http;
    this.#tokens = tokens;
    this.#organization = new MeantOrganization(settings.organizationId, settings.ownOrganizationId);
    this.#readOnly = settings.readOnly;
    this.#touched = touched;
    this.#serviceUri = settings.serviceUri;
    this.#scimUri = `${this.#serviceUri.replace(/\/v1$/, '')}/identity/scim`;
  }

  /**
   * Gets a resource under the service URI.
   * Throws UpstreamNotFound, also for what belongs to another organization, OtherOrganization for a list of
   * another one, UpstreamForbidden and the other errors of an upstream.
   */
  get(path: string, query: Query, context: CallContext): Promise<WebexAnswer> {
    const organization = this.#organization;
    const url = new URL(`${this.#serviceUri}${path}`);
    return this.#read(url, path, organization.inQuery(path, query), context, (body, call) =>
      organization.checkRead(path, query, body, call),
    );
  }

  /**
   * Changes a resource under the service URI. Only a 429 is repeated: anything else may have been carried out.
   * @param touches which catalogues it makes stale
   * Throws ReadOnlyConnector, UpstreamRejected with what Webex said, OtherOrganization where the answer is about
   * another organization, and the other errors of an upstream.
   */
  async write(
    method: WriteMethod,
    path: string,
    query: Query,
    body: WireObject | undefined,
    context: CallContext,
    touches: readonly CatalogueOfChanges[],
  ): Promise<WriteAnswer> {
    if (this.#readOnly) throw new ReadOnlyConnector();
    const url = withQuery(new URL(`${this.#serviceUri}${path}`), query);
    return inTurn(context, async () => {
      this.#reads.forget();
      try {
        const told = this.#organization.inBody(method, path, body);
        const response = await this.#sendWithToken(method, url, context, told);
        const call = callOf(method, url, response);
        if (meaningOf(method, response.status) !== 'done') throw failureOf(call, response);
        const answer = response.text === '' ? undefined : parseObject(response.text, call);
        this.#organization.checkWritten(answer, call);
        return { body: answer, call };
      } finally {
        // Whatever came of it, it may have been done; and what was read meanwhile tells how it was before.
        this.#reads.forget();
        this.#touched(touches, context);
      }
    });
  }

  /** Gets a SCIM resource; as `get` otherwise. */
  getScim(path: string, query: Query, context: CallContext): Promise<WebexAnswer> {
    return this.#read(new URL(`${this.#scimUri}${path}`), path, query, context, (body) => body);
  }

  /** Throws RateLimited if the caller would not wait for the end of the pause that Webex has asked for. */
  checkPause({ lane }: CallContext): void {
    this.#http.checkPause({ method: 'GET', url: new URL(this.#serviceUri), lane });
  }

  /** @param resource the end of the path of `url` */
  #read(url: URL, resource: string, query: Query, context: CallContext, check: Check): Promise<WebexAnswer> {
    withQuery(url, query);
    return inTurn(context, async () => {
      this.#http.checkPause({ method: 'GET', url, lane: context.lane });
      return this.#reads.get(url, context, (shared) => this.#fetch(url, resource, shared, check));
    });
  }

  async #fetch(url: URL, resource: string, context: CallContext, check: Check): Promise<WebexAnswer> {
    const response = await this.#sendWithToken('GET', url, context);
    const call = callOf('GET', url, response);
    if (meaningOf('GET', response.status) !== 'done') throw failureOf(call, response);
    return {
      body: check(parseObject(response.text, call), call),
      // Read only for lists: other answers may have links that mean nothing here.
      get next() {
        return nextQuery(response.header('link'), url, resource, call);
      },
      call,
      at: dateOf(response),
    };
  }

  /**
   * Sends with the newest token and, if Webex answers 401, again with a renewed one. A renewed token that is refused
   * as well, or one that cannot be renewed, is tried on /people/me: if it is good there, the 401 is about this path and
   * not about the token.
   */
  async #sendWithToken(
    method: 'GET' | WriteMethod,
    url: URL,
    context: CallContext,
    body?: WireObject,
  ): Promise<HttpResponse> {
    const given = await this.#tokens.current(context.meter);
    const most = context.retry === 'never' ? 2 : MOST_TOKENS;
    const newest = () => this.#tokens.newest(given);
    for (let sent = 1; ; sent += 1) {
      const { response, token } = await this.#send(method, url, newest, context, body);
      if (response.status !== 401) {
        if (isFromWebex(method, response.status)) this.#tokens.accepted(token);
        return sent === 1 ? response : { ...response, isRepeated: true };
      }
      const call = callOf(method, url, response);
      const isDoubtful = sent > 1 || token === this.#goodElsewhere || !this.#tokens.isRenewable;
      if (isDoubtful && (await this.#isGood(token, url, context))) {
        this.#goodElsewhere = token;
        throw new UpstreamForbidden([], call);
      }
      if (sent === most) {
        throw new UpstreamUnavailable(
          'Webex refuses access tokens that it has just issued. Try again in a few minutes.',
          call,
        );
      }
      await this.#tokens.renew(token, context.meter);
    }
  }

  /** Whether Webex accepts a token that it has refused at `refusedAt`. */
  async #isGood(token: string, refusedAt: URL, context: CallContext): Promise<boolean> {
    const me = new URL(`${this.#serviceUri}/people/me`);
    if (refusedAt.pathname === me.pathname) return false;
    const { response } = await this.#send('GET', me, () => token, context, undefined);
    if (!isFromWebex('GET', response.status)) throw failureOf(callOf('GET', me, response), response);
    return response.status !== 401;
  }

  /** @param choose is asked for the token when the request leaves the queue, each time that it is sent */
  async #send(
    method: 'GET' | WriteMethod,
    url: URL,
    choose: () => string,
    context: CallContext,
    body: WireObject | undefined,
  ): Promise<{ readonly response: HttpResponse; readonly token: string }> {
    let token = '';
    const fixed = {
      accept: 'application/json',
      trackingid: `WPG_${randomUUID()}`,
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
      retry: context.retry,
      route: routeOf(url.pathname),
    };
    const response = await this.#http.send(request, context.meter);
    return { response, token };
  }
}

/** Looks whether an answer is about the organization that was meant. */
type Check = (body: WireObject, call: UpstreamCall) => WireObject;

function withQuery(url: URL, query: Query): URL {
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}
