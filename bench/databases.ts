import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort, startProgram } from './processes.ts';

/** Holds all that the bench writes; gone when the bench is. */
const root = mkdtempSync(join(tmpdir(), 'webex-gateway-bench-'));

let template: Promise<string> | undefined;

/** An empty folder. */
export function emptyFolder(): Promise<string> {
  return mkdtemp(join(root, 'data-'));
}

/** The PostgreSQL server that gateways keep their data on; undefined for embedded databases. */
let server: string | undefined;

/** Lets gateways from now on keep their data in databases on a PostgreSQL server. */
export function useServer(url: string | undefined): void {
  server = url;
}

/** Whether gateways have a PostgreSQL server. */
export function hasServer(): boolean {
  return server !== undefined;
}

/** An empty database of one gateway; gone when it is disposed of. */
export interface FreshDatabase extends AsyncDisposable {
  /** What the gateway has to know about it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A database that holds nothing yet, so that no gateway has to make it first. */
export async function freshDatabase(): Promise<FreshDatabase> {
  return server === undefined ? freshFolder() : freshOnServer(server);
}

async function freshFolder(): Promise<FreshDatabase> {
  template ??= makeDatabase();
  const folder = await emptyFolder();
  await cp(await template, folder, { recursive: true });
  // All folders go together.
  return { environment: { DATA_DIR: folder }, [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function freshOnServer(address: string): Promise<FreshDatabase> {
  const name = `gateway_bench_${randomBytes(8).toString('hex')}`;
  const url = new URL(address);
  url.pathname = `/${name}`;
  await onServer(address, `create database ${name}`);
  return {
    environment: { DATABASE_URL: url.href, SECRET_KEYS: `bench:${randomBytes(32).toString('base64')}` },
    [Symbol.asyncDispose]: () => onServer(address, `drop database ${name} with (force)`),
  };
}

async function onServer(address: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: address });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/**
 * The environment of a gateway that listens at a port and says nothing; sandboxes are its only Webex.
 * @param database where it keeps its data
 */
export function gatewayEnvironment(
  port: number,
  database: FreshDatabase['environment'],
): Readonly<Record<string, string>> {
  return {
    ...database,
    PORT: String(port),
    LOG_LEVEL: 'silent',
    UPSTREAM_ORIGINS: 'http://127.0.0.1:*',
    ACCESS_CONTROL: 'off',
    // The bench is one caller, and asks for all that there is.
    RATE_LIMIT: '1000000000',
    CHANGE_RATE: '1000000000',
    CONCURRENT_OPERATIONS: '1000',
  };
}

/** Removes all folders. */
export function removeFolders(): void {
  rmSync(root, { recursive: true, force: true, maxRetries: 3 });
}

async function makeDatabase(): Promise<string> {
  const folder = await emptyFolder();
  await using _gateway = await startProgram('src/server.ts', {
    environment: gatewayEnvironment(await freePort(), { DATA_DIR: folder }),
  });
  return folder;
}
