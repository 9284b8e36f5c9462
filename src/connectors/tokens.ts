import type { HttpClient, Meter } from '../datasources/http/client.ts';
import type { TokenSource } from '../datasources/webex/client.ts';
import { GrantRefused, type OAuthSettings, refreshTokens } from '../datasources/webex/oauth.ts';
import { type GatewayError, NotConnected, ReconnectRequired, UpstreamError } from '../errors.ts';
import type { GrantRecord, GrantRepository } from '../store/grants.ts';

/** How long before its end a token is renewed, in milliseconds; at half of what is left, where that is less. */
const RENEW_BEFORE_MS = 5 * 60_000;
/** How long to leave a token endpoint alone that has just failed, while the token still serves. */
const RENEW_AGAIN_MS = 30_000;

/**
 * The access token of one connector: kept in memory, renewed once however many ask, and always stored
 * before it is used, so that a crash never loses a refresh token that Webex has exchanged.
 */
export class TokenKeeper implements TokenSource {
  readonly #connector: { readonly id: string; readonly name: string };
  readonly #reach: string;
  readonly #grants: GrantRepository;
  readonly #http: HttpClient;
  readonly #settings: () => OAuthSettings;
  #grant: GrantRecord | undefined;
  /** When the token is to be renewed, in epoch milliseconds. */
  #renewAt = 0;
  #renewal: Promise<string> | undefined;

  constructor(
    connector: { readonly id: string; readonly name: string },
    reach: string,
    grants: GrantRepository,
    http: HttpClient,
    settings: () => OAuthSettings,
  ) {
    this.#connector = connector;
    this.#reach = reach;
    this.#grants = grants;
    this.#http = http;
    this.#settings = settings;
  }

  /** Takes over a grant that was just read from the store, unless a newer one is known. */
  adopt(grant: GrantRecord): void {
    if (this.#grant !== undefined && grant.version <= this.#grant.version) return;
    const leftMs = grant.accessTokenExpiresAt.getTime() - Date.now();
    this.#grant = grant;
    this.#renewAt = grant.accessTokenExpiresAt.getTime() - Math.min(RENEW_BEFORE_MS, leftMs / 2);
  }

  async current(meter?: Meter): Promise<string> {
    const grant = this.#grant ?? (await this.#read());
    const isGood = () => grant.accessTokenExpiresAt.getTime() > Date.now();
    if (isGood() && Date.now() < this.#renewAt) return grant.accessToken;
    try {
      return await this.#renewOnce(grant.accessToken, meter);
    } catch (error) {
      // The token server is down, but the token is still good for a while.
      if (!(error instanceof UpstreamError) || !isGood()) throw error;
      this.#renewAt = Date.now() + RENEW_AGAIN_MS;
      return grant.accessToken;
    }
  }

  renew(refused: string, meter?: Meter): Promise<string> {
    return this.#renewOnce(refused, meter);
  }

  async giveUp(refused: string): Promise<GatewayError> {
    const grant = await this.#read();
    if (grant.accessToken !== refused) return new ReconnectRequired(this.#connector.name);
    return this.#requireReconnect(grant);
  }

  /** Resolves when no renewal is under way: one that was begun has to be stored. */
  async idle(): Promise<void> {
    await Promise.allSettled([this.#renewal]);
  }

  #renewOnce(refused: string, meter: Meter | undefined): Promise<string> {
    this.#renewal ??= this.#renew(refused, meter).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #renew(refused: string, meter: Meter | undefined): Promise<string> {
    // Somebody else may have renewed it already: another process, or another request a moment ago.
    const grant = await this.#read();
    if (grant.accessToken !== refused && grant.accessTokenExpiresAt.getTime() > Date.now())
      return grant.accessToken;
    if (grant.refreshToken === null) throw await this.#requireReconnect(grant);
    try {
      const tokens = await refreshTokens(this.#http, this.#settings(), grant.refreshToken, meter);
      const stored = await this.#grants.replaceTokens(this.#connector.id, grant.version, {
        accessToken: tokens.accessToken,
        accessTokenExpiresAt: tokens.accessTokenExpiresAt,
        refreshToken: tokens.refreshToken ?? grant.refreshToken,
        refreshTokenExpiresAt: tokens.refreshTokenExpiresAt ?? grant.refreshTokenExpiresAt,
        ...(tokens.scopes === undefined ? {} : { scopes: tokens.scopes }),
      });
      if (stored === null) return (await this.#read()).accessToken;
      this.adopt(stored);
      return stored.accessToken;
    } catch (error) {
      if (!(error instanceof GrantRefused)) throw error;
      const now = await this.#read();
      if (now.version !== grant.version) return now.accessToken;
      throw await this.#requireReconnect(grant);
    }
  }

  async #requireReconnect(grant: GrantRecord): Promise<GatewayError> {
    await this.#grants.requireReconnect(this.#connector.id, grant.version);
    this.#grant = undefined;
    return new ReconnectRequired(this.#connector.name);
  }

  async #read(): Promise<GrantRecord> {
    const grant = await this.#grants.get(this.#connector.id);
    if (grant === null || grant.grantedFor !== this.#reach) throw new NotConnected(this.#connector.name);
    if (grant.status === 'RECONNECT_REQUIRED') throw new ReconnectRequired(this.#connector.name);
    this.adopt(grant);
    return grant;
  }
}
