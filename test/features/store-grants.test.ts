import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NotFound } from '../../src/errors/request.ts';
import type { GrantTokens, NewGrant } from '../../src/store/grants.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { CONNECTOR, type FreshDatabase, freshDatabase } from '../databases.ts';

let database: FreshDatabase;
let store: Store;
let connectorId: string;
beforeAll(async () => {
  database = await freshDatabase();
  store = await openStore(database.options);
});
afterAll(async () => {
  await store.close();
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  const connector = await store.connectors.create({
    name: randomUUID(),
    ...CONNECTOR,
    clientSecret: null,
  });
  connectorId = connector.id;
});

const grantOf = (changes: Partial<NewGrant> = {}): NewGrant => ({
  connectorId,
  accessToken: 'access-1',
  accessTokenExpiresAt: new Date('2026-01-15T00:00:00.123Z'),
  refreshToken: 'refresh-1',
  refreshTokenExpiresAt: new Date('2026-04-01T00:00:00Z'),
  scopes: ['a', 'b'],
  organizationId: 'organization',
  grantedFor: 'client and servers',
  personId: 'person',
  connectedAt: new Date('2026-01-01T00:00:00Z'),
  ...changes,
});
const NEW_TOKENS: GrantTokens = {
  accessToken: 'access-2',
  accessTokenExpiresAt: new Date('2026-02-15T00:00:00Z'),
  refreshToken: 'refresh-2',
  refreshTokenExpiresAt: new Date('2026-05-01T00:00:00Z'),
};

describe('a grant', () => {
  test('is read back as it was put, and active', async () => {
    const put = await store.grants.put(grantOf());
    expect(put).toMatchObject({ ...grantOf(), status: 'ACTIVE' });
    expect(await store.grants.get(connectorId)).toEqual(put);
  });

  test('may lack a refresh token, its end and a person', async () => {
    const lacking = { refreshToken: null, refreshTokenExpiresAt: null, personId: null };
    const put = await store.grants.put(grantOf(lacking));
    expect(put).toMatchObject(lacking);
  });

  test('belongs to a connector that exists', async () => {
    for (const id of [randomUUID(), 'nonsense']) {
      await expect(store.grants.put(grantOf({ connectorId: id }))).rejects.toThrow(NotFound);
    }
  });

  test('is not there before connecting, nor for ids that cannot be', async () => {
    for (const id of [connectorId, 'nonsense', randomUUID()]) {
      expect(await store.grants.get(id)).toBeNull();
      expect(await store.grants.replaceTokens(id, 1, NEW_TOKENS)).toBeNull();
      expect(await store.grants.requireReconnect(id, 1)).toBe(false);
      expect(await store.grants.delete(id)).toBe(false);
    }
  });

  test('goes with its connector', async () => {
    await store.grants.put(grantOf());
    await store.connectors.delete(connectorId);
    expect(await store.grants.get(connectorId)).toBeNull();
  });

  test('can be deleted once', async () => {
    await store.grants.put(grantOf());
    expect(await store.grants.delete(connectorId)).toBe(true);
    expect(await store.grants.delete(connectorId)).toBe(false);
  });
});

describe('new tokens', () => {
  test('replace the old ones and keep the rest', async () => {
    const put = await store.grants.put(grantOf());
    const replaced = await store.grants.replaceTokens(connectorId, put.version, NEW_TOKENS);
    expect(replaced).toEqual({ ...put, ...NEW_TOKENS, version: replaced?.version });
    expect(replaced?.version).toBeGreaterThan(put.version);
    expect(await store.grants.get(connectorId)).toEqual(replaced);
  });

  test('bring their scopes where there are some', async () => {
    const { version } = await store.grants.put(grantOf());
    const replaced = await store.grants.replaceTokens(connectorId, version, { ...NEW_TOKENS, scopes: ['c'] });
    expect(replaced?.scopes).toEqual(['c']);
  });

  test('of one renewal win where two ran at once', async () => {
    const { version } = await store.grants.put(grantOf());
    const renewals = Array.from({ length: 10 }, (_, index) =>
      store.grants.replaceTokens(connectorId, version, { ...NEW_TOKENS, accessToken: `access-${index}` }),
    );
    const won = (await Promise.all(renewals)).filter((record) => record !== null);
    expect(won).toHaveLength(1);
    expect(await store.grants.get(connectorId)).toEqual(won[0]);
  });

  test('for a grant that was deleted and made again are refused', async () => {
    const { version } = await store.grants.put(grantOf());
    await store.grants.delete(connectorId);
    const again = await store.grants.put(grantOf({ accessToken: 'access-new' }));
    expect(await store.grants.replaceTokens(connectorId, version, NEW_TOKENS)).toBeNull();
    expect(await store.grants.requireReconnect(connectorId, version)).toBe(false);
    expect(await store.grants.get(connectorId)).toEqual(again);
  });
});

describe('a grant that Webex refuses', () => {
  test('requires connecting again, after which it is active', async () => {
    const put = await store.grants.put(grantOf());
    expect(await store.grants.requireReconnect(connectorId, put.version)).toBe(true);
    const refused = await store.grants.get(connectorId);
    expect(refused).toMatchObject({ status: 'RECONNECT_REQUIRED', accessToken: 'access-1' });
    expect(refused?.version).toBeGreaterThan(put.version);
    const again = await store.grants.put(grantOf({ organizationId: 'other', scopes: [] }));
    expect(again).toMatchObject({ status: 'ACTIVE', organizationId: 'other', scopes: [] });
    expect(again.version).toBeGreaterThan(refused?.version ?? Number.POSITIVE_INFINITY);
  });

  test('does not require it when it was renewed meanwhile', async () => {
    const { version } = await store.grants.put(grantOf());
    await store.grants.replaceTokens(connectorId, version, NEW_TOKENS);
    expect(await store.grants.requireReconnect(connectorId, version)).toBe(false);
    expect(await store.grants.get(connectorId)).toMatchObject({ status: 'ACTIVE' });
  });
});
