import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpClient } from '../datasources/http/client.ts';
import type { Meter } from '../datasources/http/meter.ts';
import type { TokenSource } from '../datasources/rest/authorized-client.ts';
import { GrantRefused, type OAuthSettings, refreshTokens } from '../datasources/webex/oauth/oauth.ts';
import type { Tokens } from '../datasources/webex/oauth/token-answer.ts';
import { NotConnected, ReconnectRequired } from '../errors/connection.ts';
import { UpstreamUnavailable } from '../errors/upstream.ts';
import type { GrantRecord, GrantTokens } from '../store/grants.ts';
import type { Store } from '../store/store.ts';
import { describeError } from '../telemetry/error-facts.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { RenewalPace } from './renewal-pace.ts';
import { RenewedGrant } from './renewed-grant.ts';

/** How long before its end a token is renewed, in milliseconds; at half of what is left, if that is less. */
const RENEW_BEFORE_MS = 5 * 60_000;
/** How long to leave a token endpoint alone that has just failed, while the token still serves. */
const RENEW_AGAIN_MS = 30_000;
/** How long after a refusal in unclear words the token endpoint is asked again, in milliseconds: two end the grant. */
const ASK_AGAIN_MS = 2_000;
/** The longest that a request waits for its turn to renew, in milliseconds; beyond that it fails at once. */
const PATIENCE_MS = 1_000;

/** What is kept of a grant: the refresh token is read where it is sent, and not kept in memory meanwhile. */
interface Held extends Pick<GrantRecord, 'accessToken' | 'accessTokenExpiresAt' | 'version'> {
  readonly isRenewable: boolean;
}

/**
 * The access token of one connector: kept in memory, renewed once however many ask, and stored before it is used, so
 * that a crash never loses a refresh token that Webex has exchanged. If storing fails, it is held and used meanwhile.
 */
export class TokenKeeper implements TokenSource {
  readonly #connector: { readonly id: string; readonly name: string };
  readonly #reach: string;
  readonly #organizationId: string;
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #http: HttpClient;
  readonly #settings: () => Promise<OAuthSettings>;
  #held: Held | undefined;
  /** When the token is to be renewed, in epoch milliseconds. */
  #renewAt = 0;
  #renewal: Promise<string> | undefined;
  readonly #pace = new RenewalPace();
  readonly #renewed: RenewedGrant;
  /** Why the last renewal failed. */
  #failure: unknown;

  constructor(
    connector: { readonly id: string; readonly name: string },
    reach: string,
    organizationId: string,
    store: Store,
    http: HttpClient,
    settings: () => Promise<OAuthSettings>,
    logger: Logger,
    metrics: Metrics,
  ) {
    this.#connector = connector;
    this.#reach = reach;
    this.#organizationId = organizationId;
    this.#store = store;
    this.#logger = logger;
    this.#metrics = metrics;
    this.#http = http;
    this.#settings = settings;
    const isOurs = (grant: GrantRecord) => this.#isOurs(grant);
    this.#renewed = new RenewedGrant(store, connector, isOurs, (grant) => this.adopt(grant), logger);
  }

  /** Takes over a grant that was just read from the store, unless a newer one is known. */
  adopt(grant: GrantRecord): void {
    const isNewer = this.#held === undefined || grant.version > this.#held.version;
    if (isNewer && !this.#renewed.replaces(grant)) this.#hold(grant);
  }

  #hold({ accessToken, accessTokenExpiresAt, version, refreshToken }: GrantRecord): void {
    const isRenewable = refreshToken !== null;
    this.#held = { accessToken, accessTokenExpiresAt, version, isRenewable };
    const end = endOf(this.#held);
    this.#renewAt = isRenewable ? end - Math.min(RENEW_BEFORE_MS, (end - Date.now()) / 2) : end;
  }

  async obtain(meter?: Meter): Promise<string> {
    const grant = this.#held ?? (await this.#read());
    if (endOf(grant) <= Date.now()) return this.#renewOnce(grant.accessToken, meter);
    if (Date.now() >= this.#renewAt) this.#renewAhead(grant.accessToken, meter);
    return grant.accessToken;
  }

  async renew(refused: string, meter?: Meter): Promise<string> {
    const token = await this.#renewOnce(refused, meter);
    // A renewal that was under way already may have been for the token before this one.
    return token === refused ? this.#renewOnce(refused, meter) : token;
  }

  newest(token: string): string {
    return this.#held?.accessToken ?? token;
  }

  get isRenewable(): boolean {
    return this.#held?.isRenewable !== false;
  }

  accepted(token: string): void {
    if (token === this.#held?.accessToken) this.#pace.useful();
  }

  /** Resolves when no renewal is under way: one that was begun has to be stored. */
  async idle(): Promise<void> {
    await Promise.allSettled([this.#renewal]);
    await this.#renewed.close();
  }

  /** Renews in the background, because the token is still valid. If the token endpoint fails, it is not asked again for a while. */
  #renewAhead(token: string, meter: Meter | undefined): void {
    this.#renewAt = Date.now() + RENEW_AGAIN_MS;
    this.#renewOnce(token, meter).catch((error: unknown) => {
      this.#logger.warn(
        { connector: this.#connector.name, error: describeError(error) },
        'the access token could not be renewed ahead of time',
      );
    });
  }

  #renewOnce(refused: string, meter: Meter | undefined): Promise<string> {
    this.#renewal ??= this.#renew(refused, meter).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  /** What an earlier renewal has brought is stored first, and if that fails, renewed from memory. */
  async #renew(refused: string, meter: Meter | undefined): Promise<string> {
    await this.#renewed.storeNow();
    const { held } = this.#renewed;
    return held === undefined ? this.#renewLocked(refused, meter) : this.#renewUnless(held, refused, meter);
  }

  /**
   * One process at a time: a refresh token may be good once, and using it twice may end the grant. So the lock is kept
   * until the new one is stored, even if no request here waits for it any more.
   */
  #renewLocked(refused: string, meter: Meter | undefined): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const work = this.#store.withLock(`renew ${this.#connector.id}`, async () => {
      resolve(await this.#renewUnless(await this.#read(), refused, meter));
      await this.#renewed.settled();
    });
    work.catch(reject);
    return promise;
  }

  /** Another process, or another request a moment ago, may have renewed it already. */
  async #renewUnless(grant: GrantRecord, refused: string, meter: Meter | undefined): Promise<string> {
    const isNews = grant.accessToken !== refused && endOf(grant) > Date.now();
    if (isNews) return grant.accessToken;
    await this.#turn();
    return this.#refreshCounted(grant, meter);
  }

  /** Waits until the token endpoint may be asked again. Throws why it is left alone, if that takes long. */
  async #turn(): Promise<void> {
    const waitMs = this.#pace.waitMs(performance.now());
    if (waitMs > PATIENCE_MS) {
      throw (
        this.#failure ??
        new UpstreamUnavailable(
          'Webex refuses access tokens that it has just issued. Try again in a few minutes.',
          { method: 'POST', path: '/access_token', isForToken: true },
        )
      );
    }
    if (waitMs > 0) await sleep(waitMs);
  }

  async #refreshCounted(grant: GrantRecord, meter: Meter | undefined): Promise<string> {
    const { name } = this.#connector;
    try {
      const token = await this.#refresh(grant, meter);
      this.#metrics.refreshed(name, 'renewed');
      this.#failure = undefined;
      return token;
    } catch (error) {
      this.#metrics.refreshed(name, error instanceof ReconnectRequired ? 'refused' : 'failed');
      this.#failure = error;
      throw error;
    } finally {
      this.#pace.ended(performance.now());
    }
  }

  async #refresh(grant: GrantRecord, meter: Meter | undefined): Promise<string> {
    if (grant.refreshToken === null) throw await this.#requireReconnect(grant);
    try {
      const answer = await this.#ask(grant.refreshToken, meter);
      const tokens: GrantTokens = {
        accessToken: answer.accessToken,
        accessTokenExpiresAt: answer.accessTokenExpiresAt ?? null,
        refreshToken: answer.refreshToken ?? grant.refreshToken,
        refreshTokenExpiresAt: answer.refreshTokenExpiresAt ?? grant.refreshTokenExpiresAt,
        scopes: answer.scopes,
      };
      const kept = await this.#renewed.keep(grant, tokens);
      if (kept === null) return (await this.#read()).accessToken;
      this.#hold(kept);
      return kept.accessToken;
    } catch (error) {
      if (!(error instanceof GrantRefused)) throw error;
      const now = await this.#read();
      if (now.version !== grant.version) return now.accessToken;
      throw await this.#requireReconnect(grant);
    }
  }

  /** Asks the token endpoint, and once more if its refusal does not say for certain that the grant has ended. */
  async #ask(refreshToken: string, meter: Meter | undefined): Promise<Tokens> {
    const ask = async () => refreshTokens(this.#http, await this.#settings(), refreshToken, meter);
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof GrantRefused) || error.isCertain) throw error;
      await sleep(ASK_AGAIN_MS);
      return ask();
    }
  }

  async #requireReconnect(grant: GrantRecord): Promise<ReconnectRequired> {
    this.#renewed.drop();
    await this.#store.grants.requireReconnect(this.#connector.id, grant.version);
    this.#held = undefined;
    return new ReconnectRequired(this.#connector.name);
  }

  /** A grant of another organization is not: what was begun in one does not go on in another. */
  #isOurs(grant: GrantRecord): boolean {
    const isKnown = grant.organizationId !== '' && this.#organizationId !== '';
    const isSame = !isKnown || grant.organizationId === this.#organizationId;
    return isSame && grant.grantedFor === this.#reach;
  }

  async #read(): Promise<GrantRecord> {
    const grant = await this.#store.grants.get(this.#connector.id);
    if (grant === null || !this.#isOurs(grant)) throw new NotConnected(this.#connector.name);
    if (grant.status === 'RECONNECT_REQUIRED') throw new ReconnectRequired(this.#connector.name);
    this.adopt(grant);
    return grant;
  }
}

/** When its access token ends, in epoch milliseconds; never, as far as is known, if Webex did not say. */
function endOf({ accessTokenExpiresAt }: Pick<GrantRecord, 'accessTokenExpiresAt'>): number {
  return accessTokenExpiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
}
