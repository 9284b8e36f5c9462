import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openStore, type Store } from '../../src/store/store.ts';
import { CONNECTOR, type FreshDatabase, freshDatabase } from '../databases.ts';

const HOUR_MS = 3_600_000;

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
afterEach(() => {
  vi.useRealTimers();
});

async function createConnector(): Promise<string> {
  const { id } = await store.connectors.create({
    name: randomUUID(),
    ...CONNECTOR,
    clientSecret: 'secret',
  });
  return id;
}

/** Hours that are left of a connector's pause, rounded up. */
async function hoursLeft(id: string): Promise<number | undefined> {
  const left = (await store.throttles.remaining()).get(id);
  return left === undefined ? undefined : Math.ceil(left / HOUR_MS);
}

describe('the pauses of connectors', () => {
  test('are none at first', async () => {
    const id = await createConnector();
    expect(await hoursLeft(id)).toBeUndefined();
  });

  test('are kept for each connector', async () => {
    const [one, other] = [await createConnector(), await createConnector()];
    await store.throttles.raise(one, HOUR_MS);
    await store.throttles.raise(other, 3 * HOUR_MS);
    expect([await hoursLeft(one), await hoursLeft(other)]).toEqual([1, 3]);
  });

  test('become longer, never shorter', async () => {
    const id = await createConnector();
    await store.throttles.raise(id, 2 * HOUR_MS);
    await store.throttles.raise(id, HOUR_MS);
    expect(await hoursLeft(id)).toBe(2);
    await store.throttles.raise(id, 4 * HOUR_MS);
    expect(await hoursLeft(id)).toBe(4);
  });

  test('end, and can begin again', async () => {
    const id = await createConnector();
    await store.throttles.raise(id, 0.5);
    await expect.poll(() => hoursLeft(id), { interval: 5 }).toBeUndefined();
    await store.throttles.raise(id, HOUR_MS);
    expect(await hoursLeft(id)).toBe(1);
  });

  test('keep the longest of many that are noted at once', async () => {
    const id = await createConnector();
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => store.throttles.raise(id, (index + 1) * HOUR_MS)),
    );
    expect(await hoursLeft(id)).toBe(10);
  });

  test.runIf(process.env.TEST_DATABASE_URL)('do not depend on the clock of the process', async () => {
    const id = await createConnector();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5 * HOUR_MS });
    await store.throttles.raise(id, 2 * HOUR_MS);
    vi.setSystemTime(Date.now() - 10 * HOUR_MS);
    expect(await hoursLeft(id)).toBe(2);
  });

  test('go with their connector, and one of a connector that is gone is nothing', async () => {
    const id = await createConnector();
    await store.throttles.raise(id, HOUR_MS);
    await store.connectors.delete(id);
    expect(await hoursLeft(id)).toBeUndefined();
    for (const unknown of [id, randomUUID(), 'nonsense', '']) await store.throttles.raise(unknown, HOUR_MS);
    expect(await hoursLeft(id)).toBeUndefined();
  });
});
