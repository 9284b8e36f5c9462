import pLimit from 'p-limit';
import type { HttpClient } from '../http/client.ts';
import type { CallContext } from '../rest/call-context.ts';
import { type Catalogues, createCatalogues } from './catalogues/catalogues.ts';
import { type CatalogueOfChanges, StaleCatalogues } from './catalogues/stale.ts';
import { type TokenSource, WebexClient, type WebexSettings } from './client.ts';
import { type GrantedAccess, WebexDatasource } from './datasource.ts';
import { revokeAuthorizations } from './oauth/authorizations.ts';

/**
 * How many calls one GraphQL request may have under way for each connection of the pool: enough to keep the pool
 * busy, and too few to fill its queue, which belongs to all.
 */
const CALLS_PER_CONNECTION = 4;

/** A live connection to one Webex organization. It outlives requests; each of them gets a datasource. */
export class WebexConnection {
  readonly #http: HttpClient;
  readonly #client: WebexClient;
  readonly #catalogues: Catalogues;
  readonly #stale: StaleCatalogues;

  /**
   * @param keepMs how long licenses, roles and memberships are kept once they were read, in milliseconds
   * @param onStale is told which catalogues a change through this connection has made stale
   */
  constructor(
    http: HttpClient,
    tokens: TokenSource,
    settings: WebexSettings,
    keepMs: number,
    onStale: (names: readonly CatalogueOfChanges[]) => void,
  ) {
    this.#http = http;
    this.#catalogues = createCatalogues(
      keepMs,
      () => http.mayAskForLess(),
      (caller) => this.#client.checkPause(caller),
    );
    this.#stale = new StaleCatalogues(this.#catalogues, onStale);
    this.#client = new WebexClient(http, tokens, settings, (names, context) => {
      this.#stale.touched(names, context);
    });
  }

  /** How many pages the organization's list of people has, 1000 on each; undefined until it was read to its end. */
  get peoplePages(): number | undefined {
    return this.#catalogues.size.peoplePages;
  }

  /** Forgets the catalogues that another process has made stale. Unknown names mean all. */
  forget(names: readonly string[]): void {
    this.#stale.told(names);
  }

  /** Revokes what the token's owner has granted to this client. Throws the errors of an upstream. */
  revoke(clientId: string, context: CallContext): Promise<void> {
    return revokeAuthorizations(this.#client, context, clientId);
  }

  /** The organization as one GraphQL request sees it. */
  datasource(access: GrantedAccess, context: CallContext): WebexDatasource {
    const limit = pLimit(CALLS_PER_CONNECTION * this.#http.maximumConnections);
    return new WebexDatasource(this.#client, this.#catalogues, access, { ...context, limit });
  }
}
