import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostileRequests } from '../hostile-requests.ts';
import { startWorld, type World } from '../world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const COUNT = 500;

/** Bytes that are still wanted. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

describe('hostile documents', () => {
  const seed = Number(process.env.HOSTILE_SEED ?? Date.now() % 1_000_000);

  it(`are refused with a typed error, and honest queries beside them answered (HOSTILE_SEED=${seed})`, async () => {
    world.webex.requests.clear();
    const first = world.webex.people.slice(0, 2).map(({ displayName }) => ({ displayName }));
    let honest = 0;
    const heap = heapUsed();
    const busy = process.cpuUsage();
    for (const [index, { what, body, codes }] of hostileRequests(seed, COUNT).entries()) {
      const { data, errors } = await world.query<null>('', {}, { body });
      const found = errors?.map(({ extensions }) => extensions.code) ?? [];
      expect([what, index, data ?? null, found.filter((code) => !codes.includes(code))]).toEqual([
        what,
        index,
        null,
        [],
      ]);
      expect([what, found.length > 0]).toEqual([what, true]);
      if (index % 10 !== 0) continue;
      honest += 1;
      const asked = await world.ask('{ connector { users(first: 2) { nodes { displayName } } } }');
      expect(asked).toEqual({ connector: { users: { nodes: first } } });
    }
    expect(world.webex.requests.count()).toBe(honest);
    // Some milliseconds each; bench/questions/hostile-documents.ts measures them.
    expect(process.cpuUsage(busy).user).toBeLessThan(60_000_000);
    expect(heapUsed() - heap).toBeLessThan(150_000_000);
  });
});
