import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NotFound } from '../../src/errors/request.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { CONNECTOR, type FreshDatabase, freshDatabase } from '../databases.ts';

const MINUTE_MS = 60_000;
const now = new Date();
const fromNow = (milliseconds: number) => new Date(now.getTime() + milliseconds);

let database: FreshDatabase;
let store: Store;
let connectorId: string;
beforeAll(async () => {
  database = await freshDatabase();
  store = await openStore(database.options);
  connectorId = await createConnector();
});
afterAll(async () => {
  await store.close();
  await database[Symbol.asyncDispose]();
});

async function createConnector(): Promise<string> {
  const connector = await store.connectors.create({
    name: randomUUID(),
    ...CONNECTOR,
    clientSecret: 'secret',
  });
  return connector.id;
}

async function begin(expiresAt = fromNow(10 * MINUTE_MS), id = connectorId): Promise<string> {
  const state = randomUUID();
  await store.authorizationRequests.create({
    state,
    connectorId: id,
    codeVerifier: `verifier of ${state}`,
    redirectUri: 'https://gateway.example.com/oauth/callback',
    scopes: ['a', 'b'],
    expiresAt,
  });
  return state;
}

describe('a begun authorization', () => {
  test('ends when twenty others of its connector have been begun after it', async () => {
    const id = await createConnector();
    const other = await begin();
    const states: string[] = [];
    for (let count = 0; count < 22; count += 1) states.push(await begin(fromNow(10 * MINUTE_MS), id));
    const kinds = await Promise.all(
      states.map(async (state) => (await store.authorizationRequests.take(state, now)).kind),
    );
    expect(kinds).toEqual(states.map((_, index) => (index < 2 ? 'unknown' : 'taken')));
    expect((await store.authorizationRequests.take(other, now)).kind).toBe('taken');
  });

  test('is taken once with all that was kept for it', async () => {
    const state = await begin();
    expect(await store.authorizationRequests.take(state, now)).toMatchObject({
      kind: 'taken',
      request: {
        connectorId,
        codeVerifier: `verifier of ${state}`,
        redirectUri: 'https://gateway.example.com/oauth/callback',
        returnTo: null,
        scopes: ['a', 'b'],
        expiresAt: fromNow(10 * MINUTE_MS),
      },
    });
    expect(await store.authorizationRequests.take(state, now)).toEqual({
      kind: 'used',
      connectorId,
      outcome: null,
    });
  });

  test('keeps where the browser goes in the end', async () => {
    await store.authorizationRequests.create({
      state: 'with-return',
      connectorId,
      codeVerifier: 'verifier',
      redirectUri: 'https://gateway.example.com/oauth/callback',
      returnTo: '/connectors',
      scopes: [],
      expiresAt: fromNow(MINUTE_MS),
    });
    expect(await store.authorizationRequests.take('with-return', now)).toMatchObject({
      request: { returnTo: '/connectors', scopes: [] },
    });
  });

  test('is taken by exactly one of twenty at once', async () => {
    const state = await begin();
    const results = await Promise.all(
      Array.from({ length: 20 }, () => store.authorizationRequests.take(state, now)),
    );
    const kinds = results.map((result) => result.kind);
    expect(kinds.filter((kind) => kind === 'taken')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'used')).toHaveLength(19);
  });

  test('tells later callers what came of it, and the first outcome stays', async () => {
    const state = await begin();
    await store.authorizationRequests.finish(state, { ok: false, message: 'too early' });
    await store.authorizationRequests.take(state, now);
    await store.authorizationRequests.finish(state, { ok: true, message: 'Connected "Example".' });
    await store.authorizationRequests.finish(state, { ok: false, message: 'too late' });
    expect(await store.authorizationRequests.take(state, now)).toEqual({
      kind: 'used',
      connectorId,
      outcome: { ok: true, message: 'Connected "Example".' },
    });
  });

  test('expires, to the millisecond', async () => {
    const state = await begin(fromNow(MINUTE_MS));
    expect(await store.authorizationRequests.take(state, fromNow(MINUTE_MS))).toEqual({
      kind: 'expired',
      connectorId,
    });
    expect(await store.authorizationRequests.take(state, fromNow(MINUTE_MS - 1))).toMatchObject({
      kind: 'taken',
    });
  });

  test('stays used after it expired', async () => {
    const state = await begin(fromNow(MINUTE_MS));
    await store.authorizationRequests.take(state, now);
    expect(await store.authorizationRequests.take(state, fromNow(2 * MINUTE_MS))).toMatchObject({
      kind: 'used',
    });
  });

  test('is forgotten a day after it expired, when another one begins', async () => {
    const old = await begin(fromNow(-25 * 60 * MINUTE_MS));
    const recent = await begin(fromNow(-23 * 60 * MINUTE_MS));
    await begin();
    expect(await store.authorizationRequests.take(old, now)).toEqual({ kind: 'unknown' });
    expect(await store.authorizationRequests.take(recent, now)).toMatchObject({ kind: 'expired' });
  });

  test('goes with its connector', async () => {
    const other = await createConnector();
    const state = await begin(undefined, other);
    await store.connectors.delete(other);
    expect(await store.authorizationRequests.take(state, now)).toEqual({ kind: 'unknown' });
  });

  test('belongs to a connector that exists', async () => {
    for (const id of [randomUUID(), 'nonsense']) await expect(begin(undefined, id)).rejects.toThrow(NotFound);
  });
});

test.each(['', 'never begun', 'a\0b'])('the state %j is unknown', async (state) => {
  expect(await store.authorizationRequests.take(state, now)).toEqual({ kind: 'unknown' });
});
