import { describe, it } from 'vitest';
import { expectTruth, WRITES } from '../statuses.ts';
import { startWorld } from '../world.ts';
import { ROUNDS, random } from './rounds.ts';

const EVERY = Array.from({ length: 500 }, (_, index) => index + 100);
/** All of them in fifty rounds; some, chosen by the seed, in fewer. */
const STATUSES = ROUNDS >= 50 ? EVERY : EVERY.filter(() => random() < ROUNDS / 200);

describe(`a write that is answered with ${STATUSES.length} of the statuses from 100 to 599`, () => {
  // Side by side, as some wait for seconds for what may have been created.
  it.concurrent.each(
    WRITES,
  )('$mutation tells the truth in the answer and in the audit trail', async (write) => {
    await using world = await startWorld({
      sandbox: { users: 60 },
      connector: { connectionTimeout: 2 },
      lateWriteGrace: 0.05,
    });
    for (const status of STATUSES) {
      for (const applied of [true, false]) {
        await expectTruth(world, write, status, applied, status * 2 + Number(applied));
      }
    }
  }, 3_600_000);
});
