import type { Client } from 'pg';
import { unavailable } from './failures.ts';

/** The server ends a session that is silent for so long: its process is stopped, or cut off. */
const SILENCE = '10min';
const PING_MS = 60_000;

/** A lock, for as long as its session lasts. */
interface SessionLock {
  readonly isHeld: boolean;
  /** Gives it back; never fails. */
  release(): Promise<void>;
}

/**
 * The one connection to PostgreSQL that holds all locks of a process, however many. They are the session's, so
 * they are free when it ends, as it does with its process. It is opened when a lock is first wanted, and
 * anew when it was lost.
 */
export class LockSession {
  readonly #newClient: () => Client;
  readonly #location: string;
  #session: Promise<Client> | undefined;
  #client: Client | undefined;
  #ping: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param location names the database at the beginning of a sentence */
  constructor(newClient: () => Client, location: string) {
    this.#newClient = newClient;
    this.#location = location;
  }

  /**
   * Takes the lock of a name, which this process must not hold already.
   * Resolves with undefined while somebody else holds it.
   * Throws StoreUnavailable.
   */
  async tryLock(name: string): Promise<SessionLock | undefined> {
    const session = await this.#open();
    try {
      return await this.#tryIn(session, name);
    } catch {
      // It may have been lost unnoticed.
      this.#lose(session);
    }
    try {
      return await this.#tryIn(await this.#open(), name);
    } catch (error) {
      throw unavailable(error, this.#location);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#ping);
    const session = await this.#session?.catch(() => undefined);
    await session?.end().catch(() => undefined);
  }

  #open(): Promise<Client> {
    if (this.#closed) return Promise.reject(unavailable(new Error('The store is closed.'), this.#location));
    this.#session ??= this.#connect();
    return this.#session;
  }

  async #connect(): Promise<Client> {
    const client = this.#newClient();
    client.on('error', () => this.#lose(client));
    client.on('end', () => this.#lose(client));
    try {
      await client.connect();
      await client.query(`set idle_session_timeout = '${SILENCE}'`);
    } catch (error) {
      this.#session = undefined;
      await client.end().catch(() => undefined);
      throw unavailable(error, this.#location);
    }
    this.#client = client;
    this.#ping = setInterval(() => void client.query('select 1').catch(() => undefined), PING_MS);
    this.#ping.unref();
    return client;
  }

  #lose(client: Client): void {
    if (this.#client !== client) return;
    clearInterval(this.#ping);
    this.#client = undefined;
    this.#session = undefined;
    void client.end().catch(() => undefined);
  }

  async #tryIn(session: Client, name: string): Promise<SessionLock | undefined> {
    const sql = 'select pg_try_advisory_lock(hashtextextended($1, 0)) as locked';
    const { rows } = await session.query<{ locked: boolean }>(sql, [name]);
    if (rows[0]?.locked !== true) return undefined;
    const isCurrent = () => this.#client === session;
    return {
      get isHeld() {
        return isCurrent();
      },
      async release() {
        // Where the session is gone, so is the lock.
        const unlock = 'select pg_advisory_unlock(hashtextextended($1, 0))';
        await session.query(unlock, [name]).catch(() => undefined);
      },
    };
  }
}
