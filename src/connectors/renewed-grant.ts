import type { GrantRecord, GrantTokens } from '../store/grants.ts';
import type { Store } from '../store/store.ts';
import { describeError } from '../telemetry/error-facts.ts';
import type { Logger } from '../telemetry/logger.ts';

/** How long until storing is tried again, in milliseconds; then twice as long each time. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** What a renewal has brought, and what it was made of. */
interface Unstored {
  /** The grant as it was read before. */
  readonly base: GrantRecord;
  readonly tokens: GrantTokens;
  /** Refresh tokens that these ones replace. */
  readonly spent: readonly (string | null)[];
}

/**
 * Stores what renewals bring, and holds in memory what cannot be stored, until it can: the refresh token in the
 * database may be worth nothing from the moment that Webex has issued another.
 */
export class RenewedGrant {
  readonly #store: Store;
  readonly #connector: { readonly id: string; readonly name: string };
  readonly #isOurs: (grant: GrantRecord) => boolean;
  readonly #onStored: (grant: GrantRecord) => void;
  readonly #logger: Logger;
  #unstored: Unstored | undefined;
  #attempt: Promise<GrantRecord | null | undefined> | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #timer: NodeJS.Timeout | undefined;
  #settled = Promise.withResolvers<void>();

  /**
   * @param isOurs whether a grant in the store is one of the same organization, client and servers
   * @param onStored is handed each grant as it was stored
   */
  constructor(
    store: Store,
    connector: { readonly id: string; readonly name: string },
    isOurs: (grant: GrantRecord) => boolean,
    onStored: (grant: GrantRecord) => void,
    logger: Logger,
  ) {
    this.#store = store;
    this.#connector = connector;
    this.#isOurs = isOurs;
    this.#onStored = onStored;
    this.#logger = logger;
  }

  /** The grant as it is, while that is not stored; undefined if all is stored. */
  get held(): GrantRecord | undefined {
    if (this.#unstored === undefined) return undefined;
    const { base, tokens } = this.#unstored;
    return { ...base, ...tokens, scopes: tokens.scopes ?? base.scopes };
  }

  /** Whether a stored grant has tokens that the held ones replace. */
  replaces({ refreshToken }: GrantRecord): boolean {
    return this.#unstored?.spent.includes(refreshToken) === true;
  }

  /**
   * Stores new tokens, or holds them and goes on trying.
   * @param renewed the grant that they were issued for
   * @returns the grant as it was stored or is held; null if a newer one was stored, which counts, or it was deleted
   */
  async keep(renewed: GrantRecord, tokens: GrantTokens): Promise<GrantRecord | null> {
    const before = this.#unstored;
    this.#unstored = {
      base: before?.base ?? renewed,
      tokens,
      spent: [...(before?.spent ?? []), renewed.refreshToken],
    };
    const stored = await this.storeNow();
    if (stored !== undefined) return stored;
    this.#tryLater();
    return this.held ?? null;
  }

  /** Tries to store what is held. @returns undefined if that fails, null if there was nothing that counts any more */
  async storeNow(): Promise<GrantRecord | null | undefined> {
    // One that is under way may be about the tokens before.
    await this.#attempt;
    this.#attempt ??= this.#try().finally(() => {
      this.#attempt = undefined;
    });
    return this.#attempt;
  }

  /** Resolves when nothing is held. */
  settled(): Promise<void> {
    return this.#unstored === undefined ? Promise.resolve() : this.#settled.promise;
  }

  /** Forgets what is held: Webex no longer takes it. */
  drop(): void {
    this.#unstored = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#settled.resolve();
    this.#settled = Promise.withResolvers();
  }

  /** Tries for the last time, and says in the log if that fails. */
  async close(): Promise<void> {
    if (this.#unstored === undefined || (await this.storeNow()) !== undefined) return;
    this.#logger.error(
      { connector: this.#connector.name },
      'a renewed grant could not be stored before the end: the connector probably has to be connected again',
    );
    this.drop();
  }

  async #try(): Promise<GrantRecord | null | undefined> {
    const unstored = this.#unstored;
    if (unstored === undefined) return null;
    const connector = this.#connector.name;
    try {
      const stored = await this.#write(unstored);
      if (this.#unstored !== unstored) return undefined;
      if (this.#timer !== undefined) this.#logger.info({ connector }, 'the renewed grant is stored now');
      this.drop();
      if (stored !== null) this.#onStored(stored);
      return stored;
    } catch (error) {
      if (this.#timer === undefined) {
        this.#logger.error(
          { connector, error: describeError(error) },
          'a renewed grant could not be stored: it is held in memory and stored again, and lost if this process ends before',
        );
      }
      return undefined;
    }
  }

  /**
   * The grant may have changed during the renewal. If only its state changed, the new tokens are the good ones, and the
   * only ones: they are stored. Otherwise there is a newer grant, and it counts.
   */
  async #write({ base, tokens, spent }: Unstored): Promise<GrantRecord | null> {
    const { grants } = this.#store;
    for (let { version } = base; ; ) {
      const stored = await grants.replaceTokens(this.#connector.id, version, tokens);
      if (stored !== null) return stored;
      const now = await grants.get(this.#connector.id);
      if (now === null || !this.#isOurs(now) || !spent.includes(now.refreshToken)) return null;
      version = now.version;
    }
  }

  #tryLater(): void {
    if (this.#unstored === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      if ((await this.storeNow()) === undefined) this.#tryLater();
    }, this.#pauseMs).unref();
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
  }
}
