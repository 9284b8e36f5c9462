import { describe, it } from 'vitest';
import { expectTruth, WRITES } from '../statuses.ts';
import { startWorld } from '../world.ts';
import { ROUNDS, random } from './rounds.ts';

const EVERY = Array.from({ length: 500 }, (_, index) => index + 100);
/** All of them in fifty rounds; some, chosen by the seed, in fewer. */
const STATUSES = ROUNDS >= 50 ? EVERY : EVERY.filter(() => random() < ROUNDS / 200);
const HUNDREDS = [1, 2, 3, 4, 5].map((hundred) => ({
  hundred,
  statuses: STATUSES.filter((status) => Math.floor(status / 100) === hundred),
}));
const CASES = WRITES.flatMap((write) =>
  HUNDREDS.map(({ hundred, statuses }) => ({ ...write, title: `${write.mutation}, ${hundred}00`, statuses })),
);

describe(`a write that is answered with ${STATUSES.length} of the statuses from 100 to 599`, () => {
  // Side by side, as some wait for seconds for what may have been created.
  it.concurrent.each(CASES)('$title: tells the truth in the answer and in the audit trail', async (write) => {
    await using world = await startWorld({
      sandbox: { users: 60 },
      connector: { connectionTimeout: 2 },
      lateWriteGrace: 0.05,
    });
    for (const status of write.statuses) {
      for (const applied of [true, false]) {
        await expectTruth(world, write, status, applied, status * 2 + Number(applied));
      }
    }
  });
});
