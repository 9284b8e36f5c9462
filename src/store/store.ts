import { sql } from 'kysely';
import type { StoreUnavailable } from '../errors/start.ts';
import { type ApiKeyRepository, createApiKeyRepository } from './api-keys.ts';
import { type AuditEventRepository, createAuditEventRepository } from './audit-events.ts';
import {
  type AuthorizationRequestRepository,
  createAuthorizationRequestRepository,
} from './authorization-requests.ts';
import { GATHER_MS } from './batched-writes.ts';
import { type ConnectorRepository, createConnectorRepository } from './connectors.ts';
import { type Database, type DatabaseOptions, openDatabase } from './database.ts';
import { unavailable } from './database-failures.ts';
import type { Recovery } from './embedded/recovery-mark.ts';
import { createGrantRepository, type GrantRepository } from './grants.ts';
import { createIdempotencyKeyRepository, type IdempotencyKeyRepository } from './idempotency-keys.ts';
import { createLocks, type Locks, type LossObserver, type WithLock } from './locks/with-lock.ts';
import { migrateToLatest } from './migrate.ts';
import { createNotices, type Notices, type OwnedNotices } from './notices.ts';
import type { QueryObserver } from './query-observers.ts';
import { type RecentRecords, watchRepositories } from './recent.ts';
import { type Opener, settleKeys } from './rotation/key-file-rotation.ts';
import type { Attendance } from './rotation/rotation-request.ts';
import { COMMAND_NAME, connectionName } from './rotation/sealing-gateways.ts';
import { type RotationLog, serveRotations, tellOfResealing } from './rotation/serve-rotations.ts';
import { findNoted } from './secrets/key-check.ts';
import { type KeyOptions, requireKeys } from './secrets/keys.ts';
import type { KeyRing } from './secrets/secrets.ts';
import { createSyncStore, type SyncStore } from './sync/sync-store.ts';
import { createThrottleRepository, type ThrottleRepository } from './throttles.ts';
import { createUndecidedWriteRepository, type UndecidedWriteRepository } from './undecided-writes.ts';

const PING_TIMEOUT_MS = 5_000;
/** A database server may come back. */
const FOR_EVER = new Promise<never>(() => undefined);

/** Everything the gateway remembers. */
export interface Store extends AsyncDisposable {
  readonly kind: 'embedded' | 'postgresql';
  readonly openedAt: Date;
  /** Whether no other process can be on this database. */
  readonly hasOwnDatabase: boolean;
  /** Resolves with the reason if the thread of an embedded database ends: nothing more can be stored. */
  readonly lost: Promise<StoreUnavailable>;
  /**
   * How far the recovery of an embedded database came after its process had not ended well. Undefined if it ended well, or
   * if this function has said so before.
   */
  takeRecovery(): Recovery | undefined;
  readonly connectors: ConnectorRepository;
  readonly grants: GrantRepository;
  /** The same, for reading in every request. */
  readonly recent: RecentRecords;
  readonly authorizationRequests: AuthorizationRequestRepository;
  readonly throttles: ThrottleRepository;
  readonly auditEvents: AuditEventRepository;
  readonly undecidedWrites: UndecidedWriteRepository;
  readonly idempotencyKeys: IdempotencyKeyRepository;
  readonly apiKeys: ApiKeyRepository;
  readonly sync: SyncStore;
  /** Small messages between all processes on this database. */
  readonly notices: Notices;
  /** Does one piece of work at a time under a name, among all processes on this database. */
  readonly withLock: WithLock;
  /** Reports each query from now on, until the returned function is called. */
  observe(observe: QueryObserver): () => void;
  /** Reports locks that were lost during work under them, until the returned function is called. */
  onLocksLost(observe: LossObserver): () => void;
  /** Resolves when the database answers within five seconds; else throws StoreUnavailable. */
  ping(): Promise<void>;
  /**
   * Id of a key that something was found to be sealed with and that this process does not have; undefined if all
   * keys are known now. Throws StoreUnavailable.
   */
  missingKey(): Promise<string | undefined>;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface StoreOptions extends Omit<DatabaseOptions, 'applicationName'>, KeyOptions, Opener {
  /** Is called when values were re-sealed. */
  readonly log?: RotationLog | undefined;
}

/**
 * Opens the store: takes the data folder or connects, brings the schema up to date, and checks that the
 * keys open what is stored. A gateway on an embedded database re-seals values of older keys.
 * Throws InvalidConfiguration, SecretKeyMismatch, StoreInUse, StoreTooNew, StoreUnavailable; then nothing
 * stays open.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  requireKeys(options);
  const [first] = options.secretKeys;
  const ofGateway = first === undefined ? undefined : connectionName(first.id);
  const applicationName = options.isCommand === true ? COMMAND_NAME : ofGateway;
  const database = await openDatabase({ ...options, applicationName });
  try {
    await database.unhurried((db) => migrateToLatest(db, database.location));
    const settled = await settleKeys(options, database.db);
    const { sealer, resealing } = settled;
    if (resealing?.before.some(({ keyId }) => keyId !== sealer.keyId)) {
      tellOfResealing(options.log, resealing, 'values sealed with an older key were re-sealed');
    }
    const notices = createNotices(database);
    const sync = createSyncStore(database, sealer);
    // No other process can be on an embedded database, so what was under way there has no worker any more.
    if (database.server === undefined) await sync.voidLeases();
    return new DatabaseStore(database, {
      sealer,
      ...watchRepositories(
        createConnectorRepository(database.db, sealer),
        createGrantRepository(database.db, sealer),
        createApiKeyRepository(database.db),
        notices,
      ),
      authorizationRequests: createAuthorizationRequestRepository(database.db, sealer),
      throttles: createThrottleRepository(database.db),
      auditEvents: createAuditEventRepository(database.db, GATHER_MS[database.kind]),
      undecidedWrites: createUndecidedWriteRepository(database.db),
      idempotencyKeys: createIdempotencyKeyRepository(database.db, sealer),
      sync,
      notices,
      locks: createLocks(database),
      rotations: serveRotations(options, database, settled, options.log),
    });
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface Parts
  extends Omit<
    Store,
    | 'kind'
    | 'openedAt'
    | 'hasOwnDatabase'
    | 'lost'
    | 'observe'
    | 'onLocksLost'
    | 'ping'
    | 'takeRecovery'
    | 'missingKey'
    | 'close'
    | 'withLock'
    | keyof AsyncDisposable
  > {
  readonly notices: OwnedNotices;
  readonly locks: Locks;
  readonly rotations: Attendance;
  readonly sealer: KeyRing;
}

class DatabaseStore implements Store {
  readonly openedAt = new Date();
  readonly connectors: ConnectorRepository;
  readonly grants: GrantRepository;
  readonly recent: RecentRecords;
  readonly authorizationRequests: AuthorizationRequestRepository;
  readonly throttles: ThrottleRepository;
  readonly auditEvents: AuditEventRepository;
  readonly undecidedWrites: UndecidedWriteRepository;
  readonly idempotencyKeys: IdempotencyKeyRepository;
  readonly apiKeys: ApiKeyRepository;
  readonly sync: SyncStore;
  readonly notices: OwnedNotices;
  readonly #locks: Locks;
  readonly #rotations: Attendance;
  readonly #database: Database;
  readonly #sealer: KeyRing;
  #isRecoveryTold = false;

  constructor(database: Database, parts: Parts) {
    this.#database = database;
    this.connectors = parts.connectors;
    this.grants = parts.grants;
    this.recent = parts.recent;
    this.authorizationRequests = parts.authorizationRequests;
    this.throttles = parts.throttles;
    this.auditEvents = parts.auditEvents;
    this.undecidedWrites = parts.undecidedWrites;
    this.idempotencyKeys = parts.idempotencyKeys;
    this.apiKeys = parts.apiKeys;
    this.sync = parts.sync;
    this.notices = parts.notices;
    this.#locks = parts.locks;
    this.#rotations = parts.rotations;
    this.#sealer = parts.sealer;
  }

  get kind() {
    return this.#database.kind;
  }

  get lost() {
    return this.#database.thread?.lost ?? FOR_EVER;
  }

  get hasOwnDatabase() {
    return this.#database.server === undefined;
  }

  get withLock() {
    return this.#locks.withLock;
  }

  observe(observe: QueryObserver): () => void {
    return this.#database.observers.add(observe);
  }

  onLocksLost(observe: LossObserver): () => void {
    return this.#locks.onLoss(observe);
  }

  takeRecovery(): Recovery | undefined {
    const { thread } = this.#database;
    if (this.#isRecoveryTold) return undefined;
    this.#isRecoveryTold = true;
    thread?.forgetRecovery();
    return thread?.recovery;
  }

  async ping(): Promise<void> {
    const { db, location } = this.#database;
    try {
      await sql`select 1`.execute(db, { signal: AbortSignal.timeout(PING_TIMEOUT_MS) });
    } catch (error) {
      throw unavailable(error, location);
    }
  }

  async missingKey(): Promise<string | undefined> {
    const [id] = await findNoted(this.#database.db, this.#sealer.missingIds);
    return id;
  }

  async close(): Promise<void> {
    await this.#rotations.close();
    await this.notices.close();
    await this.#locks.close();
    await this.#database.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
