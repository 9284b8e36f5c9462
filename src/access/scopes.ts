/** What a caller may do. */
export const SCOPES = ['read', 'provision', 'configure', 'observe', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

/** Changing includes reading. An administrator may do everything. */
const INCLUDED: Readonly<Record<Scope, readonly Scope[]>> = {
  read: ['read'],
  provision: ['provision', 'read'],
  configure: ['configure'],
  observe: ['observe'],
  admin: SCOPES,
};

/** One thing that a caller may do, and where. */
export interface Grant {
  readonly scope: Scope;
  /** Ids of the connectors it is limited to, in tokens also names; null for all, those of later days included. */
  readonly connectors: readonly string[] | null;
}

/** Whether a grant of the one scope is enough if the other is needed. */
export function includes(granted: Scope, needed: Scope): boolean {
  return INCLUDED[granted].includes(needed);
}

/** Whether a text names a scope. */
function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}

/**
 * Reads `provision`, or `provision@connector` for one connector.
 * @returns undefined for anything else
 */
export function parseGrant(text: string): Grant | undefined {
  const [scope = '', ...rest] = text.split('@');
  const connector = rest.join('@');
  if (!isScope(scope) || (rest.length > 0 && connector === '')) return undefined;
  return { scope, connectors: rest.length === 0 ? null : [connector] };
}

/** As `parseGrant` reads it, one text for each connector. */
export function formatGrant({ scope, connectors }: Grant): string {
  return connectors === null ? scope : connectors.map((connector) => `${scope}@${connector}`).join(' ');
}
