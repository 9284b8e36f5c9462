import { randomUUID } from 'node:crypto';
import { HttpClient } from '../src/datasources/http/client.ts';
import { type OpenConnection, WebexConnection } from '../src/datasources/webex/connection.ts';
import { WEBEX } from '../src/datasources/webex/traits.ts';
import { NotConnected } from '../src/errors/connection.ts';
import { type Fault, type Sandbox, type SandboxOptions, startSandbox } from '../src/sandbox/index.ts';
import { type Database, openDatabase } from '../src/store/database.ts';
import { migrateToLatest } from '../src/store/migrate.ts';
import { createStagingRepository, type StagingRepository } from '../src/store/sync/staging.ts';
import type { MappingOutline, Policy } from '../src/sync/words.ts';
import { freshDatabase } from './databases.ts';
import { localDestinations } from './local-upstream.ts';

const TOKEN = 'test-token';
const TOKENS = {
  obtain: async () => TOKEN,
  newest: () => TOKEN,
  renew: async () => TOKEN,
  accepted: () => undefined,
  isRenewable: true,
};

/** An organization of the sandbox and a database with staging tables, without a gateway around them. */
export interface ObservedWorld extends AsyncDisposable {
  readonly webex: Sandbox;
  readonly database: Database;
  readonly staging: StagingRepository;
  /** The organization as a new connection sees it, which knows nothing yet. */
  open(scopes?: readonly string[]): OpenConnection;
}

/** Starts it; `await using` ends it. */
export async function startObservedWorld(sandbox: SandboxOptions): Promise<ObservedWorld> {
  const resources = new AsyncDisposableStack();
  const webex = resources.use(await startSandbox({ token: TOKEN, ...sandbox }));
  const fresh = resources.use(await freshDatabase());
  const database = await openDatabase(fresh.options);
  resources.defer(() => database.close());
  await migrateToLatest(database.db, database.location);
  const http = new HttpClient({ maximumConnections: 10, connectionTimeout: 5 }, localDestinations(), WEBEX);
  resources.defer(() => http.destroy(new NotConnected('test')));
  return {
    ...{ webex, database, staging: createStagingRepository(database.db, database.kind) },
    open(scopes = []) {
      const settings = { serviceUri: webex.serviceUri, organizationId: null, readOnly: false };
      const connection = new WebexConnection(http, TOKENS, settings, 0, () => undefined);
      const organizationId = webex.org.id;
      const access = { connectorId: 'c', organizationId, scopes, personId: 'me', cursorKey: 'k' };
      return connection.open(access, { lane: 'background' });
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const POLICY: Policy = {
  mode: 'FULL',
  scope: { domains: [], groups: [] },
  situations: {
    UNQUALIFIED: { action: 'REPORT' },
    CONFIRMED: { action: 'UPDATE' },
    FOUND: { action: 'UPDATE' },
    MISSING: { action: 'REPORT' },
    ABSENT: { action: 'CREATE' },
    SOURCE_MISSING: { action: 'REPORT' },
    UNASSIGNED: { action: 'NONE' },
  },
  protect: { emails: [], groups: [], roles: [] },
  limits: {
    ...{ DELETE: {}, DISABLE: {}, REMOVE_LICENSES: {}, REMOVE_MEMBERS: {}, EMPTY_GROUP: {}, RENAME: {} },
    ...{ UPDATE: {}, CREATE: {}, ROLES: {}, RELINK: {}, SOURCE_SHRUNK: {}, INVALID_RECORDS: {} },
  },
  ownLimits: [],
};

/** A mapping's outline: titles by default, without groups, licenses and roles. */
export function outlineOf(
  changes: Partial<Omit<MappingOutline, 'policy'>> & { readonly policy?: Partial<Policy> } = {},
): MappingOutline {
  return {
    name: 'staff',
    source: { kind: 'FILE', key: 'id' },
    correlate: ['LINK', 'EMAIL'],
    fields: ['displayName', 'title'],
    hasManager: false,
    licenses: { mode: 'IGNORE', managed: [] },
    roles: { mode: 'IGNORE', managed: [] },
    groups: { mode: 'IGNORE', managed: { names: [] }, create: false },
    ...changes,
    policy: { ...POLICY, ...changes.policy },
  };
}

/** The id of a user whom Webex does not know. */
export function idLike(id: string): string {
  const uri = Buffer.from(id, 'base64').toString('utf8');
  return Buffer.from(uri.replace(/[^/]+$/, randomUUID()), 'utf8').toString('base64url');
}

/** A fault that changes the true body of an answer. */
export function altered(alter: (body: Record<string, unknown>) => void): Fault {
  return { kind: 'altered', alter };
}

/** A fault that changes the people on a page. */
export function alteredPeople(alter: (items: Record<string, unknown>[]) => void): Fault {
  return altered((body) => {
    if (Array.isArray(body.items)) alter(body.items);
  });
}
