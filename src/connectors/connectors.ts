import type { Meter } from '../datasources/http/meter.ts';
import { Ambiguous, DeclaredConnector, InvalidInput, NotFound, SettingsConflict } from '../errors/request.ts';
import type { ConnectorRecord } from '../store/connectors.ts';
import type { GrantRecord } from '../store/grants.ts';
import type { Store } from '../store/store.ts';
import type { ConnectorStanding } from '../telemetry/gauges.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Destinations } from './allowed-origins.ts';
import { disconnect } from './disconnect.ts';
import { daysLeft, isSoon } from './expiry.ts';
import type { LiveConnections } from './live-connections.ts';
import { type ConnectorInput, reachOf, readSettings } from './settings.ts';

export type { ConnectorRecord, GrantRecord };

export type ConnectorStatus = 'DISCONNECTED' | 'CONNECTED' | 'RECONNECT_REQUIRED';

/** A connector before and after a change of its settings. */
export interface UpdatedConnector {
  readonly before: ConnectorRecord;
  readonly after: ConnectorRecord;
}

/** A connector is connected when there is a grant that Webex has not refused yet. */
export function statusOf(grant: GrantRecord | null): ConnectorStatus {
  if (grant === null) return 'DISCONNECTED';
  return grant.status === 'ACTIVE' ? 'CONNECTED' : 'RECONNECT_REQUIRED';
}

/** The rules of keeping connectors: what is valid, what is unique, what a change brings with it. */
export class Connectors {
  readonly #store: Store;
  readonly #live: LiveConnections;
  readonly #logger: Logger;
  readonly #destinations: Destinations;

  constructor(store: Store, live: LiveConnections, logger: Logger, destinations: Destinations) {
    this.#store = store;
    this.#live = live;
    this.#logger = logger;
    this.#destinations = destinations;
  }

  /** All connectors, by name. */
  list(): Promise<readonly ConnectorRecord[]> {
    return this.#store.recent.connectors();
  }

  /**
   * The connector with this id or this name; with neither, the only one there is.
   * @param isVisible whether the caller may see a connector
   * Throws NotFound, or Ambiguous with the names if there are several.
   */
  async find(
    id: string | undefined,
    name: string | undefined,
    isVisible: (connector: ConnectorRecord) => boolean,
  ): Promise<ConnectorRecord> {
    if (id !== undefined && name !== undefined)
      throw new InvalidInput('id or name', 'give one of them, or neither.');
    if (id !== undefined) return this.get(id);
    if (name !== undefined) {
      // From the list, which takes as long for a hidden connector as for a name without one.
      const named = (await this.list()).find((each) => each.name === name && isVisible(each));
      if (named === undefined) throw new NotFound('connector', name);
      return named;
    }
    const [only, ...others] = (await this.list()).filter(isVisible);
    if (only === undefined)
      throw new NotFound('connector', '', 'There is no connector yet. Make one with createConnector.');
    if (others.length === 0) return only;
    const names = [only, ...others].map((connector) => connector.name);
    throw new Ambiguous(
      'connector',
      `There are ${names.length} connectors: ${names.join(', ')}. Say which, by id or name.`,
      names,
    );
  }

  /** Throws NotFound. */
  async get(id: string): Promise<ConnectorRecord> {
    return there(await this.#store.recent.connector(id), id);
  }

  /**
   * What Webex has granted to the connector; null while it is not connected. A grant for another client
   * or other servers does not count: its tokens are worth nothing here, and not ours to send.
   */
  async grant(connector: ConnectorRecord): Promise<GrantRecord | null> {
    const grant = await this.#store.recent.grant(connector.id);
    return grant?.grantedFor === reachOf(connector) ? grant : null;
  }

  /** How each connector stands with Webex, by name. */
  async standings(): Promise<ConnectorStanding[]> {
    return Promise.all(
      (await this.list()).map(async (connector) => {
        const grant = await this.grant(connector);
        const isConnected = statusOf(grant) === 'CONNECTED';
        const expiresAt = isConnected ? (grant?.refreshTokenExpiresAt ?? null) : null;
        return { connector: connector.name, isConnected, daysLeft: daysLeft(expiresAt) };
      }),
    );
  }

  /** Warns in the log of each connection that ends within fourteen days; also of those that nobody uses. */
  async warnOfEnds(): Promise<void> {
    for (const { connector, daysLeft: days } of await this.standings()) {
      if (days !== null && isSoon(days)) {
        this.#logger.warn(
          { connector, daysLeft: days },
          'the connection ends soon unless an administrator connects again',
        );
      }
    }
  }

  /** Throws InvalidInput, NameTaken. */
  create(input: ConnectorInput): Promise<ConnectorRecord> {
    return this.#store.connectors.create({ kind: 'WEBEX', ...readSettings(input, this.#destinations) });
  }

  /**
   * Changes what the input holds. Another client or other servers end the connection, because its tokens
   * are worth nothing there; another token endpoint forgets the client secret, unless it is entered again.
   * @param expectedVersion refuses the change if the connector has changed since that version
   * Throws InvalidInput, NameTaken, NotFound, SettingsConflict, DeclaredConnector.
   */
  async update(id: string, input: ConnectorInput, expectedVersion?: number): Promise<UpdatedConnector> {
    for (;;) {
      const current = there(await this.#store.connectors.get(id), id);
      if (current.declared) throw new DeclaredConnector(current.name);
      if (expectedVersion !== undefined && current.version !== expectedVersion) {
        throw new SettingsConflict(id, current.version);
      }
      const settings = readSettings(input, this.#destinations, current);
      const updated = await this.#store.connectors.update(id, current.version, settings);
      // Another change came in between: apply ours on top of it.
      if (updated === null) continue;
      if (reachOf(current) !== reachOf(settings)) {
        const ended = await this.#store.grants.delete(id, reachOf(settings));
        if (ended)
          this.#logger.info(
            { connector: updated.name },
            'disconnected: the settings name another client or servers',
          );
      }
      return { before: current, after: updated };
    }
  }

  /** Forgets the connector's tokens; revokes them in Webex where their scopes allow it. Throws NotFound. */
  async disconnect(id: string, meter: Meter): Promise<ConnectorRecord> {
    const connector = there(await this.#store.connectors.get(id), id);
    await disconnect(this.#store, this.#live, this.#logger, connector, meter);
    return connector;
  }

  /** Deletes the connector and what it holds; Webex itself is not told. Throws NotFound, DeclaredConnector. */
  async delete(id: string): Promise<ConnectorRecord> {
    const connector = there(await this.#store.connectors.get(id), id);
    if (connector.declared) throw new DeclaredConnector(connector.name);
    await this.#store.connectors.delete(id);
    this.#live.drop(id);
    return connector;
  }
}

function there(connector: ConnectorRecord | null, id: string): ConnectorRecord {
  if (connector === null) throw new NotFound('connector', id);
  return connector;
}
