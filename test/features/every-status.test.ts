import { afterAll, beforeAll, describe, it } from 'vitest';
import { Random } from '../../src/sandbox/random.ts';
import { expectTruth, WRITES } from '../statuses.ts';
import { startWorld, type World } from '../world.ts';

/** All statuses are tried by the soak test; here each run tries others. */
const SEED = Number(process.env.STATUS_SEED ?? Date.now() % 1_000_000);

let world: World;

beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 60 }, lateWriteGrace: 0.05 });
});
afterAll(() => world[Symbol.asyncDispose]());

describe(`a write that is answered with any status (STATUS_SEED=${SEED})`, () => {
  it.each(WRITES)('$mutation tells the truth in the answer and in the audit trail', async (write) => {
    const random = new Random(SEED);
    const statuses = [random.between(200, 399), random.between(400, 499), random.between(500, 599)];
    for (const [index, status] of statuses.entries()) {
      for (const applied of [true, false]) {
        await expectTruth(
          world,
          write,
          status,
          applied,
          WRITES.indexOf(write) * 100 + index * 2 + Number(applied),
        );
      }
    }
  });
});
