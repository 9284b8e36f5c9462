import { type Kysely, sql } from 'kysely';
import { InvalidConfiguration, SecretKeyMismatch } from '../errors.ts';
import { type ApiKeyRepository, createApiKeyRepository } from './api-keys.ts';
import { type AuditEventRepository, createAuditEventRepository } from './audit-events.ts';
import {
  type AuthorizationRequestRepository,
  createAuthorizationRequestRepository,
} from './authorization-requests.ts';
import { type ConnectorRepository, createConnectorRepository } from './connectors.ts';
import { type Database, type DatabaseOptions, IN_MEMORY, openDatabase } from './database.ts';
import { createExclusively, type Exclusively, type OwnedExclusively } from './exclusive.ts';
import { unavailable } from './failures.ts';
import { createGrantRepository, type GrantRepository } from './grants.ts';
import { createIdempotencyKeyRepository, type IdempotencyKeyRepository } from './idempotency-keys.ts';
import { checkKeys, isSealed } from './key-check.ts';
import { keyFilePath, makeKeyFile, readKeyFile } from './key-file.ts';
import { migrateToLatest } from './migrate.ts';
import { createNotices, type Notices, type OwnedNotices } from './notices.ts';
import { type RecentRecords, watchRepositories } from './recent.ts';
import { createSealer, generateSecretKey, type SecretKey } from './secrets.ts';
import type { Tables } from './tables.ts';
import { createThrottleRepository, type ThrottleRepository } from './throttles.ts';

const PING_TIMEOUT_MS = 5_000;

/** Everything the gateway remembers. */
export interface Store extends AsyncDisposable {
  readonly kind: 'embedded' | 'postgresql';
  readonly connectors: ConnectorRepository;
  readonly grants: GrantRepository;
  /** The same, for reading in every request. */
  readonly recent: RecentRecords;
  readonly authorizationRequests: AuthorizationRequestRepository;
  readonly throttles: ThrottleRepository;
  readonly auditEvents: AuditEventRepository;
  readonly idempotencyKeys: IdempotencyKeyRepository;
  readonly apiKeys: ApiKeyRepository;
  /** Small messages between all processes on this database. */
  readonly notices: Notices;
  /** Does one piece of work at a time under a name, among all processes on this database. */
  readonly exclusively: Exclusively;
  /** Resolves when the database answers within five seconds; else throws StoreUnavailable. */
  ping(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface StoreOptions extends DatabaseOptions {
  /** The first seals, all open. Empty only with the embedded database, which then keeps a key file. */
  readonly secretKeys: readonly SecretKey[];
}

/**
 * Opens the store: takes the data folder or connects, brings the schema up to date, and sees that the
 * keys open what is stored.
 * Throws InvalidConfiguration, SecretKeyMismatch, StoreInUse, StoreTooNew, StoreUnavailable; then nothing
 * stays open.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  if (options.databaseUrl !== undefined && options.secretKeys.length === 0) {
    throw new InvalidConfiguration(
      'SECRET_KEYS',
      'must be set together with DATABASE_URL: like id:key, the key being 32 random bytes in base64. Make one with: openssl rand -base64 32',
    );
  }
  const database = await openDatabase(options);
  try {
    await migrateToLatest(database.db, database.location);
    const sealer = createSealer(await findKeys(options, database.db));
    await checkKeys(database.db, sealer);
    const notices = createNotices(database);
    return new DatabaseStore(database, {
      ...watchRepositories(
        createConnectorRepository(database.db, sealer),
        createGrantRepository(database.db, sealer),
        createApiKeyRepository(database.db),
        notices,
      ),
      authorizationRequests: createAuthorizationRequestRepository(database.db, sealer),
      throttles: createThrottleRepository(database.db),
      auditEvents: createAuditEventRepository(database.db),
      idempotencyKeys: createIdempotencyKeyRepository(database.db, sealer),
      notices,
      locks: createExclusively(database),
    });
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The keys configured; for a data folder also those of its key file, which is made for a new one. */
async function findKeys(options: StoreOptions, db: Kysely<Tables>): Promise<readonly SecretKey[]> {
  const { dataDir, secretKeys: configured } = options;
  if (options.databaseUrl !== undefined) return configured;
  if (dataDir === IN_MEMORY) return configured.length > 0 ? configured : [generateSecretKey('memory')];
  const configuredIds = new Set(configured.map((key) => key.id));
  const keys = [...configured, ...readKeyFile(dataDir).filter((key) => !configuredIds.has(key.id))];
  if (keys.length > 0) return keys;
  if (await isSealed(db)) {
    throw new SecretKeyMismatch(
      `The key that opens the data folder ${dataDir} is missing: there is no ${keyFilePath(dataDir)}, and SECRET_KEYS is not set. Put the file back from a backup, or set SECRET_KEYS to the keys used before. Stored values were left as they are.`,
    );
  }
  return [makeKeyFile(dataDir)];
}

interface Parts extends Omit<Store, 'kind' | 'ping' | 'close' | 'exclusively' | keyof AsyncDisposable> {
  readonly notices: OwnedNotices;
  readonly locks: OwnedExclusively;
}

class DatabaseStore implements Store {
  readonly connectors: ConnectorRepository;
  readonly grants: GrantRepository;
  readonly recent: RecentRecords;
  readonly authorizationRequests: AuthorizationRequestRepository;
  readonly throttles: ThrottleRepository;
  readonly auditEvents: AuditEventRepository;
  readonly idempotencyKeys: IdempotencyKeyRepository;
  readonly apiKeys: ApiKeyRepository;
  readonly notices: OwnedNotices;
  readonly #locks: OwnedExclusively;
  readonly #database: Database;

  constructor(database: Database, parts: Parts) {
    this.#database = database;
    this.connectors = parts.connectors;
    this.grants = parts.grants;
    this.recent = parts.recent;
    this.authorizationRequests = parts.authorizationRequests;
    this.throttles = parts.throttles;
    this.auditEvents = parts.auditEvents;
    this.idempotencyKeys = parts.idempotencyKeys;
    this.apiKeys = parts.apiKeys;
    this.notices = parts.notices;
    this.#locks = parts.locks;
  }

  get kind() {
    return this.#database.kind;
  }

  get exclusively() {
    return this.#locks.exclusively;
  }

  async ping(): Promise<void> {
    const { db, location } = this.#database;
    try {
      await sql`select 1`.execute(db, { signal: AbortSignal.timeout(PING_TIMEOUT_MS) });
    } catch (error) {
      throw unavailable(error, location);
    }
  }

  async close(): Promise<void> {
    await this.notices.close();
    await this.#locks.close();
    await this.#database.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
