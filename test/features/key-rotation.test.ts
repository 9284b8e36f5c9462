import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SecretKeyMismatch } from '../../src/errors/start.ts';
import { openDatabase } from '../../src/store/database.ts';
import { countSealed } from '../../src/store/rotation/reseal.ts';
import { rotateKeys } from '../../src/store/rotation/rotate-keys.ts';
import type { KeyOptions } from '../../src/store/secrets/keys.ts';
import { SEALED_COLUMNS } from '../../src/store/secrets/sealed-columns.ts';
import { formatSecretKey, generateSecretKey, type SecretKey } from '../../src/store/secrets/secrets.ts';
import { openStore, type Store, type StoreOptions } from '../../src/store/store.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { type Configured, documentOf } from '../configuration.ts';
import { CONNECTOR, freshDatabase, freshFolder, lastingDatabase } from '../databases.ts';
import { kill, type Running, startProgram } from '../processes.ts';
import { upload } from '../sync-plans.ts';
import { startWorld, type World } from '../world.ts';

const SERVER = process.env.TEST_DATABASE_URL;
const FILE = 'id,mail\n1,kept@acme.example\n';
const PROXY = 'http://user:password@proxy.example.com:3128/';

const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => kill(each)));
});

/** Starts `npm run rotate-keys` as an operator does, with the variables of the gateway. */
function startRotation({ databaseUrl, dataDir, secretKeys }: KeyOptions): Running {
  const command = startProgram('cli/rotate-keys.ts', {
    DATA_DIR: dataDir,
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    ...(secretKeys.length > 0 && { SECRET_KEYS: secretKeys.map(formatSecretKey).join(',') }),
  });
  running.push(command);
  return command;
}

/** Which keys the values of each column are sealed with. */
async function keysInUse(options: StoreOptions): Promise<Record<string, (string | null)[]>> {
  const database = await openDatabase(options);
  try {
    const inUse: Record<string, (string | null)[]> = {};
    for (const { table, column, keyId } of await countSealed(database.db)) {
      inUse[`${table}.${column}`] = [...(inUse[`${table}.${column}`] ?? []), keyId];
    }
    return inUse;
  } finally {
    await database.close();
  }
}

const everyColumn = (keyId: string) =>
  Object.fromEntries(SEALED_COLUMNS.map(({ table, column }) => [`${table}.${column}`, [keyId]]));

const CREATE = `mutation ($input: CreateUserInput!) {
  createUser(input: $input) { user { emails } error { code message } }
}`;

/** Creates a user; the answer is kept, sealed, for later requests with the same key. */
function createUser(world: World, email: string) {
  const variables = {
    input: { connector: world.connectorId, user: { emails: [email], displayName: email } },
  };
  return world.query<{ createUser: { user: { emails: string[] } | null } }>(CREATE, variables, {
    headers: { 'content-type': 'application/json', 'idempotency-key': email },
  });
}

/** A world with a value in every sealed column, and what can be seen of them afterwards. */
interface FullWorld extends World {
  readonly proxiedId: string;
  readonly fileId: string;
}

async function startFullWorld(store: Store): Promise<FullWorld> {
  const world = await startWorld({ store });
  const { id: proxiedId } = await store.connectors.create({
    name: 'proxied',
    ...CONNECTOR,
    scopes: ['spark-admin:people_read'],
    clientSecret: 'first secret',
    proxyUrl: PROXY,
  });
  await store.authorizationRequests.create({
    state: 'pending',
    connectorId: proxiedId,
    codeVerifier: 'verifier',
    redirectUri: 'https://gateway.example.com/oauth/callback',
    scopes: [],
    expiresAt: new Date(Date.now() + 600_000),
  });
  await createUser(world, `kept@${world.webex.org.domain}`);
  return { ...world, proxiedId, fileId: await upload(world, FILE) };
}

/** Sees that everything opens, as a gateway that was started again on this store. */
async function expectEverything(store: Store, world: FullWorld, secret: string) {
  expect(await store.connectors.get(world.proxiedId)).toMatchObject({
    clientSecret: secret,
    proxyUrl: PROXY,
  });
  expect(await store.authorizationRequests.take('pending', new Date())).toMatchObject({
    kind: 'taken',
    request: { codeVerifier: 'verifier' },
  });
  const before = world.webex.people.length;
  const again = await world.restart({ store });
  try {
    const email = `kept@${world.webex.org.domain}`;
    expect((await createUser(again, email)).data?.createUser).toMatchObject({
      user: { emails: [email] },
      error: null,
    });
    expect(world.webex.people.length).toBe(before);
    const file = await again.gateway.fetch(
      new Request(`http://gateway.test/sync/files/${world.fileId}`, { headers: world.administrator }),
    );
    expect(await file.text()).toBe(FILE);
    world.webex.expireAccessTokens();
    await again.ask('{ connector(name: "acme") { roles { name } } }');
  } finally {
    await again[Symbol.asyncDispose]();
  }
}

const keyed = (number: number) => ({ caller: 'caller', key: `key ${number}`, place: 'place' });
const claim = (number: number) => ({ ...keyed(number), requestHash: 'hash', auditEventId: randomUUID() });

async function storeAnswers(store: Store, count: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    await store.idempotencyKeys.claim(claim(number));
    await store.idempotencyKeys.finish(keyed(number), `answer ${number}`);
  }
}

async function expectAnswers(store: Store, count: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    const found = await store.idempotencyKeys.claim(claim(number));
    expect(found).toMatchObject({ kind: 'answered', answer: `answer ${number}` });
  }
}

/** Reads, changes and renews tokens until `work` is done; tells what failed, and the last secret that was stored. */
async function underLoad<T>(world: World, work: () => Promise<T>) {
  const failures: unknown[] = [];
  let isDone = false;
  let round = 0;
  let reads = 0;
  let secret = 'first secret';
  const { connector } = await world.ask<{ connector: { id: string } }>(
    '{ connector(name: "proxied") { id } }',
  );
  const note = ({ errors }: { errors?: readonly unknown[] }) => failures.push(...(errors ?? []));
  const load = [
    async () => note(await world.query('{ connector(name: "acme") { users(first: 2) { nodes { id } } } }')),
    async () => {
      // Not again before everybody has had a request with the new token: one refused twice ends the connection.
      if (reads++ % 20 === 0) world.webex.expireAccessTokens();
      note(await world.query('{ connector(name: "acme") { groups(first: 2) { nodes { id } } } }'));
    },
    async () => note(await createUser(world, `load.${round++}@${world.webex.org.domain}`)),
    async () => {
      const next = `secret ${round++}`;
      const answer = await world.query<{ updateConnector: Configured }>(documentOf('updateConnector'), {
        input: { id: connector.id, clientSecret: next },
      });
      note(answer);
      if (answer.data?.updateConnector.error === null) secret = next;
      else failures.push(answer.data);
    },
  ].map(async (step) => {
    while (!isDone) {
      await step();
      await sleep(5);
    }
  });
  try {
    return { result: await work(), failures, lastSecret: () => secret };
  } finally {
    isDone = true;
    await Promise.all(load);
  }
}

describe.runIf(SERVER)('on PostgreSQL, which several gateways share, npm run rotate-keys', () => {
  it('waits for the last gateway with the old key, then seals everything again while the others serve', async () => {
    await using database = await freshDatabase();
    const [old, next] = [generateSecretKey('old'), generateSecretKey('next')];
    const knowing = (...secretKeys: SecretKey[]) => ({ ...database.options, secretKeys });
    await using ahead = await openStore(knowing(next, old));
    const behind = await openStore(knowing(old, next));
    await using world = await startFullWorld(behind);
    expect(await keysInUse(database.options)).toEqual(everyColumn('old'));

    const early = await startRotation(knowing(next, old)).ended;
    expect(early).toMatchObject({ code: 1, stderr: '' });
    expect(early.stdout).toMatch(
      /^Nothing was done: a gateway still seals with the key "old".*Put "next" first.*run this again\.\n$/,
    );
    expect(await keysInUse(database.options)).toEqual(everyColumn('old'));
    await world.gateway.close();
    await behind.close();

    const other = await world.restart({ store: ahead });
    const load = await underLoad(other, () => startRotation(knowing(next, old)).ended);
    await other[Symbol.asyncDispose]();
    expect(load.failures).toEqual([]);
    expect(load.result).toMatchObject({ code: 0, stderr: '' });
    expect(load.result.stdout).toMatch(/^Before: .*connectors \d.* with "old"/);
    expect(load.result.stdout).toMatch(
      /Left with another key: nothing\.\nDone: everything is sealed with "next"\. Take "old" out of SECRET_KEYS now/,
    );
    expect(await keysInUse(database.options)).toEqual(everyColumn('next'));
    await ahead.close();
    await using last = await openStore(knowing(next));
    await expectEverything(last, world, load.lastSecret());
    const once = await rotateKeys(knowing(next), 0);
    expect(once).toMatchObject({
      isDone: true,
      lines: expect.arrayContaining(['Re-sealed with "next": nothing.']),
    });
    // The old key alone is nothing that this database knows.
    await expect(openStore(knowing(old))).rejects.toThrow(/sealed with the key "next"/);
  }, 240_000);

  it('does nothing beside a gateway that does not say which key it seals with, or one of the same beginning', async () => {
    await using database = await freshDatabase();
    const ids = ['1', '2'].map((end) => 'k'.repeat(63) + end);
    const [old = generateSecretKey(''), next = old] = ids.map((id) => generateSecretKey(id));
    const store = await openStore({ ...database.options, secretKeys: [old, next] });
    const rotation = { ...database.options, secretKeys: [next, old] };
    expect(await rotateKeys(rotation, 0)).toEqual({
      isDone: false,
      lines: [expect.stringMatching(/^Nothing was done: a gateway still seals with the key "kkk/)],
    });
    await store.close();
    const connectionString = database.options.databaseUrl;
    const watcher = new Client({ connectionString });
    await watcher.connect();
    const rotating = rotateKeys(rotation, 3_000);
    // It has looked once and found nobody. A gateway that has lost its connections opens them again; older ones call them so.
    const looked = `select 1 from pg_stat_activity where datname = current_database()
      and application_name = 'webex-gateway-command' and state = 'idle' and query like '%starts_with%'`;
    await expect.poll(async () => (await watcher.query(looked)).rowCount, { interval: 10 }).toBe(1);
    const late = new Client({ connectionString, application_name: 'webex-gateway' });
    await late.connect();
    expect(await rotating).toEqual({
      isDone: false,
      lines: [expect.stringMatching(/^Nothing was done: a gateway still seals with an unknown key/)],
    });
    await Promise.all([late.end(), watcher.end()]);
    await expect.poll(() => rotateKeys(rotation, 0)).toMatchObject({ isDone: true });
  });
});

describe('in a data folder, npm run rotate-keys', () => {
  let folder: Awaited<ReturnType<typeof freshFolder>>;
  let options: StoreOptions;
  let keyFile: string;
  beforeEach(async () => {
    folder = await freshFolder();
    options = { dataDir: folder.dataDir, secretKeys: [] };
    keyFile = join(folder.dataDir, 'secret.key');
  });
  afterEach(() => folder[Symbol.asyncDispose]());
  const idsInFile = () =>
    [...readFileSync(keyFile, 'utf8').matchAll(/(?:^|,)([\w-]+):/g)].map(([, id]) => id);

  it('has the gateway that serves it make a new key and seal everything again, under load', async () => {
    const lines: string[] = [];
    const store = await openStore({ ...options, log: createLogger('info', (line) => lines.push(line)) });
    await using world = await startFullWorld(store);
    const [old = ''] = idsInFile();
    const before = readFileSync(keyFile);
    const load = await underLoad(world, () => startRotation(options).ended);
    expect(load.failures).toEqual([]);
    expect(load.result).toMatchObject({ code: 0, stderr: '' });
    expect(load.result.stdout).toMatch(new RegExp(`^Before: .* with "${old}"`));
    const [next = '', ...rest] = idsInFile();
    expect(rest).toEqual([]);
    expect(next).not.toBe(old);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(load.result.stdout).toContain(`Done: everything is sealed with "${next}"`);
    const told = lines
      .map((line): object => JSON.parse(line))
      .find((line) => 'msg' in line && line.msg === 'the key file was rotated');
    expect(told).toMatchObject({
      keyId: next,
      sealedAnew: expect.any(Number),
      report: expect.arrayContaining([expect.stringMatching(/^Before: .*connectors/)]),
    });
    expect(lines.join() + load.result.stdout).not.toContain(before.toString().trim().split(':')[1]);
    // What it stores from here on is sealed with the new key as well.
    await createUser(world, `late@${world.webex.org.domain}`);
    await world.gateway.close();
    await store.close();
    expect(await keysInUse(options)).toEqual(everyColumn(next));
    await using again = await openStore(options);
    await expectEverything(again, world, load.lastSecret());
  });

  it('does it itself where no gateway serves, and goes on where it was killed', async () => {
    const store = await openStore(options);
    await using world = await startFullWorld(store);
    await storeAnswers(store, 100);
    await world.gateway.close();
    await store.close();
    const [old = ''] = idsInFile();
    const killed = startRotation(options);
    const isUnderWay = () => idsInFile().length === 2 || killed.child.exitCode !== null;
    await expect.poll(isUnderWay, { interval: 1, timeout: 20_000 }).toBe(true);
    await kill(killed);
    const [begun] = idsInFile();
    expect(begun).not.toBe(old);
    const second = await startRotation(options).ended;
    expect(second).toMatchObject({ code: 0, stderr: '' });
    const [next = '', ...rest] = idsInFile();
    expect(rest).toEqual([]);
    expect(await keysInUse(options)).toEqual(everyColumn(next));
    await using again = await openStore(options);
    await expectAnswers(again, 100);
    await expectEverything(again, world, 'first secret');
  });

  it('seals with the first of SECRET_KEYS where they are given, but for a gateway that serves', async () => {
    const [old, next] = [generateSecretKey('old'), generateSecretKey('next')];
    const configured = { ...options, secretKeys: [next, old] };
    const store = await openStore({ ...options, secretKeys: [old] });
    await using world = await startFullWorld(store);
    const told = await Promise.all([rotateKeys(configured), expectRefusal(rotateKeys(configured))]);
    expect(told[0]).toEqual({
      isDone: false,
      lines: [expect.stringMatching(/^Nothing was done: .*restart/)],
    });
    // Without SECRET_KEYS it asks the gateway, which has them.
    expect(await rotateKeys(options)).toEqual(told[0]);
    await world.gateway.close();
    await store.close();
    expect(await rotateKeys(configured)).toMatchObject({
      isDone: true,
      lines: expect.arrayContaining([expect.stringMatching(/^Done: .* Take "old" out of SECRET_KEYS now/)]),
    });
    expect(await keysInUse(options)).toEqual(everyColumn('next'));
    await using again = await openStore({ ...options, secretKeys: [next] });
    await expectEverything(again, world, 'first secret');
  });

  it('is refused, and changes nothing, where the keys are not there or not those in use', async () => {
    const log: string[] = [];
    const store = await openStore({ ...options, log: createLogger('info', (line) => log.push(line)) });
    await using world = await startFullWorld(store);
    const [id = ''] = idsInFile();
    const content = readFileSync(keyFile, 'utf8');
    rmSync(keyFile);
    expect((await rotateKeys(options)).lines).toEqual([
      expect.stringMatching(/secret\.key is gone\. Put it back/),
    ]);
    const foreign = `${formatSecretKey(generateSecretKey('foreign'))}\n`;
    writeFileSync(keyFile, foreign);
    expect((await rotateKeys(options)).lines).toEqual([expect.stringContaining(`the key "${id}", but`)]);
    expect(log.map((line): object => JSON.parse(line))).toMatchObject([
      { msg: 'the key file could not be rotated', error: { message: expect.stringContaining('is gone') } },
      { msg: 'the key file could not be rotated', error: { name: 'SecretKeyMismatch' } },
    ]);
    await world.gateway.close();
    await store.close();
    await expect(rotateKeys(options)).rejects.toThrow(SecretKeyMismatch);
    expect(readFileSync(keyFile, 'utf8')).toBe(foreign);
    writeFileSync(keyFile, content);
    expect(await keysInUse(options)).toEqual(everyColumn(id));
    await using elsewhere = await freshFolder();
    rmSync(join(elsewhere.dataDir, 'database'), { recursive: true });
    await expect(rotateKeys({ ...options, dataDir: elsewhere.dataDir })).rejects.toThrow(
      /^DATA_DIR is .*, and there is no database in it/,
    );
    expect(readdirSync(elsewhere.dataDir)).toEqual([]);
  });

  it('is not locked out by what a process that is gone has left', async () => {
    await using store = await openStore(options);
    await store.ping();
    const [old] = idsInFile();
    writeFileSync(join(folder.dataDir, 'key-rotation'), 'begun\n7\n');
    expect(await rotateKeys(options)).toMatchObject({ isDone: true });
    expect(idsInFile()).not.toEqual([old]);
  });

  it('finishes with the next start what a gateway has begun', async () => {
    const store = await openStore(options);
    await using world = await startFullWorld(store);
    await world.gateway.close();
    await store.close();
    const [old] = idsInFile();
    // As kill -9 leaves it, when the new key was on disk and nothing was sealed with it.
    writeFileSync(keyFile, `${formatSecretKey(generateSecretKey('next'))},${readFileSync(keyFile, 'utf8')}`);
    expect(idsInFile()).toEqual(['next', old]);
    const log: string[] = [];
    const again = await openStore({ ...options, log: createLogger('info', (line) => log.push(line)) });
    await expectEverything(again, world, 'first secret');
    await again.close();
    expect(idsInFile()).toEqual(['next']);
    expect(await keysInUse(options)).toEqual(everyColumn('next'));
    expect(log.join()).toContain('values sealed with an older key were re-sealed');
  });
});

async function expectRefusal(rotation: Promise<unknown>): Promise<void> {
  await expect(rotation).rejects.toThrow(/^Another npm run rotate-keys is at work/);
}

it('a stored secret that does not open fails every use, is logged by its place, and stays as it is', async () => {
  await using database = await lastingDatabase();
  const store = await openStore(database.options);
  await using world = await startFullWorld(store);
  await world.gateway.close();
  await store.close();
  // Values that were swapped in the database itself.
  const swap = async () => {
    const raw = await openDatabase(database.options);
    await sql`update grants set access_token = refresh_token, refresh_token = access_token`.execute(raw.db);
    await sql`update idempotency_keys set answer = (select access_token from grants)`.execute(raw.db);
    await raw.close();
  };
  await swap();
  await using again = await openStore(database.options);
  const gateway = await world.restart({ store: again });
  const reading = await gateway.query('{ connector(name: "acme") { status roles { name } } }');
  const email = `kept@${world.webex.org.domain}`;
  const before = world.webex.people.length;
  const { data } = await createUser(gateway, email);
  expect(world.webex.people.length).toBe(before);
  expect(reading.errors?.[0]?.extensions).toMatchObject({ code: 'SECRET_UNREADABLE' });
  expect(data?.createUser).toMatchObject({ user: null, error: { code: 'SECRET_UNREADABLE' } });
  const logged = gateway.log.filter((line) => line.includes('a stored secret does not open')).join();
  expect(logged).toContain('grants/');
  await gateway[Symbol.asyncDispose]();
  await again.close();
  await swap();
  await using repaired = await openStore(database.options);
  const acme = await repaired.connectors.getByName('acme');
  expect(await repaired.grants.get(acme?.id ?? '')).toMatchObject({ status: 'ACTIVE' });
});
