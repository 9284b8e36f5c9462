import type { HttpClient } from '../http/client.ts';
import { createCatalogues } from './catalogues.ts';
import { type CallContext, type TokenSource, WebexClient } from './client.ts';
import { type GrantedAccess, WebexDatasource } from './datasource.ts';

/** A live connection to one Webex organization. It outlives requests; each of them gets a datasource. */
export class WebexConnection {
  readonly #client: WebexClient;
  readonly #catalogues = createCatalogues();

  constructor(http: HttpClient, tokens: TokenSource, serviceUri: string) {
    this.#client = new WebexClient(http, tokens, serviceUri);
  }

  /** The organization as one GraphQL request sees it. */
  datasource(access: GrantedAccess, context: CallContext): WebexDatasource {
    return new WebexDatasource(this.#client, this.#catalogues, access, context);
  }
}
