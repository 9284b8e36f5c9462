import { CompiledQuery, type DatabaseConnection, type Dialect, Kysely, PostgresDialect, sql } from 'kysely';
import { Client, type ClientConfig, Pool, type PoolClient, type PoolConfig } from 'pg';
import { unavailable } from './database-failures.ts';
import { type EmbeddedThread, locationOf, startThread } from './embedded/worker-thread.ts';
import { QueryObservers } from './query-observers.ts';
import { ReportingDialect } from './reporting-dialect.ts';
import type { Tables } from './tables.ts';

/** `dataDir` of an embedded database that lives and dies with its process. */
export const IN_MEMORY = 'memory://';

const DEFAULT_POOL_SIZE = 10;
const USUAL_TIMEOUTS: StoreTimeouts = { connect: 10_000, statement: 10_000, query: 15_000, lock: 20_000 };
/** How long a query may wait for its turn at the embedded database, in milliseconds: one that waits for itself never gets it. */
const LONGEST_TURN_MS = 60_000;
/** How long a connection may be silent before it is tested, so that one whose other end vanished is noticed. */
const KEEP_ALIVE_MS = 30_000;

/** How long PostgreSQL may take, in milliseconds. */
export interface StoreTimeouts {
  /** For a connection to be made. */
  readonly connect: number;
  /** For a statement, after which the server itself ends it. */
  readonly statement: number;
  /** For the answer to a query, after which its connection is given up. */
  readonly query: number;
  /** For the answer to a query about a lock, after which the work that waits for the lock fails. */
  readonly lock: number;
}

export interface DatabaseOptions {
  /** A PostgreSQL URL. Undefined: the embedded database in `dataDir`. */
  readonly databaseUrl?: string | undefined;
  /** Folder of the embedded database, or `memory://`. */
  readonly dataDir: string;
  /** What connections are called in PostgreSQL, unless the URL says. */
  readonly applicationName?: string | undefined;
  /** PostgreSQL connections; 10 unless given. */
  readonly poolSize?: number | undefined;
  /** Of PostgreSQL; 10, 10, 15 and 20 seconds unless given. */
  readonly timeouts?: StoreTimeouts | undefined;
  /** Only with `memory://`: an initialised data folder as PGlite dumps it, which opens faster than none. */
  readonly memoryImage?: Blob | undefined;
}

/** An open database without anything known of its content. */
export interface Database {
  readonly kind: 'embedded' | 'postgresql';
  readonly db: Kysely<Tables>;
  /** The observers of its queries. */
  readonly observers: QueryObservers;
  /** Absent if no other process can be. */
  readonly server?: DatabaseServer;
  /** The thread of an embedded database: how far its last recovery came, and whether it is lost. */
  readonly thread?: Pick<EmbeddedThread, 'recovery' | 'forgetRecovery' | 'lost'>;
  /** Names the database at the beginning of a sentence; holds no password. */
  readonly location: string;
  /** Does work of which a query may take any time, as a migration. */
  unhurried<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** What there is beside queries if a database is a server. */
export interface DatabaseServer {
  readonly timeouts: StoreTimeouts;
  /**
   * A single connection to the same database, not open yet.
   * @param queryTimeout milliseconds after which a query fails; 0 for never
   */
  newClient(queryTimeout?: number): Client;
}

/**
 * Opens PostgreSQL if there is a URL, else the embedded database, and asks it one question.
 * Throws StoreInUse, StoreUnavailable.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const database =
    options.databaseUrl === undefined
      ? await openEmbedded(options)
      : openPostgres(options.databaseUrl, options);
  try {
    await sql`select 1`.execute(database.db);
    return database;
  } catch (error) {
    await database.close();
    throw unavailable(error, database.location);
  }
}

function openPostgres(
  url: string,
  { poolSize = DEFAULT_POOL_SIZE, applicationName, timeouts = USUAL_TIMEOUTS }: DatabaseOptions,
): Database {
  const connection = connectionTo(url, applicationName);
  const { host, port, database: name } = new Client({ connectionString: url });
  const location = `The database (PostgreSQL at ${host}:${port}/${name})`;
  const open = (max: number, limits: Partial<StoreTimeouts>) => {
    const { connect = timeouts.connect, query, statement = 0 } = limits;
    const pool = createPool({
      ...{ ...connection, max, connectionTimeoutMillis: connect },
      ...(query === undefined ? {} : { query_timeout: query }),
    });
    // Not a parameter of the start: poolers in front of PostgreSQL refuse those that they do not know.
    const set = CompiledQuery.raw(`set statement_timeout = ${statement}`);
    const onCreateConnection = async (created: DatabaseConnection) => {
      await created.executeQuery(set).catch(() => undefined);
    };
    return compose('postgresql', new PostgresDialect({ pool, onCreateConnection }), location, async () => {
      if (!pool.ending) await pool.end();
    });
  };
  return {
    ...open(poolSize, timeouts),
    async unhurried(work) {
      const own = open(2, {});
      try {
        return await work(own.db);
      } finally {
        await own.close();
      }
    },
    server: {
      timeouts,
      newClient: (queryTimeout = timeouts.query) =>
        new Client({
          ...connection,
          connectionTimeoutMillis: timeouts.connect,
          query_timeout: queryTimeout,
        }),
    },
  };
}

function connectionTo(url: string, applicationName = 'webex-gateway'): ClientConfig {
  return {
    connectionString: url,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    application_name: applicationName,
  };
}

function createPool(config: PoolConfig): Pool {
  const pool = new Pool(config);
  // A connection that breaks fails its query, if it has one, and is replaced by the pool. It also emits an
  // error, on the pool while it is idle, else on itself, which would end the process if nobody listened.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  replaceStuckClients(pool);
  return pool;
}

/** A connection that still owes an answer when it is given back would let the next queries wait for that, too. */
function replaceStuckClients(pool: Pool): void {
  const owing = new WeakSet<PoolClient>();
  pool.on('connect', (client) => client.on('drain', () => owing.delete(client)));
  pool.on('acquire', (client) => owing.add(client));
  pool.on('release', (_error, client) => {
    // The pool replaces what is ended.
    if (owing.has(client)) client.end().catch(() => undefined);
  });
}

/** The embedded database is asked as PostgreSQL is, by a pool of the one connection that it has. */
async function openEmbedded({ dataDir, memoryImage }: DatabaseOptions): Promise<Database> {
  const input = dataDir === IN_MEMORY ? { memoryImage } : { dataDir };
  const thread = await startThread(input);
  const pool = createPool({
    stream: () => thread.connect(),
    // Of the environment nothing counts here.
    ...{ ssl: false, user: 'postgres', password: '' },
    ...{ max: 1, idleTimeoutMillis: 0, connectionTimeoutMillis: LONGEST_TURN_MS },
  });
  const database = compose('embedded', new PostgresDialect({ pool }), locationOf(input), async () => {
    if (!pool.ending) await pool.end();
    await thread.close();
  });
  return { ...database, thread };
}

function compose(
  kind: Database['kind'],
  dialect: Dialect,
  location: string,
  closeBackend: () => Promise<void>,
): Database {
  const observers = new QueryObservers();
  const db = new Kysely<Tables>({ dialect: new ReportingDialect(dialect, location, observers) });
  let closing: Promise<void> | undefined;
  const close = async () => {
    try {
      // Kysely closes what it has begun to use; the backend's own close covers the rest.
      await db.destroy();
    } finally {
      await closeBackend();
    }
  };
  return {
    kind,
    db,
    observers,
    location,
    unhurried: (work) => work(db),
    close() {
      closing ??= close();
      return closing;
    },
  };
}
