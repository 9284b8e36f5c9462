import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { encodeId } from '../ids.ts';
import type { Settings } from '../settings.ts';
import type { Organizations } from '../state/organizations.ts';
import type { PersonRecord, RoleRecord } from '../state/records.ts';
import type { Tenant } from '../state/tenant.ts';
import { type AuthorizationCode, type Grant, type IssuedToken, isAlive } from './records.ts';

/** The sender of a request. */
export interface Caller {
  readonly token: string;
  readonly clientId: string;
  readonly scopes: ReadonlySet<string> | '*';
  /** Undefined for a service app, which stands for no person. */
  readonly person: PersonRecord | undefined;
  readonly rights: RoleRecord['rights'];
  /** The organization that the caller belongs to. */
  readonly home: Tenant;
  /** The organizations that the caller may name, the own one first: a partner's administrator has several. */
  readonly reach: readonly Tenant[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What the token endpoint hands out. */
export interface TokenPair {
  readonly access: IssuedToken;
  readonly refresh: IssuedToken;
}

const TWELVE_HOURS = 43_200_000;

/** Authorization codes, grants and their tokens. */
export class Grants {
  readonly #clock: Clock;
  readonly #settings: Settings;
  readonly #organizations: Organizations;
  readonly #codes = new Map<string, AuthorizationCode>();
  readonly #tokens = new Map<string, IssuedToken>();
  readonly #permanent = new Map<string, PersonRecord>();

  constructor(clock: Clock, settings: Settings, organizations: Organizations) {
    this.#clock = clock;
    this.#settings = settings;
    this.#organizations = organizations;
  }

  /** Takes a text as an administrator's access token with every scope, like a personal token. */
  addPermanentToken(token: string, person: PersonRecord): void {
    this.#permanent.set(token, person);
  }

  /** A code to be exchanged once, soon. */
  issueCode(request: Omit<AuthorizationCode, 'expiresAt'>): string {
    const code = randomBytes(32).toString('base64url');
    const expiresAt = this.#clock.now() + this.#settings.codeLifetime * 1_000;
    this.#codes.set(code, { ...request, expiresAt });
    return code;
  }

  /** Spends a code. Undefined when it is unknown, spent or too old. */
  takeCode(code: string): AuthorizationCode | undefined {
    const known = this.#codes.get(code);
    this.#codes.delete(code);
    return known !== undefined && known.expiresAt > this.#clock.now() ? known : undefined;
  }

  /** Opens a grant with its first tokens. */
  open(clientId: string, scopes: readonly string[], person: PersonRecord | undefined): TokenPair {
    const { own } = this.#organizations;
    const home = (person && this.#organizations.homeOf(person)) ?? own.tenant;
    const grant: Grant = { clientId, scopes, person, home, tokens: new Set() };
    return { access: this.#issue(grant, 'access'), refresh: this.#issue(grant, 'refresh') };
  }

  /** New tokens for a refresh token; undefined when it is unknown, spent, revoked or expired. */
  refresh(clientId: string, text: string): TokenPair | undefined {
    const token = this.#tokens.get(text);
    if (token === undefined || token.type !== 'refresh' || token.grant.clientId !== clientId)
      return undefined;
    if (token.isSpent) {
      if (this.#settings.reuseRevokesGrant) this.revokeGrant(token.grant);
      return undefined;
    }
    if (!isAlive(token, this.#clock.now(), 0)) return undefined;
    if (token.grant.person !== undefined && !this.#isPresent(token.grant.person)) return undefined;
    if (this.#settings.refreshEndsAccessTokens) {
      for (const each of token.grant.tokens) if (each.type === 'access') this.#revoke(each);
    }
    const access = this.#issue(token.grant, 'access');
    if (!this.#settings.rotateRefreshTokens) {
      token.expiresAt = this.#clock.now() + this.#settings.refreshTokenLifetime * 1_000;
      return { access, refresh: token };
    }
    token.isSpent = true;
    return { access, refresh: this.#issue(token.grant, 'refresh') };
  }

  /** Who a bearer token stands for; undefined when it is unknown, revoked or expired. */
  callerOf(text: string): Caller | undefined {
    const person = this.#permanent.get(text);
    if (person !== undefined) {
      const expiresAt = this.#clock.now() + TWELVE_HOURS;
      const home = this.#organizations.own.tenant;
      const reach = this.#organizations.reachOf(person, home);
      return {
        token: text,
        clientId: 'personal',
        scopes: '*',
        person,
        rights: 'write',
        home,
        reach,
        expiresAt,
      };
    }
    const token = this.#tokens.get(text);
    if (token === undefined || token.type !== 'access') return undefined;
    if (!isAlive(token, this.#clock.now(), this.#settings.revocationDelay)) return undefined;
    return this.#ownerOf(token);
  }

  #ownerOf({ text, grant, expiresAt }: IssuedToken): Caller | undefined {
    const { person, clientId, home } = grant;
    if (person !== undefined && !(this.#isPresent(person) && person.loginEnabled)) return undefined;
    const rights = person === undefined ? 'write' : rightsOf(person);
    const reach = this.#organizations.reachOf(person, home);
    const scopes = new Set(grant.scopes);
    return { token: text, clientId, scopes, person, rights, home, reach, expiresAt };
  }

  #isPresent(person: PersonRecord): boolean {
    return this.#organizations.homeOf(person) !== undefined;
  }

  /** The live tokens, as `GET /authorizations` lists them. */
  live(fits: (grant: Grant) => boolean): readonly IssuedToken[] {
    const now = this.#clock.now();
    return [...this.#tokens.values()].filter(
      (token) => fits(token.grant) && !token.isSpent && isAlive(token, now, 0),
    );
  }

  /** Revokes one token; with a refresh token go its access tokens. Returns whether it was alive. */
  revokeAuthorization(id: string): boolean {
    const token = this.live(() => true).find((each) => each.id === id);
    if (token === undefined) return false;
    if (token.type === 'refresh') this.revokeGrant(token.grant);
    else this.#revoke(token);
    return true;
  }

  revokeGrant(grant: Grant): void {
    for (const token of grant.tokens) this.#revoke(token);
  }

  /** Revokes everything handed out. */
  revokeAll(): void {
    for (const token of this.#tokens.values()) this.#revoke(token);
  }

  /** Lets every access token expire now; refresh tokens live on. */
  expireAccessTokens(): void {
    for (const token of this.#tokens.values()) {
      if (token.type === 'access') token.expiresAt = this.#clock.now();
    }
  }

  #revoke(token: IssuedToken): void {
    token.revokedAt ??= this.#clock.now();
  }

  #issue(grant: Grant, type: 'access' | 'refresh'): IssuedToken {
    const settings = this.#settings;
    const lifetime = type === 'access' ? settings.accessTokenLifetime : settings.refreshTokenLifetime;
    const created = this.#clock.now();
    const token: IssuedToken = {
      id: encodeId('AUTHORIZATION', randomUUID()),
      text: `${randomBytes(48).toString('base64url')}_PF84_${grant.home.organization.uuid}`,
      type,
      grant,
      created,
      expiresAt: created + lifetime * 1_000,
      revokedAt: undefined,
      isSpent: false,
    };
    grant.tokens.add(token);
    this.#tokens.set(token.text, token);
    return token;
  }
}

/** The most that any of a person's roles allows. */
export function rightsOf(person: PersonRecord): RoleRecord['rights'] {
  const rights = new Set([...person.roles].map((role) => role.rights));
  return rights.has('write') ? 'write' : rights.has('read') ? 'read' : 'none';
}
