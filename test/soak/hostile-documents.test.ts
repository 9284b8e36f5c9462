import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostileRequest, hostileRequests } from '../hostile-requests.ts';
import { startWorld, type World } from '../world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const KINDS = 28;
const COUNT = 10 * KINDS;
const AT_ONCE = 10;

/** Bytes that are still wanted. What streams and signals leave behind is freed in turns of the event loop. */
async function heapUsed(): Promise<number> {
  setFlagsFromString('--expose-gc');
  for (let turn = 0; turn < 3; turn += 1) {
    runInNewContext('gc')();
    await nextTurn();
  }
  return process.memoryUsage().heapUsed;
}

/** Milliseconds that this thread has worked. */
function busyMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

async function refuse({ what, body, codes }: HostileRequest): Promise<void> {
  const { data, errors } = await world.query<Record<string, unknown>>('', {}, { body });
  const found = errors?.map(({ extensions }) => extensions.code) ?? [];
  const others = found.filter((code) => !codes.includes(code));
  const answered = Object.entries(data ?? {}).filter(([, value]) => value !== null);
  expect([what, answered, others, found.length > 0]).toEqual([what, [], [], true]);
}

function sizeOf(requests: readonly HostileRequest[]): number {
  return requests.reduce((bytes, { body }) => bytes + body.length, 0);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

describe('hostile documents', () => {
  const seed = Number(process.env.HOSTILE_SEED ?? Date.now() % 1_000_000);

  it(`are refused with a typed error, and little is done or kept for each (HOSTILE_SEED=${seed})`, async () => {
    const requests = hostileRequests(seed, COUNT);
    for (const hostile of hostileRequests(seed + 1, KINDS)) await refuse(hostile);
    const heap = await heapUsed();
    const spent: number[] = [];
    for (const hostile of requests) {
      const before = busyMs();
      await refuse(hostile);
      spent.push(busyMs() - before);
    }
    // Two or three are usual; bench/questions/hostile-documents.ts looks at the worst.
    expect(median(spent)).toBeLessThan(50);
    // Some that have been parsed are kept for the next request with the same text, and take more room than their text.
    const kept = (await heapUsed()) - heap;
    expect(kept).toBeLessThan(sizeOf(requests));
  });

  it(`leave honest queries beside them their answers, and nothing behind (HOSTILE_SEED=${seed})`, async () => {
    const first = world.webex.people.slice(0, 2).map(({ displayName }) => ({ displayName }));
    const beHonest = async () => {
      const asked = await world.ask('{ connector { users(first: 2) { nodes { displayName } } } }');
      expect(asked).toEqual({ connector: { users: { nodes: first } } });
    };
    const requests = hostileRequests(seed, COUNT);
    await beHonest();
    world.webex.requests.clear();
    const heap = await heapUsed();
    for (let from = 0; from < COUNT; from += AT_ONCE) {
      const [some, others] = [
        requests.slice(from, from + AT_ONCE / 2),
        requests.slice(from + AT_ONCE / 2, from + AT_ONCE),
      ];
      await Promise.all([...some.map(refuse), beHonest(), ...others.map(refuse)]);
    }
    expect(world.webex.requests.count()).toBe(COUNT / AT_ONCE);
    // The same as before, so that what is kept of them is there already.
    expect((await heapUsed()) - heap).toBeLessThan(sizeOf(requests) / 4);
  });
});
