import pLimit from 'p-limit';
import type { HttpClient } from '../http/client.ts';
import type { TokenSource } from '../rest/authorized-client.ts';
import type { CallContext } from '../rest/call-context.ts';
import { WebexAdmin } from './admin.ts';
import { type Catalogues, createCatalogues } from './catalogues/catalogues.ts';
import type { CatalogueReader } from './catalogues/reader.ts';
import { type CatalogueOfChanges, StaleCatalogues } from './catalogues/stale.ts';
import { WebexClient, type WebexSettings } from './client.ts';
import { type GrantedAccess, WebexDatasource } from './datasource.ts';
import { revokeAuthorizations } from './oauth/authorizations.ts';
import type { License, Role } from './records.ts';
import { WebexScan } from './scan.ts';

/**
 * How many calls one GraphQL request may have under way for each connection of the pool: enough to keep the pool
 * busy, and too few to fill its queue, which belongs to all.
 */
const CALLS_PER_CONNECTION = 4;

/** One Webex organization, opened for a piece of work. */
export interface OpenConnection {
  /** Fresh reads and writes. */
  readonly admin: WebexAdmin;
  /** All licenses as the work first saw them; they may be some seconds old then. */
  readonly licenses: Pick<CatalogueReader<License>, 'all' | 'known'>;
  /** The same of roles. */
  readonly roles: Pick<CatalogueReader<Role>, 'all' | 'known'>;
  /** What a request reads once, it does not read again. */
  readonly webex: WebexDatasource;
  readonly access: ConnectedAccess;
  /**
   * Reads of whole lists, in the background and past everything that is kept in memory.
   * @param signal ends them
   */
  scan(signal: AbortSignal): WebexScan;
}

/** What the connected account has granted. */
export interface ConnectedAccess {
  readonly scopes: readonly string[];
  /** Webex's id of the connected account; null if Webex did not tell. */
  readonly personId: string | null;
}

/** A live connection to one Webex organization. It outlives requests; each of them opens it. */
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

  /**
   * Opens the organization for a piece of work, such as one GraphQL request.
   * @param context for whom; of `admin`, its signal ends nothing
   */
  open(access: GrantedAccess & ConnectedAccess, context: CallContext): OpenConnection {
    const limit = pLimit(CALLS_PER_CONNECTION * this.#http.maximumConnections);
    const limited = { ...context, limit };
    const webex = new WebexDatasource(this.#client, this.#catalogues, access, limited);
    const admin = new WebexAdmin(this.#client, this.#catalogues.pageSizes, access.organizationId, limited);
    const { scopes, personId } = access;
    return {
      ...{ admin, licenses: webex.licenses, roles: webex.roles, webex, access: { scopes, personId } },
      scan: (signal) =>
        new WebexScan(this.#client, this.#catalogues, access.organizationId, {
          signal,
          limit,
          lane: 'background',
        }),
    };
  }
}
