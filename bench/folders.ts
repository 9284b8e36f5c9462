import { mkdtempSync, rmSync } from 'node:fs';
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startProgram } from './processes.ts';

/** Holds all that the bench writes; gone when the bench is. */
const root = mkdtempSync(join(tmpdir(), 'webex-gateway-bench-'));

let template: Promise<string> | undefined;

/** An empty folder. */
export function emptyFolder(): Promise<string> {
  return mkdtemp(join(root, 'data-'));
}

/** A folder with an embedded database that holds nothing yet, so that no gateway has to make it first. */
export async function databaseFolder(): Promise<string> {
  template ??= makeDatabase();
  const folder = await emptyFolder();
  await cp(await template, folder, { recursive: true });
  return folder;
}

/** The environment of a gateway that listens at a port, keeps its data in a folder and says nothing; sandboxes are its only Webex. */
export function gatewayEnvironment(port: number, folder: string): Readonly<Record<string, string>> {
  return {
    PORT: String(port),
    DATA_DIR: folder,
    LOG_LEVEL: 'silent',
    UPSTREAM_ORIGINS: 'http://127.0.0.1:*',
    ACCESS_CONTROL: 'off',
    // The bench is one caller, and asks for all that there is.
    RATE_LIMIT: '1000000000',
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
    environment: gatewayEnvironment(await freePort(), folder),
  });
  return folder;
}
