import { Ambiguous, InvalidInput, NotFound } from '../errors.ts';
import type { ConnectorRecord } from '../store/connectors.ts';
import type { GrantRecord } from '../store/grants.ts';
import type { Store } from '../store/store.ts';
import type { LiveConnections } from './live-connections.ts';
import { type ConnectorInput, reachOf, readSettings } from './settings.ts';

export type { ConnectorRecord, GrantRecord };

export type ConnectorStatus = 'DISCONNECTED' | 'CONNECTED' | 'RECONNECT_REQUIRED';

/** A connector is connected when there is a grant that Webex has not refused yet. */
export function statusOf(grant: GrantRecord | null): ConnectorStatus {
  if (grant === null) return 'DISCONNECTED';
  return grant.status === 'ACTIVE' ? 'CONNECTED' : 'RECONNECT_REQUIRED';
}

/** The rules of keeping connectors: what is valid, what is unique, what a change brings with it. */
export class Connectors {
  readonly #store: Store;
  readonly #live: LiveConnections;

  constructor(store: Store, live: LiveConnections) {
    this.#store = store;
    this.#live = live;
  }

  /** All connectors, by name. */
  list(): Promise<ConnectorRecord[]> {
    return this.#store.connectors.list();
  }

  /**
   * The connector with this id or this name; with neither, the only one there is.
   * Throws NotFound, or Ambiguous with the names where there are several.
   */
  async find(id: string | undefined, name: string | undefined): Promise<ConnectorRecord> {
    if (id !== undefined && name !== undefined)
      throw new InvalidInput('id or name', 'give one of them, or neither.');
    if (id !== undefined) return this.get(id);
    if (name !== undefined) {
      const named = await this.#store.connectors.getByName(name);
      if (named === null) throw new NotFound('connector', name);
      return named;
    }
    const [only, ...others] = await this.list();
    if (only === undefined)
      throw new NotFound('connector', '', 'There is no connector yet. Make one with createConnector.');
    if (others.length === 0) return only;
    const names = [only, ...others].map((connector) => connector.name);
    throw new Ambiguous(
      `There are ${names.length} connectors: ${names.join(', ')}. Say which, by id or name.`,
      names,
    );
  }

  /** Throws NotFound. */
  async get(id: string): Promise<ConnectorRecord> {
    const connector = await this.#store.connectors.get(id);
    if (connector === null) throw new NotFound('connector', id);
    return connector;
  }

  /**
   * What Webex has granted to the connector; null while it is not connected. A grant for another client
   * or other servers is none: its tokens are worth nothing here, and not ours to send.
   */
  async grant(connector: ConnectorRecord): Promise<GrantRecord | null> {
    const grant = await this.#store.grants.get(connector.id);
    return grant?.grantedFor === reachOf(connector) ? grant : null;
  }

  /** Throws InvalidInput, NameTaken. */
  create(input: ConnectorInput): Promise<ConnectorRecord> {
    return this.#store.connectors.create(readSettings(input));
  }

  /**
   * Changes what the input holds. Another client or other servers end the connection, because its tokens
   * are worth nothing there; another token endpoint forgets the client secret, unless it is entered again.
   * Throws InvalidInput, NameTaken, NotFound.
   */
  async update(id: string, input: ConnectorInput): Promise<ConnectorRecord> {
    for (;;) {
      const current = await this.get(id);
      const settings = readSettings(input, current);
      const updated = await this.#store.connectors.update(id, current.version, settings);
      // Somebody else changed it in between: apply ours on top of theirs.
      if (updated === null) continue;
      if (reachOf(current) !== reachOf(settings)) await this.#store.grants.delete(id);
      return updated;
    }
  }

  /** Deletes the connector and what it holds; Webex itself is not told. Throws NotFound. */
  async delete(id: string): Promise<ConnectorRecord> {
    const connector = await this.get(id);
    await this.#store.connectors.delete(id);
    this.#live.drop(id);
    return connector;
  }
}
