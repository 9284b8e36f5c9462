import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InvalidConfiguration, SecretKeyMismatch } from '../../src/errors/start.ts';
import { openDatabase } from '../../src/store/database.ts';
import { rotateKeys } from '../../src/store/rotation/rotate-keys.ts';
import { placeOf, SEALED_COLUMNS } from '../../src/store/secrets/sealed-columns.ts';
import { createSealer, generateSecretKey, type SecretKey } from '../../src/store/secrets/secrets.ts';
import { openStore, type Store, type StoreOptions } from '../../src/store/store.ts';
import { CONNECTOR, type FreshDatabase, freshFolder, lastingDatabase } from '../databases.ts';

const KEYED = { caller: 'caller', key: 'key', place: 'place' };
const CANARY = 'canary-f3a91c';

let database: FreshDatabase;
let options: StoreOptions;
beforeEach(async () => {
  database = await lastingDatabase();
  options = database.options;
});
afterEach(() => database[Symbol.asyncDispose]());

async function withStore<T>(
  use: (store: Store) => Promise<T>,
  changed: Partial<StoreOptions> = {},
): Promise<T> {
  const store = await openStore({ ...options, ...changed });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** Runs one statement on the database itself, past the store. */
async function tamper<T>(statement: string): Promise<T[]> {
  const raw = await openDatabase(options);
  try {
    return (await sql.raw<T>(statement).execute(raw.db)).rows;
  } finally {
    await raw.close();
  }
}

/** A connector with a canary in each of its secrets. */
async function storeCanaries(store: Store, name = 'Example'): Promise<string> {
  const { id } = await store.connectors.create({
    name,
    ...CONNECTOR,
    clientSecret: `${CANARY}-client`,
  });
  const soon = new Date(Date.now() + 600_000);
  await store.grants.put({
    connectorId: id,
    accessToken: `${CANARY}-access`,
    accessTokenExpiresAt: soon,
    refreshToken: `${CANARY}-refresh`,
    refreshTokenExpiresAt: soon,
    scopes: [],
    organizationId: 'organization',
    grantedFor: 'client and servers',
    personId: null,
    connectedAt: new Date(),
  });
  await store.authorizationRequests.create({
    state: `${CANARY}-state-${name}`,
    connectorId: id,
    codeVerifier: `${CANARY}-verifier`,
    redirectUri: 'https://gateway.example.com/oauth/callback',
    scopes: [],
    expiresAt: soon,
  });
  return id;
}

async function expectCanaries(store: Store, id: string): Promise<void> {
  expect(await store.connectors.get(id)).toMatchObject({ clientSecret: `${CANARY}-client` });
  expect(await store.grants.get(id)).toMatchObject({
    accessToken: `${CANARY}-access`,
    refreshToken: `${CANARY}-refresh`,
  });
}

const TABLES = ['connectors', 'grants', 'authorization_requests', 'idempotency_keys', 'store_meta'];
async function dump(): Promise<string> {
  const rows = TABLES.map((table) => `select row_to_json(t)::text as row from ${table} t`);
  return JSON.stringify(await tamper(`${rows.join(' union all ')} order by 1`));
}

describe('secrets at rest', () => {
  test('are in no column of any table', async () => {
    const id = await withStore(storeCanaries);
    const stored = await dump();
    expect(stored).toContain(id);
    expect(stored.split('v1.test.').length - 1).toBe(5);
    expect(stored).not.toContain(CANARY);
    await withStore((store) => expectCanaries(store, id));
  });

  test('are in no file of a data folder', async () => {
    await using folder = await freshFolder();
    await withStore((store) => storeCanaries(store, 'findable-name'), {
      ...folder.options,
      databaseUrl: undefined,
    });
    const files = readdirSync(folder.dataDir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
    expect(files.some((content) => content.includes('findable-name'))).toBe(true);
    expect(files.some((content) => content.includes(CANARY))).toBe(false);
  });

  test('open neither in another row nor in another column', async () => {
    const [from, to] = await withStore(
      async (store) => [await storeCanaries(store, 'From'), await storeCanaries(store, 'To')] as const,
    );
    await tamper(
      `update connectors set client_secret = (select client_secret from connectors where id = '${from}') where id = '${to}'`,
    );
    await tamper(`update grants set refresh_token = access_token where connector_id = '${to}'`);
    await withStore(async (store) => {
      await expect(store.connectors.get(to)).rejects.toThrow(SecretKeyMismatch);
      await expect(store.grants.get(to)).rejects.toThrow(SecretKeyMismatch);
      await expectCanaries(store, from);
    });
  });
});

describe('the key', () => {
  test('is refused when it is another one, and nothing is changed', async () => {
    const id = await withStore(storeCanaries);
    const before = await dump();
    for (const keyId of ['other', 'test']) {
      const secretKeys = [generateSecretKey(keyId)];
      await expect(openStore({ ...options, secretKeys }), keyId).rejects.toThrow(SecretKeyMismatch);
    }
    expect(await dump()).toBe(before);
    await withStore((store) => expectCanaries(store, id));
  });

  test('is checked even when nothing is stored yet', async () => {
    await withStore((store) => store.ping());
    await expect(openStore({ ...options, secretKeys: [generateSecretKey('other')] })).rejects.toThrow(
      /"test".*"other"/,
    );
  });

  test('can be exchanged: the old one is needed once more, then no longer', async () => {
    const id = await withStore(storeCanaries);
    const next = generateSecretKey('next');
    // Among several gateways every one of them knows it first.
    if (options.databaseUrl !== undefined) {
      await withStore((store) => store.ping(), { secretKeys: [...options.secretKeys, next] });
    }
    const both = { ...options, secretKeys: [next, ...options.secretKeys] };
    await withStore((store) => expectCanaries(store, id), both);
    // The start of the only gateway that there can be does it as well.
    if (options.databaseUrl !== undefined) expect(await rotateKeys(both, 0)).toMatchObject({ isDone: true });
    const stored = await dump();
    expect(stored).not.toMatch(/"(client_secret|access_token|refresh_token|code_verifier)\\*":\\*"v1\.test/);
    await withStore((store) => expectCanaries(store, id), { secretKeys: [next] });
    await expect(openStore(options)).rejects.toThrow(SecretKeyMismatch);
  });

  test('is exchanged by no command that opens the store, and by no gateway beside others', async () => {
    const id = await withStore(storeCanaries);
    const before = await dump();
    const secretKeys = [generateSecretKey('stray'), ...options.secretKeys];
    await withStore((store) => expectCanaries(store, id), { secretKeys, isCommand: true });
    expect(await dump()).toBe(before);
    await withStore((store) => expectCanaries(store, id));
    if (options.databaseUrl === undefined) return;
    await withStore((store) => store.ping(), { secretKeys: secretKeys.toReversed() });
    await withStore((store) => expectCanaries(store, id), { secretKeys });
    expect((await dump()).match(/v1\.test\./g)).toEqual(before.match(/v1\.test\./g));
    await withStore((store) => expectCanaries(store, id));
  });

  test('that is to seal one day is the same for everybody from the first time that it is given', async () => {
    const next = generateSecretKey('next');
    const id = await withStore(storeCanaries, { secretKeys: [...options.secretKeys, next] });
    const before = await dump();
    const given = (key: SecretKey) => ({ secretKeys: [...options.secretKeys, key] });
    const opening = openStore({ ...options, ...given(generateSecretKey('next')) });
    await expect(opening).rejects.toThrow(SecretKeyMismatch);
    await expect(opening).rejects.toThrow(/^The key "next" is not the one .* choose another id/);
    expect(await dump()).toBe(before);
    await withStore((store) => expectCanaries(store, id), given(next));
    // Where it was the first one that was wrong.
    await withStore((store) => expectCanaries(store, id), given(generateSecretKey('other')));
  });

  test('is missed when it is removed while something is sealed with it', async () => {
    const id = await withStore(storeCanaries);
    const [next, test] = [generateSecretKey('next'), ...options.secretKeys];
    if (test === undefined) throw new Error('a fresh database has a key');
    // The order of a rollout: every process learns the new key before one seals with it.
    await withStore((store) => expectCanaries(store, id), { secretKeys: [test, next] });
    await expect(openStore({ ...options, secretKeys: [next] })).rejects.toThrow(/"test"/);
    await withStore((store) => expectCanaries(store, id));
  });
});

test('a key that is missing or wrong stops the start, whichever column it has sealed a single value of', async () => {
  await withStore(async (store) => {
    await storeCanaries(store);
    await store.idempotencyKeys.claim({ ...KEYED, requestHash: 'hash', auditEventId: randomUUID() });
    const file = await store.sync.files.begin({ name: 'people.csv', format: 'CSV', uploadedBy: 'a caller' });
    await store.sync.files.append(file, 0, Buffer.from('id\n1\n'));
  });
  // Each column's value is sealed with a key of its own, so that each is missed in its turn.
  const places = SEALED_COLUMNS.map((place, index) => ({ ...place, own: generateSecretKey(`own-${index}`) }));
  const raw = await openDatabase(options);
  for (const { table, key, column, own } of places) {
    const { rows } = await sql
      .raw<{ key: string }>(`select ${key}::text as key from ${table}`)
      .execute(raw.db);
    const sealed = createSealer([own]).seal('secret', placeOf(table, rows[0]?.key ?? '', column));
    await sql.raw(`update ${table} set ${column} = '${sealed}'`).execute(raw.db);
  }
  await raw.close();
  const before = await dump();
  const given = [...options.secretKeys];
  for (const { table, column, own } of places) {
    const opening = openStore({ ...options, secretKeys: given });
    await expect(opening, column).rejects.toThrow(SecretKeyMismatch);
    await expect(opening, column).rejects.toThrow(
      `1 of the values in ${table}.${column} are sealed with the key "${own.id}", but the keys given are`,
    );
    await expect(opening, column).rejects.toThrow('Give that key as well, after the new one in SECRET_KEYS');
    given.push(own);
  }
  expect(await dump()).toBe(before);
  await withStore((store) => store.ping(), { secretKeys: given });
  const [sealing, first, ...others] = given;
  if (sealing === undefined || first === undefined) throw new Error('there is a key for each column');
  // The right id with another key does not do.
  const wrong = openStore({ ...options, secretKeys: [sealing, generateSecretKey(first.id), ...others] });
  await expect(wrong).rejects.toThrow(SecretKeyMismatch);
  await expect(wrong).rejects.toThrow(/"own-0"/);
  if (options.databaseUrl !== undefined) await rotateKeys({ ...options, secretKeys: given }, 0);
  await withStore((store) => store.ping());
});

test('PostgreSQL without SECRET_KEYS is refused before a connection is made', async () => {
  const unreachable = 'postgres://user:password@127.0.0.1:1/gateway';
  const opening = openStore({ databaseUrl: unreachable, dataDir: 'unused', secretKeys: [] });
  await expect(opening).rejects.toThrow(InvalidConfiguration);
  await expect(opening).rejects.toMatchObject({ variable: 'SECRET_KEYS' });
  await expect(opening).rejects.toThrow(
    /openssl rand -base64 32.*used before needs the key that was used then/,
  );
});

describe('the key file of a data folder', () => {
  let folder: Awaited<ReturnType<typeof freshFolder>>;
  let embedded: StoreOptions;
  let keyFile: string;
  beforeEach(async () => {
    folder = await freshFolder();
    embedded = { dataDir: folder.dataDir, secretKeys: [] };
    keyFile = join(embedded.dataDir, 'secret.key');
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  test('is made on the first start, kept, and missed when it is gone', async () => {
    const first = await openStore(embedded);
    const id = await storeCanaries(first);
    await first.close();
    const content = readFileSync(keyFile, 'utf8');
    const second = await openStore(embedded);
    await expectCanaries(second, id);
    await second.close();
    expect(readFileSync(keyFile, 'utf8')).toBe(content);
    // As kill -9 leaves it while a key file is written.
    writeFileSync(`${keyFile}.unfinished`, content);
    await (await openStore(embedded)).close();
    expect(existsSync(`${keyFile}.unfinished`)).toBe(false);

    renameSync(keyFile, `${keyFile}.away`);
    await expect(openStore(embedded)).rejects.toThrow(SecretKeyMismatch);
    await expect(openStore(embedded)).rejects.toThrow(keyFile);
    expect(existsSync(keyFile)).toBe(false);

    writeFileSync(keyFile, content.slice(0, 20));
    await expect(openStore(embedded)).rejects.toThrow(/cannot be read or does not hold a key/);

    renameSync(`${keyFile}.away`, keyFile);
    const third = await openStore(embedded);
    await expectCanaries(third, id);
    await third.close();
  });

  test('opens what it sealed when SECRET_KEYS take its place, and can be removed then', async () => {
    const first = await openStore(embedded);
    const id = await storeCanaries(first);
    await first.close();
    const configured = { ...embedded, secretKeys: [generateSecretKey('configured')] };
    const second = await openStore(configured);
    await expectCanaries(second, id);
    await second.close();
    rmSync(keyFile);
    const third = await openStore(configured);
    await expectCanaries(third, id);
    await third.close();
    expect(existsSync(keyFile)).toBe(false);
  });
});
