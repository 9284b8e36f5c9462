import type { ApiKeyRecord, ApiKeyRepository } from './api-keys.ts';
import type { ConnectorRecord, ConnectorRepository } from './connectors.ts';
import type { GrantRecord, GrantRepository } from './grants.ts';
import type { Notices } from './notices.ts';

/** The topic of what the triggers on both tables tell; the migration that makes them spells it too. */
const TOPIC = 'records changed';

/**
 * How long a read is used again, in milliseconds. Processes tell each other of changes at once, so this only bounds how
 * long a process that misses such a message can be behind.
 */
const KEEP_MS = 1_000;

/**
 * Connectors, their grants, and API keys for reading, which every request does: from memory if they were read a
 * moment ago and nothing has changed since. Code that changes something reads the repositories.
 */
export interface RecentRecords {
  connector(id: string): Promise<ConnectorRecord | null>;
  /** By name, in the order of code points. */
  connectors(): Promise<readonly ConnectorRecord[]>;
  grant(connectorId: string): Promise<GrantRecord | null>;
  /** By its hash. */
  apiKey(hash: string): Promise<ApiKeyRecord | null>;
}

/** The recent records, and the repositories through which changes are noticed. */
export interface WatchedRepositories {
  readonly recent: RecentRecords;
  readonly connectors: ConnectorRepository;
  readonly grants: GrantRepository;
  readonly apiKeys: ApiKeyRepository;
}

/** Keeps what is read of these repositories until one of them, or another process, changes something. */
export function watchRepositories(
  connectors: ConnectorRepository,
  grants: GrantRepository,
  apiKeys: ApiKeyRepository,
  notices: Notices,
): WatchedRepositories {
  const byId = new Recent<ConnectorRecord | null>(isThere);
  const lists = new Recent<readonly ConnectorRecord[]>((list) => list.length > 0);
  const grantsById = new Recent<GrantRecord | null>((grant) => grant?.status === 'ACTIVE');
  const keysByHash = new Recent<ApiKeyRecord | null>((key) => key?.revokedAt === null);
  const forget = () => {
    for (const each of [byId, lists, grantsById, keysByHash]) each.forget();
  };
  notices.subscribe(TOPIC, forget, { onGap: forget });
  return {
    recent: {
      connector: (id) => byId.get(id, () => connectors.get(id)),
      connectors: () => lists.get('', () => connectors.list()),
      grant: (id) => grantsById.get(id, () => grants.get(id)),
      apiKey: (hash) => keysByHash.get(hash, () => apiKeys.byHash(hash)),
    },
    connectors: {
      ...connectors,
      create: followedBy(forget, connectors.create),
      update: followedBy(forget, connectors.update),
      delete: followedBy(forget, connectors.delete),
    },
    grants: {
      ...grants,
      put: followedBy(forget, grants.put),
      replaceTokens: followedBy(forget, grants.replaceTokens),
      requireReconnect: followedBy(forget, grants.requireReconnect),
      identify: followedBy(forget, grants.identify),
      withdraw: followedBy(forget, grants.withdraw),
      delete: followedBy(forget, grants.delete),
    },
    apiKeys: { ...apiKeys, revoke: followedBy(forget, apiKeys.revoke) },
  };
}

function isThere(record: ConnectorRecord | null): boolean {
  return record !== null;
}

/** The same work, and `then` behind it, whatever came of it. */
function followedBy<Arguments extends unknown[], Result>(
  then: () => void,
  work: (...given: Arguments) => Promise<Result>,
): (...given: Arguments) => Promise<Result> {
  return async (...given) => {
    try {
      return await work(...given);
    } finally {
      then();
    }
  };
}

/** What was read a moment ago, by key; not longer, as there are secrets in it. */
class Recent<T> {
  readonly #keeps: (value: T) => boolean;
  #sweep: NodeJS.Timeout | undefined;
  #values = new Map<string, { readonly value: Promise<T>; readonly until: number }>();

  /** @param keeps which values are worth keeping: absent and deleted records are looked up each time */
  constructor(keeps: (value: T) => boolean) {
    this.#keeps = keeps;
  }

  /** The kept value, or what `read` brings. A failure is handed to all who wait and is not kept. */
  get(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#values.get(key);
    if (known !== undefined && performance.now() < known.until) return known.value;
    const values = this.#values;
    const entry = { value: read(), until: performance.now() + KEEP_MS };
    values.set(key, entry);
    this.#sweep ??= setTimeout(() => this.#dropExpired(), KEEP_MS).unref();
    const drop = () => {
      if (values.get(key) === entry) values.delete(key);
    };
    entry.value.then((value) => {
      if (!this.#keeps(value)) drop();
    }, drop);
    return entry.value;
  }

  /** Whatever is read from here on is new; what is being read is kept by nobody. */
  forget(): void {
    this.#values = new Map();
    clearTimeout(this.#sweep);
    this.#sweep = undefined;
  }

  #dropExpired(): void {
    const now = performance.now();
    for (const [key, { until }] of this.#values) if (until <= now) this.#values.delete(key);
    this.#sweep =
      this.#values.size === 0 ? undefined : setTimeout(() => this.#dropExpired(), KEEP_MS).unref();
  }
}
