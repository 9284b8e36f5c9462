import { afterAll } from 'vitest';
import { openStore, type Store } from '../src/store/store.ts';
import { type FreshDatabase, freshDatabase } from './databases.ts';

interface OpenStore {
  readonly database: FreshDatabase;
  readonly store: Store;
}

interface BorrowedStore {
  readonly store: Store;
  /** Undefined if it is embedded. */
  readonly databaseUrl: string | undefined;
}

/** Opening a database takes longer than most tests; one that is empty again serves the next. */
let spare: OpenStore | undefined;

/** An open store with nothing in it; disposing of it empties it for the next test. */
export async function borrowStore(): Promise<BorrowedStore & AsyncDisposable> {
  const open = spare ?? (await openFresh());
  spare = undefined;
  const { databaseUrl } = open.database.options;
  return { store: open.store, databaseUrl, [Symbol.asyncDispose]: () => giveBack(open) };
}

async function openFresh(): Promise<OpenStore> {
  const database = await freshDatabase();
  return { database, store: await openStore(database.options) };
}

async function giveBack(open: OpenStore): Promise<void> {
  if (spare !== undefined || !(await empty(open.store))) return close(open);
  spare = open;
}

/** False if the test has closed the store. */
async function empty(store: Store): Promise<boolean> {
  try {
    await store.auditEvents.forgetOlderThan(0);
    // Each test makes its own keys. Everything else in the database belongs to a connector, and goes with it.
    for (const { id } of await store.apiKeys.list()) await store.apiKeys.revoke(id);
    for (const connector of await store.connectors.list()) await store.connectors.delete(connector.id);
    return true;
  } catch {
    return false;
  }
}

async function close(open: OpenStore): Promise<void> {
  await open.store.close();
  await open.database[Symbol.asyncDispose]();
}

afterAll(async () => {
  if (spare !== undefined) await close(spare);
  spare = undefined;
});
