import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Client } from 'pg';
import { generateSecretKey } from '../src/store/secrets/secrets.ts';
import type { StoreOptions } from '../src/store/store.ts';

/** An empty database of its own: in memory, or on the server of TEST_DATABASE_URL. */
export interface FreshDatabase extends AsyncDisposable {
  /** For `openStore`; other options can be set over them. */
  readonly options: StoreOptions;
}

const SERVER = process.env.TEST_DATABASE_URL;

/** Makes an empty database for one test; disposing of it drops it. Close its stores first. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const secretKeys = [generateSecretKey('test')];
  if (SERVER === undefined) {
    const options = { dataDir: 'memory://', secretKeys, memoryImage: await emptyImage() };
    return { options, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  return freshPostgres(SERVER, secretKeys);
}

async function freshPostgres(server: string, secretKeys: StoreOptions['secretKeys']): Promise<FreshDatabase> {
  const name = `gateway_test_${randomBytes(8).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await onServer(server, `create database ${name}`);
  return {
    // Few connections each: many test files share one server.
    options: { databaseUrl: url.href, dataDir: 'unused', secretKeys, poolSize: 4 },
    [Symbol.asyncDispose]: () => onServer(server, `drop database ${name} with (force)`),
  };
}

async function onServer(server: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Runs SQL in a lasting database that no store has open. */
export async function runSql({ options }: FreshDatabase, statements: string): Promise<void> {
  const { databaseUrl, dataDir } = options;
  if (databaseUrl !== undefined) return onServer(databaseUrl, statements);
  const pglite = await PGlite.create({ dataDir: join(dataDir, 'database') });
  await pglite.exec(statements);
  await pglite.close();
}

/** Like `freshDatabase`, but what is stored outlives the store: a folder, or a PostgreSQL database. */
export async function lastingDatabase(): Promise<FreshDatabase> {
  return SERVER === undefined ? freshFolder() : freshDatabase();
}

/**
 * A data folder of its own that holds an empty database and no key file, as if the first start had been
 * interrupted there; disposing removes it.
 */
export async function freshFolder(): Promise<FreshDatabase & { readonly dataDir: string }> {
  folder ??= cached('folder', makeEmptyFolder);
  const dataDir = mkdtempSync(join(tmpdir(), 'gateway-test-'));
  cpSync(await folder, join(dataDir, 'database'), { recursive: true });
  return {
    dataDir,
    options: { dataDir, secretKeys: [generateSecretKey('test')] },
    // A process that is being ended may still write there.
    [Symbol.asyncDispose]: async () =>
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
  };
}

let image: Promise<Blob> | undefined;
let folder: Promise<string> | undefined;

/** Makes what embedded databases are copied from, unless an earlier run has. Takes seconds. */
export async function prepareEmptyDatabases(): Promise<void> {
  if (SERVER === undefined) await emptyImage();
  folder ??= cached('folder', makeEmptyFolder);
  await folder;
}

/** An initialised and empty database as PGlite dumps it. */
function emptyImage(): Promise<Blob> {
  image ??= cached('image.tar', makeEmptyImage).then((path) => new Blob([readFileSync(path)]));
  return image;
}

async function makeEmptyImage(path: string): Promise<void> {
  // Write-ahead log files of 1 MB instead of 16: less to load.
  const pglite = await PGlite.create({ dataDir: 'memory://', initDbStartParams: ['--wal-segsize=1'] });
  const dump = await pglite.dumpDataDir('none');
  await pglite.close();
  writeFileSync(path, new Uint8Array(await dump.arrayBuffer()));
}

async function makeEmptyFolder(path: string): Promise<void> {
  const pglite = await PGlite.create({ dataDir: path, loadDataDir: await emptyImage() });
  await pglite.close();
}

/**
 * Making a database takes seconds, loading or copying one a fraction: what `make` writes is kept from run
 * to run, for each version of PGlite and each user.
 */
async function cached(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const require = createRequire(import.meta.url);
  const manifest = join(require.resolve('@electric-sql/pglite'), '..', '..', 'package.json');
  const { version }: { version: string } = JSON.parse(readFileSync(manifest, 'utf8'));
  const path = join(tmpdir(), `gateway-test-pglite-${version}-${process.getuid?.() ?? 'user'}-${name}`);
  if (existsSync(path)) return path;
  const unfinished = `${path}.${randomBytes(4).toString('hex')}`;
  await make(unfinished);
  try {
    renameSync(unfinished, path);
  } catch (error) {
    // Another worker was faster.
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(path)) throw error;
  }
  return path;
}

/** Settings of a connector that leads nowhere, for tests of what is stored. */
export const CONNECTOR = {
  clientId: 'client',
  serviceUri: 'https://webexapis.com/v1',
  tokenEndpoint: 'https://webexapis.com/v1/access_token',
  authorizationEndpoint: 'https://webexapis.com/v1/authorize',
  scopes: [],
  maximumConnections: 10,
  connectionTimeout: 30,
};
