import { parseArgs } from 'node:util';
import { ApiKeys } from '../access/api-keys.ts';
import { hashKey, newKey } from '../access/key-format.ts';
import { Principal } from '../access/principal.ts';
import { formatGrant, type Grant, parseGrant } from '../access/scopes.ts';
import { loadConfig } from '../config.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { InvalidInput } from '../errors/request.ts';
import { StoreInUse } from '../errors/start.ts';
import { parseSecretKeys } from '../store/secrets/secrets.ts';
import { openStore, type Store } from '../store/store.ts';
import { createLogger } from '../telemetry/logger.ts';

// npm run key -- create|list|revoke|generate: for operators, on the gateway's own database.

const USAGE = `npm run key -- create NAME --scope SCOPE [--scope SCOPE@CONNECTOR …] [--days 90 | --never-expires]
npm run key -- list
npm run key -- revoke NAME
npm run key -- generate      a key for ADMIN_KEY_HASH; needs no database

Scopes: read, provision (includes read), configure, observe (metrics), admin (includes all).
SCOPE@CONNECTOR limits the scope to one connector.
`;

const MOST_DAYS = 36_500;
const OPERATOR = new Principal('OPEN', 'operator', [{ scope: 'admin', connectors: null }], null);
const print = (text: string) => process.stdout.write(`${text}\n`);

const { positionals, values } = readArguments();
const [command, name] = positionals;

try {
  await run();
} catch (error) {
  if (!(error instanceof GatewayError)) throw error;
  process.stderr.write(`${error.message}\n`);
  if (error instanceof StoreInUse) {
    process.stderr.write(
      'A running gateway creates, lists and revokes keys too: createApiKey, apiKeys and revokeApiKey.\n',
    );
  }
  process.exitCode = 1;
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        scope: { type: 'string', multiple: true, default: [] },
        days: { type: 'string', default: '90' },
        'never-expires': { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : ''}\n\n${USAGE}`);
    process.exit(1);
  }
}

async function run(): Promise<void> {
  if (command === 'generate') return generate();
  if (command === 'list') return withStore((keys) => list(keys));
  if (command === 'create' && name !== undefined)
    return withStore((keys, store) => create(keys, store, name));
  if (command === 'revoke' && name !== undefined) return withStore((keys) => revoke(keys, name));
  process.stderr.write(USAGE);
  process.exitCode = 1;
}

function generate(): void {
  const key = newKey();
  print(`The key, store it now:  ${key}`);
  print(`For the gateway:        ADMIN_KEY_HASH=${hashKey(key)}`);
}

async function list(keys: ApiKeys): Promise<void> {
  for (const key of await keys.list(OPERATOR)) {
    const end = key.revokedAt === null ? `expires ${key.expiresAt?.toISOString() ?? 'never'}` : 'revoked';
    const use = key.lastUsedAt === null ? 'never used' : `last used ${key.lastUsedAt.toISOString()}`;
    print([key.name, `${key.shown}…`, key.grants.map(formatGrant).join(' '), end, use, key.id].join('\t'));
  }
}

async function create(keys: ApiKeys, store: Store, keyName: string): Promise<void> {
  const days = Number(values.days);
  if (!(days > 0 && days <= MOST_DAYS))
    throw new InvalidInput('--days', `must be a number of days above 0, up to ${MOST_DAYS}.`);
  const grants = await Promise.all(values.scope.map((text) => readGrant(text, store)));
  const expiresAt = values['never-expires'] ? null : new Date(Date.now() + 86_400_000 * days);
  const { key, record } = await keys.create({ name: keyName, grants, expiresAt }, OPERATOR);
  print(key);
  process.stderr.write(`The key is shown only once, so store it now. Its id is ${record.id}.\n`);
}

/** Keys hold ids of connectors, so that they outlive a new name. */
async function readGrant(text: string, store: Store): Promise<Grant> {
  const grant = parseGrant(text);
  if (grant === undefined)
    throw new InvalidInput(
      '--scope',
      'must be read, provision, configure, observe or admin, with @CONNECTOR or not.',
    );
  const [named] = grant.connectors ?? [];
  if (named === undefined) return grant;
  const connector = await store.connectors.getByName(named);
  if (connector === null)
    throw new InvalidInput('--scope', `names a connector that does not exist: ${JSON.stringify(named)}.`);
  return { ...grant, connectors: [connector.id] };
}

async function revoke(keys: ApiKeys, keyName: string): Promise<void> {
  const key = (await keys.list(OPERATOR)).find((each) => each.name === keyName);
  if (key === undefined)
    throw new InvalidInput(
      'NAME',
      `is not a key: ${JSON.stringify(keyName)}. npm run key -- list shows all keys.`,
    );
  await keys.revoke(key.id, OPERATOR);
  print(`Revoked ${keyName}.`);
}

async function withStore(work: (keys: ApiKeys, store: Store) => Promise<void>): Promise<void> {
  const config = loadConfig(process.env);
  await using store = await openStore({
    databaseUrl: config.databaseUrl,
    dataDir: config.dataDir,
    secretKeys: config.secretKeys === undefined ? [] : parseSecretKeys(config.secretKeys),
    isCommand: true,
  });
  await work(new ApiKeys(store, createLogger('warn'), undefined), store);
}
