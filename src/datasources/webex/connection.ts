import type { HttpClient } from '../http/client.ts';
import { revokeAuthorizations } from './authorizations.ts';
import { createCatalogues } from './catalogues.ts';
import { type CallContext, type TokenSource, WebexClient, type WebexSettings } from './client.ts';
import { type GrantedAccess, WebexDatasource } from './datasource.ts';

/** A live connection to one Webex organization. It outlives requests; each of them gets a datasource. */
export class WebexConnection {
  readonly #client: WebexClient;
  readonly #catalogues = createCatalogues();

  constructor(http: HttpClient, tokens: TokenSource, settings: WebexSettings) {
    this.#client = new WebexClient(http, tokens, settings);
  }

  /** Revokes what the token's owner has granted to this client. Throws the errors of an upstream. */
  revoke(clientId: string): Promise<void> {
    return revokeAuthorizations(this.#client, {}, clientId);
  }

  /** The organization as one GraphQL request sees it. */
  datasource(access: GrantedAccess, context: CallContext): WebexDatasource {
    return new WebexDatasource(this.#client, this.#catalogues, access, context);
  }
}
