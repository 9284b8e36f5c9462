import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Client, QueryConfig, QueryResultRow } from 'pg';
import type { DatabaseServer } from '../database.ts';
import { unavailable } from '../database-failures.ts';
import { AdvisoryLocks, type Ask } from './advisory-locks.ts';

/** The server ends a session that is silent for so long: its process is stopped, or cut off. */
const SILENCE = '10min';
const PING_MS = 60_000;
/** A session that has not answered for so long is given up: well before the server gives it up. */
const LONGEST_SILENCE_MS = 300_000;

/** A session of PostgreSQL, for as long as it lasts. */
export interface LiveSession {
  readonly locks: AdvisoryLocks;
  /** Whether it is known to have ended, and its locks with it. */
  readonly isLost: boolean;
  /** How many of its locks are in use. */
  held: number;
}

interface OwnSession extends LiveSession {
  readonly client: Client;
  isLost: boolean;
  /** Names its process on the server. */
  backend: readonly [pid: number, startedAt: string];
  /** When it last answered, as of performance.now(). */
  heardAt: number;
}

/**
 * The one connection to PostgreSQL that holds all locks of a process, however many. They are the session's, so
 * they are free when it ends, as it does with its process. It is opened when a lock is first wanted, and
 * again when it was lost. A query that takes long does not end it: nobody but the server knows whether a session lives.
 */
export class LockSession {
  readonly #server: DatabaseServer;
  readonly #location: string;
  readonly #lost: (held: number) => void;
  #opening: Promise<OwnSession> | undefined;
  #current: OwnSession | undefined;
  #examination: Promise<void> | undefined;
  #ping: NodeJS.Timeout | undefined;
  #closed = false;

  /**
   * @param location names the database at the beginning of a sentence
   * @param lost is told how many locks went with a session that has ended by itself
   */
  constructor(server: DatabaseServer, location: string, lost: (held: number) => void) {
    this.#server = server;
    this.#location = location;
    this.#lost = lost;
  }

  /**
   * Works in the session, in a new one if it turns out to have ended.
   * @param undo takes back what came of `work` if that came when nobody waited for it any more
   * @param signal ends the waiting with its reason
   * Throws StoreUnavailable, too when there is no answer in time: then the session goes on.
   */
  async within<T>(
    work: (locks: AdvisoryLocks) => Promise<T>,
    undo: (locks: AdvisoryLocks, came: T) => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<{ readonly session: LiveSession; readonly came: T }> {
    const session = await this.#inTime(this.#open(), () => undefined, signal);
    try {
      return { session, came: await this.#workIn(session, work, undo, signal) };
    } catch (error) {
      if (!session.isLost) throw error;
    }
    const next = await this.#inTime(this.#open(), () => undefined, signal);
    return { session: next, came: await this.#workIn(next, work, undo, signal) };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#ping);
    const session = await this.#opening?.catch(() => undefined);
    this.#current = undefined;
    await session?.client.end().catch(() => undefined);
    await this.#examination;
  }

  async #workIn<T>(
    session: OwnSession,
    work: (locks: AdvisoryLocks) => Promise<T>,
    undo: (locks: AdvisoryLocks, came: T) => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<T> {
    const asked = work(session.locks).then((came) => {
      session.heardAt = performance.now();
      return came;
    });
    try {
      return await this.#inTime(asked, (came) => undo(session.locks, came), signal);
    } catch (error) {
      // What fails with its session fails a moment before that is told.
      await nextTurn();
      if (!signal.aborted && !session.isLost) {
        this.#examination ??= this.#examine(session).finally(() => {
          this.#examination = undefined;
        });
      }
      throw signal.aborted ? error : unavailable(error, this.#location);
    }
  }

  /** What `work` brings, unless the signal or the time for an answer comes first. */
  async #inTime<T>(work: Promise<T>, late: (came: T) => unknown, signal: AbortSignal): Promise<T> {
    const end = Promise.withResolvers<never>();
    const giveUp = () => end.reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    const slow = () => end.reject(unavailable(new Error('Query read timeout'), this.#location));
    const timer = setTimeout(slow, this.#server.timeouts.lock);
    let isLate = true;
    try {
      const came = await Promise.race([work, end.promise]);
      isLate = false;
      return came;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      if (isLate) void work.then(late).catch(() => undefined);
    }
  }

  #open(): Promise<OwnSession> {
    if (this.#closed) return Promise.reject(unavailable(new Error('The store is closed.'), this.#location));
    this.#opening ??= this.#connect();
    return this.#opening;
  }

  async #connect(): Promise<OwnSession> {
    const client = this.#server.newClient(0);
    const locks = new AdvisoryLocks(inTurn(client));
    const session: OwnSession = { client, locks, isLost: false, held: 0, backend: [0, ''], heardAt: 0 };
    // How a connection breaks is said twice: as an error, which must be heard, and as its end.
    client.on('error', () => this.#lose(session));
    client.on('end', () => this.#lose(session));
    try {
      await client.connect();
      const { rows } = await client.query<{ pid: number; started: string }>(
        `select pid, backend_start::text as started, set_config('idle_session_timeout', '${SILENCE}', false)
          from pg_stat_activity where pid = pg_backend_pid()`,
      );
      session.backend = [rows[0]?.pid ?? 0, rows[0]?.started ?? ''];
    } catch (error) {
      this.#opening = undefined;
      void client.end().catch(() => undefined);
      throw unavailable(error, this.#location);
    }
    session.heardAt = performance.now();
    this.#current = session;
    this.#ping = setInterval(() => this.#hear(session), PING_MS);
    this.#ping.unref();
    return session;
  }

  #hear(session: OwnSession): void {
    const isSilent = performance.now() - session.heardAt > LONGEST_SILENCE_MS;
    const nothing = () => Promise.resolve();
    if (isSilent) this.#lose(session);
    else this.#workIn(session, (locks) => locks.ping(), nothing, NEVER).catch(nothing);
  }

  /** Asks the server, by another connection, whether a session that does not answer has ended. */
  async #examine(session: OwnSession): Promise<void> {
    const client = this.#server.newClient();
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query(
        'select 1 from pg_stat_activity where pid = $1 and backend_start::text = $2',
        [...session.backend],
      );
      if (rows.length === 0) this.#lose(session);
    } catch {
      // Nobody knows. While the server stands still nobody else gets a lock from it either.
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  #lose(session: OwnSession): void {
    if (this.#current !== session) return;
    clearInterval(this.#ping);
    session.isLost = true;
    this.#current = undefined;
    this.#opening = undefined;
    void session.client.end().catch(() => undefined);
    this.#lost(session.held);
  }
}

/** A connection does one query at a time. */
function inTurn(client: Client): Ask {
  let last: Promise<unknown> = Promise.resolve();
  return <Row extends QueryResultRow>(query: QueryConfig) => {
    const asked = last.then(() => client.query<Row>(query));
    last = asked.catch(() => undefined);
    return asked;
  };
}

const NEVER = new AbortController().signal;
