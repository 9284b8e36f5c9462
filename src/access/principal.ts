import { Forbidden } from '../errors/access.ts';
import { NotFound } from '../errors/request.ts';
import { type Grant, includes, SCOPES, type Scope } from './scopes.ts';

/** How a caller was authenticated. */
export type PrincipalKind = 'API_KEY' | 'TOKEN' | 'OPEN';

/** A connector, as far as access to it goes. */
export interface Guarded {
  readonly id: string;
  readonly name: string;
}

/** The caller, and what they may do. */
export class Principal {
  readonly kind: PrincipalKind;
  /** As the audit trail and the log name them. */
  readonly actor: string;
  readonly grants: readonly Grant[];
  /** When their key or token expires; null for never. */
  readonly expiresAt: Date | null;

  constructor(kind: PrincipalKind, actor: string, grants: readonly Grant[], expiresAt: Date | null) {
    this.kind = kind;
    this.actor = actor;
    this.grants = grants;
    this.expiresAt = expiresAt;
  }

  /** Whether they have the scope for any connector. */
  holds(scope: Scope): boolean {
    return this.grants.some((grant) => includes(grant.scope, scope));
  }

  /** Whether they have the scope for all connectors, those of later days included. */
  holdsEverywhere(scope: Scope): boolean {
    return this.grants.some((grant) => grant.connectors === null && includes(grant.scope, scope));
  }

  /** Whether they have the scope for this connector. */
  may(scope: Scope, connector: Guarded): boolean {
    return this.grants.some((grant) => this.#reaches(grant, connector) && includes(grant.scope, scope));
  }

  /** Whether they have any scope for this connector, beside reading metrics; if not, it does not exist for them. */
  sees(connector: Guarded): boolean {
    return this.grants.some((grant) => this.#reaches(grant, connector) && grant.scope !== 'observe');
  }

  /**
   * Checks that they may do something with a connector.
   * @param scope what it takes; undefined if it is enough to see it
   * Throws NotFound if it does not exist for them, Forbidden.
   */
  assertMay(scope: Scope | undefined, connector: Guarded): void {
    if (!this.sees(connector)) throw new NotFound('connector', connector.id);
    if (scope !== undefined && !this.may(scope, connector)) throw new Forbidden(scope, connector.name);
  }

  /**
   * Checks that callers do not get more rights by giving a connector the name that a token of theirs grants.
   * Throws Forbidden.
   */
  assertGainsNothing(connector: Guarded, newName: string): void {
    const renamed = { id: connector.id, name: newName };
    const gained = SCOPES.find((scope) => this.may(scope, renamed) && !this.may(scope, connector));
    if (gained !== undefined) throw new Forbidden(gained, connector.name);
  }

  /** Keys name connectors by id. Those who write the claims of a token know names only. */
  #reaches({ connectors }: Grant, { id, name }: Guarded): boolean {
    if (connectors === null || connectors.includes(id)) return true;
    return this.kind === 'TOKEN' && connectors.includes(name);
  }
}

/** The caller of a gateway without access control. */
export const ANYBODY = new Principal('OPEN', 'anonymous', [{ scope: 'admin', connectors: null }], null);
