import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NameTaken } from '../../src/errors/request.ts';
import type { ConnectorRecord, NewConnector } from '../../src/store/connectors.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { type FreshDatabase, freshDatabase } from '../databases.ts';

const SETTINGS: NewConnector = {
  name: 'Example',
  clientId: 'client',
  clientSecret: 'hush',
  serviceUri: 'https://webexapis.com/v1',
  tokenEndpoint: 'https://webexapis.com/v1/access_token',
  authorizationEndpoint: 'https://webexapis.com/v1/authorize',
  scopes: ['spark-admin:people_read', 'odd "one", with {braces}'],
  maximumConnections: 10,
  connectionTimeout: 30,
};

let database: FreshDatabase;
let store: Store;
beforeAll(async () => {
  database = await freshDatabase();
  store = await openStore(database.options);
});
afterAll(async () => {
  await store.close();
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  for (const connector of await store.connectors.list()) await store.connectors.delete(connector.id);
});

const create = (changes: Partial<NewConnector> = {}): Promise<ConnectorRecord> =>
  store.connectors.create({ ...SETTINGS, ...changes });

describe('a connector', () => {
  test('is given an id, version 1 and dates, and read back as it was made', async () => {
    const before = Date.now();
    const made = await create();
    expect(made).toMatchObject({ ...SETTINGS, version: 1 });
    expect(made.createdAt).toEqual(made.updatedAt);
    // The database may run on another clock.
    expect(Math.abs(made.createdAt.getTime() - before)).toBeLessThan(3_600_000);
    expect(await store.connectors.get(made.id)).toEqual(made);
    expect(await store.connectors.get(made.id.toUpperCase())).toBeNull();
    expect(await store.connectors.getByName('Example')).toEqual(made);
  });

  test('is for Webex unless another kind is given, and the database takes no kind that the gateway does not know', async () => {
    expect(await create()).toMatchObject({ kind: 'WEBEX' });
    const kind = JSON.parse('"IDENTITY_CLOUDS"');
    await expect(create({ name: 'Unknown kind', kind })).rejects.toThrow('connectors_kind');
    expect(await store.connectors.getByName('Unknown kind')).toBeNull();
  });

  test('may lack a secret and scopes', async () => {
    const made = await create({ clientSecret: null, scopes: [] });
    expect(await store.connectors.get(made.id)).toMatchObject({ clientSecret: null, scopes: [] });
  });

  test('has a name of its own', async () => {
    const { id } = await create({ name: 'Other' });
    await create();
    await expect(create()).rejects.toThrow(NameTaken);
    await expect(create()).rejects.toMatchObject({ takenName: 'Example' });
    await expect(store.connectors.update(id, 1, { name: 'Example' })).rejects.toThrow(NameTaken);
    expect(await store.connectors.get(id)).toMatchObject({ name: 'Other', version: 1 });
  });

  test('gets one of its names when several ask at once', async () => {
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => create()));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(await store.connectors.list()).toHaveLength(1);
  });

  test.each([
    '',
    'nonsense',
    '../etc',
    'a\0b',
    "' or true --",
    randomUUID(),
  ])('with the id or name %j is not found', async (text) => {
    await create();
    expect(await store.connectors.get(text)).toBeNull();
    expect(await store.connectors.getByName(text)).toBeNull();
    expect(await store.connectors.update(text, 1, { name: 'New' })).toBeNull();
    expect(await store.connectors.delete(text)).toBe(false);
  });

  test('can be deleted once', async () => {
    const { id } = await create();
    expect(await store.connectors.delete(id)).toBe(true);
    expect(await store.connectors.delete(id)).toBe(false);
    expect(await store.connectors.get(id)).toBeNull();
  });
});

describe('changing a connector', () => {
  test('changes what is given and nothing else', async () => {
    const made = await create();
    const changed = await store.connectors.update(made.id, 1, { name: 'New', scopes: ['x'] });
    expect(changed).toMatchObject({ ...SETTINGS, name: 'New', scopes: ['x'], version: 2 });
    expect(changed?.createdAt).toEqual(made.createdAt);
    expect(await store.connectors.get(made.id)).toEqual(changed);
  });

  test('changes each of the settings', async () => {
    const { id } = await create();
    const changes: NewConnector = {
      name: 'b',
      clientId: 'c',
      clientSecret: 'd',
      serviceUri: 'e',
      tokenEndpoint: 'f',
      authorizationEndpoint: 'g',
      scopes: ['h'],
      maximumConnections: 1,
      connectionTimeout: 2,
      proxyUrl: 'http://user:canary@proxy.example:3128/',
      caCertificates: 'pem',
      clientAuthentication: 'CLIENT_SECRET_BASIC',
      organizationId: 'organization',
      readOnly: true,
      declared: true,
    };
    expect(await store.connectors.update(id, 1, changes)).toMatchObject(changes);
    expect(await store.connectors.update(id, 2, { clientSecret: null })).toMatchObject({
      ...changes,
      clientSecret: null,
    });
  });

  test('changes nothing when the record moved on', async () => {
    const { id } = await create();
    await store.connectors.update(id, 1, { name: 'First' });
    expect(await store.connectors.update(id, 1, { name: 'Second' })).toBeNull();
    expect(await store.connectors.get(id)).toMatchObject({ name: 'First', version: 2 });
  });

  test('lets one of several writers win', async () => {
    const { id } = await create();
    const writers = Array.from({ length: 10 }, (_, index) =>
      store.connectors.update(id, 1, { name: `Writer ${index}` }),
    );
    const won = (await Promise.all(writers)).filter((record) => record !== null);
    expect(won).toHaveLength(1);
    expect(await store.connectors.get(id)).toEqual(won[0]);
  });
});

describe('several connectors', () => {
  test('are listed by name', async () => {
    for (const name of ['b', 'A', 'ä', 'a', 'B']) await create({ name });
    expect((await store.connectors.list()).map((connector) => connector.name)).toEqual([
      'A',
      'B',
      'a',
      'b',
      'ä',
    ]);
  });

  test('come in the order of their ids, null for unknown ones', async () => {
    const one = await create({ name: 'one' });
    const two = await create({ name: 'two' });
    const ids = [two.id, 'nonsense', one.id, randomUUID(), two.id];
    expect(await store.connectors.getMany(ids)).toEqual([two, null, one, null, two]);
    expect(await store.connectors.getMany([])).toEqual([]);
    expect(await store.connectors.getMany(['nonsense'])).toEqual([null]);
  });
});

test('no secret is in an error, whatever the database says', async () => {
  const canary = 'canary-5d1f';
  await create();
  const errors: unknown[] = [];
  for (const changes of [{}, { name: 'Zero', maximumConnections: 0 }, { name: 'NUL\0' }]) {
    await create({ ...changes, clientSecret: canary }).catch((error: unknown) => errors.push(error));
  }
  expect(errors).toHaveLength(3);
  const shown = inspect(errors, { depth: Number.POSITIVE_INFINITY, showHidden: true });
  expect(shown + JSON.stringify(errors)).not.toContain(canary);
});
