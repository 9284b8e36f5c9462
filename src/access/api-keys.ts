import { timingSafeEqual } from 'node:crypto';
import { Forbidden } from '../errors/access.ts';
import { InvalidInput, NameTaken, NotFound } from '../errors/request.ts';
import type { ApiKeyRecord } from '../store/api-keys.ts';
import type { Store } from '../store/store.ts';
import { describeError } from '../telemetry/error-facts.ts';
import type { Logger } from '../telemetry/logger.ts';
import { hashKey, isKey, newKey, shownPart } from './key-format.ts';
import { likenessOf, readKeyName } from './key-names.ts';
import { Principal } from './principal.ts';
import type { Grant } from './scopes.ts';

export type { ApiKeyRecord };

/** What a new key is to be. */
export interface NewKey {
  readonly name: string;
  readonly grants: readonly Grant[];
  /** Null: never. */
  readonly expiresAt: Date | null;
}

/** A key as it is shown, this once. */
export interface CreatedKey {
  readonly key: string;
  readonly record: ApiKeyRecord;
}

const MOST_GRANTS = 100;
/** How long a key lives unless another end is given, and at most if a token has made it, in milliseconds. */
const USUAL_LIFETIME_MS = 90 * 86_400_000;
/** How far the clock of a caller who reckons 90 days may be ahead of ours. */
const CLOCK_TOLERANCE_MS = 60_000;
/** How old the note of a key's last use may be, in milliseconds: it is not written with each request. */
const NOTE_EVERY_MS = 60_000;

/** The API keys: who holds one may do what it grants. */
export class ApiKeys {
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #configured: string | undefined;
  readonly #noted = new Map<string, number>();

  /** @param configured the hash of a key with all scopes that the configuration names */
  constructor(store: Store, logger: Logger, configured: string | undefined) {
    this.#store = store;
    this.#logger = logger;
    this.#configured = configured;
  }

  /**
   * Makes a key. Nobody may grant what they have not.
   * @param by who makes it
   * Throws InvalidInput, NameTaken, NotFound for a connector, Forbidden.
   */
  async create(input: NewKey, by: Principal): Promise<CreatedKey> {
    const name = readKeyName(input.name);
    const isEmpty = input.grants.some(({ connectors }) => connectors?.length === 0);
    if (input.grants.length === 0 || input.grants.length > MOST_GRANTS || isEmpty)
      throw new InvalidInput(
        'input.grants',
        `must be 1 to ${MOST_GRANTS}: a key without any could do nothing.`,
      );
    if (input.expiresAt !== null && input.expiresAt.getTime() <= Date.now())
      throw new InvalidInput(
        'input.expiresAt',
        'must lie in the future. Give null for a key that never expires.',
      );
    assertEndsInTime(input, by);
    await this.#assertMayGrant(input.grants, by);
    const created = await keepNewKey(this.#store, { ...input, name }, by.actor);
    this.#logger.info({ apiKey: name, by: by.actor }, 'an API key was created');
    return created;
  }

  /** The keys that a caller may manage, newest first: none that has more rights than the caller. */
  async list(by: Principal): Promise<readonly ApiKeyRecord[]> {
    const [keys, connectors] = await Promise.all([this.#store.apiKeys.list(), this.#connectors()]);
    return keys.filter((key) => key.grants.every((grant) => mayGrant(grant, by, connectors)));
  }

  /** A key that the caller may manage. Null if there is no such key for them. Throws StoreUnavailable. */
  async get(id: string, by: Principal): Promise<ApiKeyRecord | null> {
    return (await this.list(by)).find((key) => key.id === id) ?? null;
  }

  /** Ends a key, at once and for good; one that has ended already stays so. Throws NotFound. */
  async revoke(id: string, by: Principal): Promise<ApiKeyRecord> {
    const mine = await this.list(by);
    if (!mine.some((key) => key.id === id)) throw new NotFound('API key', id);
    const revoked = await this.#store.apiKeys.revoke(id);
    if (revoked === null) throw new NotFound('API key', id);
    this.#logger.info({ apiKey: revoked.name, by: by.actor }, 'an API key was revoked');
    return revoked;
  }

  /** The caller with this key; undefined if the key is unknown, expired or revoked. Throws StoreUnavailable. */
  async identify(key: string): Promise<Principal | undefined> {
    if (!isKey(key)) return undefined;
    const hash = hashKey(key);
    if (this.#configured !== undefined && isSame(hash, this.#configured)) return CONFIGURED;
    const record = await this.#store.recent.apiKey(hash);
    if (record === null || record.revokedAt !== null) return undefined;
    if (record.expiresAt !== null && record.expiresAt.getTime() <= Date.now()) return undefined;
    this.#noteUse(record.id);
    return new Principal('API_KEY', `api-key:${record.name}`, record.grants, record.expiresAt);
  }

  #noteUse(id: string): void {
    const now = performance.now();
    if (now - (this.#noted.get(id) ?? Number.NEGATIVE_INFINITY) < NOTE_EVERY_MS) return;
    this.#noted.set(id, now);
    this.#store.apiKeys.noteUse(id).catch((error: unknown) => {
      this.#logger.warn({ error: describeError(error) }, 'could not record the use of an API key');
    });
  }

  async #assertMayGrant(grants: readonly Grant[], by: Principal): Promise<void> {
    const connectors = await this.#connectors();
    for (const grant of grants) {
      for (const named of grant.connectors ?? []) {
        const connector = connectors.find(({ id }) => id === named);
        if (connector === undefined || !by.sees(connector)) throw new NotFound('connector', named);
      }
      if (!mayGrant(grant, by, connectors)) throw new Forbidden('admin');
    }
  }

  #connectors() {
    return this.#store.recent.connectors();
  }
}

const CONFIGURED = new Principal('API_KEY', 'configured-key', [{ scope: 'admin', connectors: null }], null);

/**
 * Makes a key and keeps its hash. Of several processes one at a time does, so that no two make names that look alike.
 * Throws NameTaken, StoreUnavailable.
 */
export function keepNewKey(store: Store, input: NewKey, createdBy: string): Promise<CreatedKey> {
  return store.withLock('API key names', async () => {
    const likeness = likenessOf(input.name);
    const taken = (await store.apiKeys.list()).find(({ name }) => likenessOf(name) === likeness);
    if (taken !== undefined) throw new NameTaken('key', taken.name);
    const key = newKey();
    const record = await store.apiKeys.create({
      ...{ name: input.name, grants: input.grants, expiresAt: input.expiresAt },
      ...{ hash: hashKey(key), shown: shownPart(key), createdBy },
    });
    return { key, record };
  });
}

/** When a key ends if nobody says otherwise. */
export function usualEnd(by: Principal): Date {
  const end = by.kind === 'API_KEY' ? by.expiresAt?.getTime() : undefined;
  return new Date(Math.min(Date.now() + USUAL_LIFETIME_MS, end ?? Number.POSITIVE_INFINITY));
}

/**
 * Checks that a key does not outlive by much what its maker may do. An API key makes none that ends later than itself. A
 * token proves an identity for minutes, and its owner may lose their rights the next day: keys that it makes end
 * after 90 days at most, and make no others.
 * Throws InvalidInput.
 */
function assertEndsInTime({ grants, expiresAt }: NewKey, by: Principal): void {
  if (by.kind === 'TOKEN') {
    if (grants.some(({ scope }) => scope === 'admin')) {
      throw new InvalidInput(
        'input.grants',
        'must not contain ADMIN, because you use a token of the identity provider. Such a key could still create keys after you have lost your rights. Use an API key with the scope admin.',
      );
    }
    const latest = new Date(Date.now() + USUAL_LIFETIME_MS + CLOCK_TOLERANCE_MS);
    if (expiresAt === null || expiresAt > latest) {
      throw new InvalidInput(
        'input.expiresAt',
        'must be within 90 days, because you use a token of the identity provider. Use an API key to make keys that last longer.',
      );
    }
    return;
  }
  const end = by.kind === 'API_KEY' ? by.expiresAt : null;
  if (end !== null && (expiresAt === null || expiresAt > end))
    throw new InvalidInput(
      'input.expiresAt',
      `must not be later than the end of the key that makes it: ${end.toISOString()}.`,
    );
}

/** Whether a caller administers everything that a grant reaches. */
function mayGrant(
  { connectors: limits }: Grant,
  by: Principal,
  connectors: readonly { readonly id: string; readonly name: string }[],
): boolean {
  if (by.holdsEverywhere('admin')) return true;
  if (limits === null) return false;
  return limits.every((limit) => {
    const connector = connectors.find(({ id }) => id === limit);
    return connector !== undefined && by.may('admin', connector);
  });
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
