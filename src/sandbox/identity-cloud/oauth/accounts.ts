import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Clock } from '../../clock.ts';
import type { Settings } from '../settings.ts';

/** Who may ask for tokens: a service account, or a client of a realm. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly kind: 'service-account' | 'client';
  readonly scopes: readonly string[];
}

/** A service account with the key that its owner has. */
export interface ServiceAccount extends Account {
  readonly kind: 'service-account';
  readonly publicKey: JWK;
  /** What an administrator downloads once. */
  readonly privateKey: JWK;
}

/** A client of a realm, for the grant with client credentials. */
export interface RealmClient extends Account {
  readonly kind: 'client';
  readonly realm: string;
  readonly secret: string;
}

interface Token {
  readonly account: Account;
  readonly scopes: readonly string[];
  readonly expiresAt: number;
  revokedAt: number | undefined;
}

/** The accounts of a tenant, and the tokens that it has given out. */
export class Accounts {
  readonly serviceAccounts = new Map<string, ServiceAccount>();
  readonly clients = new Map<string, RealmClient>();
  /** The assertions that have got a token, by their `jti`. */
  readonly usedAssertions = new Set<string>();
  readonly #clock: Clock;
  readonly #settings: Settings;
  readonly #tokens = new Map<string, Token>();

  constructor(clock: Clock, settings: Settings) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** Gives out a token. */
  issue(account: Account, scopes: readonly string[]): string {
    const text = `eyJ.${randomUUID()}.${randomUUID()}`;
    const expiresAt = this.#clock.now() + 1_000 * this.#settings.tokenLifetime;
    this.#tokens.set(text, { account, scopes, expiresAt, revokedAt: undefined });
    return text;
  }

  /** Whose token it is; undefined if it is not good. A revoked one is, while the tenant remembers that it was. */
  holder(text: string): { readonly account: Account; readonly scopes: readonly string[] } | undefined {
    const token = this.#tokens.get(text);
    const now = this.#clock.now();
    if (token === undefined || token.expiresAt <= now) return undefined;
    const { revokedAt } = token;
    if (revokedAt !== undefined && now >= revokedAt + 1_000 * this.#settings.introspectionCache)
      return undefined;
    return token;
  }

  /** Revokes all tokens. */
  revokeAll(): void {
    for (const token of this.#tokens.values()) token.revokedAt ??= this.#clock.now();
  }
}

/** Makes a service account with a new key, as a tenant's administrator does. */
export async function newServiceAccount(name: string, scopes: readonly string[]): Promise<ServiceAccount> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', {
    extractable: true,
    modulusLength: 2_048,
  });
  const id = randomUUID();
  return {
    ...{ id, name, kind: 'service-account', scopes },
    publicKey: await exportJWK(publicKey),
    privateKey: { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: id },
  };
}
