import type { Principal } from '../access/principal.ts';
import type { Scope } from '../access/scopes.ts';
import type { Meter } from '../datasources/http/meter.ts';
import type { ConnectorRecord, Connectors, UpdatedConnector } from './connectors.ts';
import type { ConnectorInput } from './settings.ts';

/**
 * The connectors as one caller sees them, for something that takes a scope. One that the caller may not see does
 * not exist: everything throws NotFound for it as for one that was never there, and Forbidden for one that the
 * caller sees and lacks the scope for.
 */
export class VisibleConnectors {
  readonly #connectors: Connectors;
  readonly #principal: Principal;
  readonly #scope: Scope | undefined;

  /** @param scope undefined if it is enough to see a connector */
  constructor(connectors: Connectors, principal: Principal, scope: Scope | undefined) {
    this.#connectors = connectors;
    this.#principal = principal;
    this.#scope = scope;
  }

  /** All that are visible, by name. */
  async list(): Promise<readonly ConnectorRecord[]> {
    const all = await this.#connectors.list();
    return all.filter((connector) => this.#principal.sees(connector));
  }

  /** As `Connectors.find`, among those that are visible. */
  async find(id: string | undefined, name: string | undefined): Promise<ConnectorRecord> {
    const found = await this.#connectors.find(id, name, (connector) => this.#principal.sees(connector));
    return this.allowed(found);
  }

  /** As `find` by name, whatever the caller may do with it. Rejects with NotFound, Ambiguous. */
  chosen(name: string | undefined): Promise<ConnectorRecord> {
    return this.#connectors.find(undefined, name, (connector) => this.#principal.sees(connector));
  }

  async get(id: string): Promise<ConnectorRecord> {
    return this.allowed(await this.#connectors.get(id));
  }

  /** The connector, if the caller may do with it what they are about to. */
  allowed(connector: ConnectorRecord): ConnectorRecord {
    this.#principal.assertMay(this.#scope, connector);
    return connector;
  }

  create(input: ConnectorInput): Promise<ConnectorRecord> {
    return this.#connectors.create(input);
  }

  async update(id: string, input: ConnectorInput, expectedVersion?: number): Promise<UpdatedConnector> {
    const connector = await this.get(id);
    if (input.name != null) this.#principal.assertGainsNothing(connector, input.name.trim());
    return this.#connectors.update(connector.id, input, expectedVersion);
  }

  async disconnect(id: string, meter: Meter): Promise<ConnectorRecord> {
    const connector = await this.get(id);
    return this.#connectors.disconnect(connector.id, meter);
  }

  async delete(id: string): Promise<ConnectorRecord> {
    const connector = await this.get(id);
    return this.#connectors.delete(connector.id);
  }
}
