import { randomUUID } from 'node:crypto';
import type { HttpClient } from '../http/client.ts';
import { AuthorizedClient, addressOf, type TokenSource } from '../rest/authorized-client.ts';
import type { CallContext, Query, RestAnswer, WriteAnswer, WriteMethod } from '../rest/call-context.ts';
import type { WireObject } from '../rest/json.ts';
import type { CatalogueOfChanges } from './catalogues/stale.ts';
import { failureOf } from './failures.ts';
import { MeantOrganization } from './meant-organization.ts';
import { routeOf } from './routes.ts';
import { isDone, isFromWebex } from './status.ts';

type Touched = (names: readonly CatalogueOfChanges[], context: CallContext) => void;

/** Where Webex is, and what may be done there. */
export interface WebexSettings {
  /** Like https://webexapis.com/v1, without a slash at the end; SCIM is found beside it, outside /v1. */
  readonly serviceUri: string;
  /** The organization that a partner's account works in; null: its own. */
  readonly organizationId: string | null;
  /** The account's own organization; left out if it is not known yet. */
  readonly ownOrganizationId?: string | undefined;
  /** Whether everything but reading is refused. */
  readonly readOnly: boolean;
}

/** The Webex REST API of one organization. */
export class WebexClient {
  readonly #api: AuthorizedClient;
  readonly #serviceUri: string;
  readonly #scimUri: string;
  readonly #organization: MeantOrganization;
  readonly #touched: Touched;

  /** @param touched is told which catalogues a write may have made stale */
  constructor(
    http: HttpClient,
    tokens: TokenSource,
    { serviceUri, organizationId, ownOrganizationId, readOnly }: WebexSettings,
    touched: Touched = () => undefined,
  ) {
    this.#api = new AuthorizedClient(http, tokens, {
      mayWrite: !readOnly,
      headers: {},
      newCallId: () => `WPG_${randomUUID()}`,
      tokenCheck: new URL(`${serviceUri}/people/me`),
      isDone,
      isFromService: isFromWebex,
      failureOf,
      routeOf,
    });
    this.#organization = new MeantOrganization(organizationId, ownOrganizationId);
    this.#touched = touched;
    this.#serviceUri = serviceUri;
    this.#scimUri = `${serviceUri.replace(/\/v1$/, '')}/identity/scim`;
  }

  /**
   * Gets a resource under the service URI.
   * Throws UpstreamNotFound, also for what belongs to another organization, OtherOrganization for a list of
   * another one, UpstreamForbidden and the other errors of an upstream.
   */
  get(path: string, query: Query, context: CallContext): Promise<RestAnswer> {
    const organization = this.#organization;
    const url = addressOf(`${this.#serviceUri}${path}`, organization.inQuery(path, query));
    return this.#api.get(url, path, context, (body, call) => organization.checkRead(path, query, body, call));
  }

  /**
   * Changes a resource under the service URI. Only a 429 is repeated: anything else may have been carried out.
   * @param touches which catalogues it makes stale
   * Throws ReadOnlyConnector, UpstreamRejected with what Webex said, OtherOrganization if the answer is about
   * another organization, and the other errors of an upstream.
   */
  write(
    method: WriteMethod,
    path: string,
    query: Query,
    body: WireObject | undefined,
    context: CallContext,
    touches: readonly CatalogueOfChanges[],
  ): Promise<WriteAnswer> {
    const url = addressOf(`${this.#serviceUri}${path}`, query);
    return this.#api.write(method, url, this.#organization.inBody(method, path, body), context, {
      check: (answer, call) => this.#organization.checkWritten(answer, call),
      attempted: () => this.#touched(touches, context),
    });
  }

  /** Gets a SCIM resource; as `get` otherwise. */
  getScim(path: string, query: Query, context: CallContext): Promise<RestAnswer> {
    return this.#api.get(addressOf(`${this.#scimUri}${path}`, query), path, context, (body) => body);
  }

  /** Throws RateLimited if the caller would not wait for the end of the pause that Webex has asked for. */
  checkPause(context: CallContext): void {
    this.#api.checkPause(new URL(this.#serviceUri), context);
  }
}
