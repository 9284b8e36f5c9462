import type { CallContext } from '../datasources/rest/call-context.ts';
import type { OpenConnection } from '../datasources/webex/connection.ts';
import { OwnerNotTold } from '../errors/connection.ts';
import type { ConnectorRecord } from '../store/connectors.ts';
import type { GrantRecord } from '../store/grants.ts';
import type { Store } from '../store/store.ts';
import type { Connectors } from './connectors.ts';
import { identifyGrant } from './identify-grant.ts';
import type { LiveConnections } from './live-connections.ts';

/** A Webex organization opened for work: for a GraphQL request, or for a worker that has none. */
export interface OpenOrganization extends OpenConnection {
  readonly connector: ConnectorRecord;
}

/** Opens the organizations behind connectors. */
export class Organizations {
  readonly #store: Store;
  readonly #live: LiveConnections;
  readonly #connectors: Connectors;

  constructor(store: Store, live: LiveConnections, connectors: Connectors) {
    this.#store = store;
    this.#live = live;
    this.#connectors = connectors;
  }

  /**
   * Opens the organization of a connector.
   * @param call for whom: its signal ends every read, its meter counts, its lane decides who goes first
   * Throws NotFound, NotConnected, ReconnectRequired, AuthorizationFailed, and the errors of an upstream.
   */
  async open(connectorId: string, call: CallContext): Promise<OpenOrganization> {
    const connector = await this.#connectors.get(connectorId);
    return this.openWith(connector, await this.#connectors.grant(connector), call);
  }

  /**
   * The same for a connector and a grant that the caller has read already.
   * @param grant null: the connector is not connected
   */
  async openWith(
    connector: ConnectorRecord,
    grant: GrantRecord | null,
    call: CallContext,
  ): Promise<OpenOrganization> {
    const known = grant && (await this.#identified(connector, grant, call));
    return { connector, ...(await this.#live.open(connector, known, call)) };
  }

  /**
   * The grant with the organization it belongs to. If that is not known yet, Webex is asked. If Webex refuses to say,
   * the connector has to be connected again.
   */
  async #identified(
    connector: ConnectorRecord,
    grant: GrantRecord,
    context: CallContext,
  ): Promise<GrantRecord> {
    if (grant.organizationId !== '' || grant.status !== 'ACTIVE') return grant;
    const http = await this.#live.http(connector);
    try {
      const tokens = await this.#live.tokens(connector, grant);
      return await identifyGrant(this.#store, http, tokens, connector, grant, context);
    } catch (error) {
      // Any other answer, such as the page of a proxy or a refused client secret, does not mean that the grant has ended.
      if (error instanceof OwnerNotTold) {
        await this.#store.grants.requireReconnect(connector.id, grant.version);
      }
      throw error;
    }
  }
}
