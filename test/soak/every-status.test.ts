import { describe, it } from 'vitest';
import { expectTruth, WRITES } from '../statuses.ts';
import { startWorld } from '../world.ts';

const STATUSES = Array.from({ length: 500 }, (_, index) => index + 100);

describe('a write that is answered with each status from 100 to 599', () => {
  it.each(WRITES)('$mutation tells the truth in the answer and in the audit trail', async (write) => {
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
  });
});
