import type {
  CompiledQuery,
  DatabaseConnection,
  Dialect,
  Driver,
  QueryCompiler,
  QueryResult,
  TransactionSettings,
} from 'kysely';
import { reportFailure } from './database-failures.ts';
import type { QueryObservers } from './query-observers.ts';

/**
 * A dialect that raises StoreUnavailable when the database itself fails, so that every query, today's
 * and those of later tables, tells an outage from a bug. It tells the observers of each query, too.
 */
export class ReportingDialect implements Dialect {
  readonly #inner: Dialect;
  readonly #location: string;
  readonly #observers: QueryObservers;

  /** @param location names the database in messages */
  constructor(inner: Dialect, location: string, observers: QueryObservers) {
    this.#inner = inner;
    this.#location = location;
    this.#observers = observers;
  }

  createDriver(): Driver {
    return new ReportingDriver(this.#inner.createDriver(), this.#location, this.#observers);
  }
  createAdapter() {
    return this.#inner.createAdapter();
  }
  createQueryCompiler() {
    return this.#inner.createQueryCompiler();
  }
  createIntrospector(...[db]: Parameters<Dialect['createIntrospector']>) {
    return this.#inner.createIntrospector(db);
  }
}

type Compile = QueryCompiler['compileQuery'];

class ReportingDriver implements Driver {
  readonly #inner: Driver;
  readonly #location: string;
  readonly #observers: QueryObservers;
  readonly #connections = new WeakMap<DatabaseConnection, ReportingConnection>();

  constructor(inner: Driver, location: string, observers: QueryObservers) {
    this.#inner = inner;
    this.#location = location;
    this.#observers = observers;
  }

  init(...options: Parameters<Driver['init']>) {
    return reporting(this.#location, () => this.#inner.init(...options));
  }
  async acquireConnection(...options: Parameters<Driver['acquireConnection']>) {
    const inner = await reporting(this.#location, () => this.#inner.acquireConnection(...options));
    const known = this.#connections.get(inner);
    if (known !== undefined) return known;
    const connection = new ReportingConnection(inner, this.#location, this.#observers);
    this.#connections.set(inner, connection);
    return connection;
  }
  beginTransaction(connection: DatabaseConnection, settings: TransactionSettings) {
    return reporting(this.#location, () => this.#inner.beginTransaction(innerOf(connection), settings));
  }
  commitTransaction(connection: DatabaseConnection) {
    return reporting(this.#location, () => this.#inner.commitTransaction(innerOf(connection)));
  }
  rollbackTransaction(connection: DatabaseConnection) {
    return reporting(this.#location, () => this.#inner.rollbackTransaction(innerOf(connection)));
  }
  async savepoint(connection: DatabaseConnection, name: string, compile: Compile) {
    await this.#inner.savepoint?.(innerOf(connection), name, compile);
  }
  async rollbackToSavepoint(connection: DatabaseConnection, name: string, compile: Compile) {
    await this.#inner.rollbackToSavepoint?.(innerOf(connection), name, compile);
  }
  async releaseSavepoint(connection: DatabaseConnection, name: string, compile: Compile) {
    await this.#inner.releaseSavepoint?.(innerOf(connection), name, compile);
  }
  releaseConnection(connection: DatabaseConnection) {
    return this.#inner.releaseConnection(innerOf(connection));
  }
  destroy(...options: Parameters<Driver['destroy']>) {
    return this.#inner.destroy(...options);
  }
}

class ReportingConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  readonly #location: string;
  readonly #observers: QueryObservers;

  constructor(inner: DatabaseConnection, location: string, observers: QueryObservers) {
    this.inner = inner;
    this.#location = location;
    this.#observers = observers;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#observers.around(query.sql, () =>
      reporting(this.#location, () => this.inner.executeQuery<R>(query)),
    );
  }
  streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    return this.inner.streamQuery<R>(query, chunkSize);
  }
}

function innerOf(connection: DatabaseConnection): DatabaseConnection {
  return connection instanceof ReportingConnection ? connection.inner : connection;
}

async function reporting<T>(location: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw reportFailure(error, location);
  }
}
