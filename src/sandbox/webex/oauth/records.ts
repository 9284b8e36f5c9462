import type { PersonRecord } from '../state/records.ts';
import type { Tenant } from '../state/tenant.ts';

/** An approved request, waiting to be exchanged for tokens. */
export interface AuthorizationCode {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly person: PersonRecord;
  readonly challenge: { readonly value: string; readonly method: 'S256' | 'plain' } | undefined;
  readonly expiresAt: number;
}

/** What a person allowed a client. */
export interface Grant {
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly person: PersonRecord | undefined;
  /** The organization that it was given in. */
  readonly home: Tenant;
  readonly tokens: Set<IssuedToken>;
}

export interface IssuedToken {
  /** The id as an authorization. */
  readonly id: string;
  readonly text: string;
  readonly type: 'access' | 'refresh';
  readonly grant: Grant;
  readonly created: number;
  expiresAt: number;
  revokedAt: number | undefined;
  /** A refresh token that a rotation replaced. */
  isSpent: boolean;
}

/** Whether a token is good; services may take a revoked one for some seconds more. */
export function isAlive(token: IssuedToken, now: number, revocationDelay: number): boolean {
  if (token.expiresAt <= now) return false;
  return token.revokedAt === undefined || now < token.revokedAt + revocationDelay * 1_000;
}
