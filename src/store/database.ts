import { PGlite } from '@electric-sql/pglite';
import { type Dialect, Kysely, PGliteDialect, PostgresDialect, sql } from 'kysely';
import { Client, type ClientConfig, Pool } from 'pg';
import { START_PARAMS } from './durable-file-system.ts';
import { openEmbeddedDatabase } from './embedded-database.ts';
import { unavailable } from './failures.ts';
import { QueryObservers } from './query-observers.ts';
import { ReportingDialect } from './reporting-dialect.ts';
import type { Tables } from './tables.ts';

/** `dataDir` of an embedded database that lives and dies with its process. */
export const IN_MEMORY = 'memory://';

const DEFAULT_POOL_SIZE = 10;
const CONNECT_TIMEOUT_MS = 10_000;
/** How long a connection may be silent before it is tested, so that one whose other end vanished is noticed. */
const KEEP_ALIVE_MS = 30_000;

export interface DatabaseOptions {
  /** A PostgreSQL URL. Undefined: the embedded database in `dataDir`. */
  readonly databaseUrl?: string | undefined;
  /** Folder of the embedded database, or `memory://`. */
  readonly dataDir: string;
  /** What connections are called in PostgreSQL, unless the URL says. */
  readonly applicationName?: string | undefined;
  /** PostgreSQL connections; 10 unless given. */
  readonly poolSize?: number | undefined;
  /** Only with `memory://`: an initialised data folder as PGlite dumps it, which opens faster than none. */
  readonly memoryImage?: Blob | undefined;
}

/** An open database without anything known of its content. */
export interface Database {
  readonly kind: 'embedded' | 'postgresql';
  readonly db: Kysely<Tables>;
  /** Who is told of its queries. */
  readonly observers: QueryObservers;
  /** A single connection to the same database, not open yet; absent where no other process can be. */
  readonly newClient?: () => Client;
  /** Names the database at the beginning of a sentence; holds no password. */
  readonly location: string;
  /** Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens PostgreSQL where there is a URL, else the embedded database, and asks it one question.
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
  { poolSize = DEFAULT_POOL_SIZE, applicationName }: DatabaseOptions,
): Database {
  const connection = connectionTo(url, applicationName);
  const pool = createPool(connection, poolSize);
  const { host, port, database: name } = new Client({ connectionString: url });
  const location = `The database (PostgreSQL at ${host}:${port}/${name})`;
  const database = compose('postgresql', new PostgresDialect({ pool }), location, async () => {
    if (!pool.ending) await pool.end();
  });
  const newClient = () =>
    new Client({
      ...connection,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: CONNECT_TIMEOUT_MS,
    });
  return { ...database, newClient };
}

function connectionTo(url: string, applicationName = 'webex-gateway'): ClientConfig {
  return {
    connectionString: url,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    application_name: applicationName,
  };
}

function createPool(connection: ClientConfig, size: number): Pool {
  const pool = new Pool({
    ...connection,
    max: size,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // A connection that breaks fails its query, if it has one, and is replaced by the pool. It also emits an
  // error, on the pool while it is idle, else on itself, which would end the process if nobody listened.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

async function openEmbedded({ dataDir, memoryImage }: DatabaseOptions): Promise<Database> {
  if (dataDir === IN_MEMORY) {
    const image = memoryImage === undefined ? {} : { loadDataDir: memoryImage };
    const pglite = await PGlite.create({ dataDir, startParams: [...START_PARAMS], ...image });
    const location = 'The database (embedded, in memory)';
    return compose('embedded', new PGliteDialect({ pglite }), location, async () => {
      if (!pglite.closed) await pglite.close();
    });
  }
  const { pglite, close } = await openEmbeddedDatabase(dataDir);
  return compose(
    'embedded',
    new PGliteDialect({ pglite }),
    `The database (embedded, in the folder ${dataDir})`,
    close,
  );
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
    close() {
      closing ??= close();
      return closing;
    },
  };
}
